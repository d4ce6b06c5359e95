import { fixedClock } from '@flexistream/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryKeyStore, masterKeyFromText, openPseudonyms, openVault } from './index.ts';

const masterKey = masterKeyFromText('a text that is long enough for a master key');
const clock = fixedClock();
const open = async (keys = new MemoryKeyStore(), remembered = 100) => {
  const vault = await openVault({ keys, masterKey, service: 'statistics' });
  return { keys, pseudonyms: await openPseudonyms({ keys, vault, masterKey, service: 'statistics', clock, remembered }) };
};

describe('the number of a text', () => {
  test('leads back to it, whatever it is', async () => {
    const { pseudonyms } = await open();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
        const number = await pseudonyms.numberFor('address', text);
        expect(await pseudonyms.textOf(number)).toBe(text);
      }),
    );
  });

  test('is a positive integer below 2^48', async () => {
    const { pseudonyms } = await open();
    const number = await pseudonyms.numberFor('device', 'urn:uuid:1');
    expect(Number.isInteger(number) && number > 0 && number < 2 ** 48).toBe(true);
  });

  test('is one for a hundred first sights at once, in two processes', async () => {
    const { keys, pseudonyms } = await open();
    const other = (await open(keys)).pseudonyms;
    const sights = Array.from({ length: 100 }, (_, n) => (n % 2 ? pseudonyms : other).numberFor('address', 'sip:jane@sip.example.org'));
    expect(new Set(await Promise.all(sights)).size).toBe(1);
  });

  test('stays after a restart, and when more texts were seen than are remembered', async () => {
    const { keys, pseudonyms } = await open(new MemoryKeyStore(), 2);
    const numbers = [];
    for (let n = 0; n < 10; n++) numbers.push(await pseudonyms.numberFor('address', `sip:${n}`));
    for (let n = 0; n < 10; n++) expect(await pseudonyms.numberFor('address', `sip:${n}`)).toBe(numbers[n]);
    expect(await (await open(keys)).pseudonyms.numberFor('address', 'sip:3')).toBe(numbers[3]);
  });

  test('differs by kind', async () => {
    const { pseudonyms } = await open();
    expect(await pseudonyms.numberFor('address', 'same')).not.toBe(await pseudonyms.numberFor('device', 'same'));
  });

  test('reads no more than needed for a text that it remembers', async () => {
    let look = 0;
    class Counting extends MemoryKeyStore {
      override findByHash(hash: string) {
        look++;
        return super.findByHash(hash);
      }
    }
    const { pseudonyms } = await open(new Counting());
    for (let n = 0; n < 5; n++) await pseudonyms.numberFor('address', 'sip:jane');
    expect(look).toBe(1);
  });

  test('is drawn again when it was given out before', async () => {
    class Taken extends MemoryKeyStore {
      refusals = 3;
      override async create(record: Parameters<MemoryKeyStore['create']>[0]) {
        if (!record.id.startsWith('number:') || this.refusals-- <= 0) return super.create(record);
        if (this.refusals === 1) await this.destroy(record.id);
        else await super.create({ ...record, hash: `another-${this.refusals}` });
        return super.create(record);
      }
    }
    const keys = new Taken();
    const { pseudonyms } = await open(keys);
    const number = await pseudonyms.numberFor('address', 'sip:jane');
    expect(keys.refusals).toBe(-1);
    expect(await pseudonyms.textOf(number)).toBe('sip:jane');
  });
});

describe('an erased text', () => {
  test('is gone, and comes back under another number', async () => {
    const { pseudonyms } = await open();
    const number = await pseudonyms.numberFor('address', 'sip:jane');
    await pseudonyms.erase(number);
    expect(await pseudonyms.textOf(number)).toBe('erased');
    const next = await pseudonyms.numberFor('address', 'sip:jane');
    expect(next).not.toBe(number);
    expect(await pseudonyms.textOf(next)).toBe('sip:jane');
  });

  test('is not remembered from a look-up that it overtook', async () => {
    const { keys, pseudonyms } = await open();
    const number = await pseudonyms.numberFor('address', 'sip:jane');
    const another = (await open(keys)).pseudonyms;
    const [, after] = await Promise.all([another.numberFor('address', 'sip:jane'), another.erase(number)]);
    expect(after).toBeUndefined();
    expect(await another.numberFor('address', 'sip:jane')).not.toBe(number);
  });

  test('is noticed within a minute where another process erased it', async () => {
    const { keys, pseudonyms } = await open();
    const number = await pseudonyms.numberFor('address', 'sip:jane');
    await (await open(keys)).pseudonyms.erase(number);
    clock.advance(60_000);
    expect(await pseudonyms.numberFor('address', 'sip:jane')).not.toBe(number);
  });

  test('takes the devices along that it owns, and no others', async () => {
    const { pseudonyms } = await open();
    const [jane, hers, joes] = await Promise.all([
      pseudonyms.numberFor('address', 'sip:jane'),
      pseudonyms.numberFor('device', 'urn:uuid:1'),
      pseudonyms.numberFor('device', 'urn:uuid:2'),
    ]);
    expect(await pseudonyms.own(hers, jane)).toBe(true);
    expect(await pseudonyms.own(hers, joes)).toBe(false);
    await pseudonyms.erase(jane);
    expect(await Promise.all([hers, joes].map((number) => pseudonyms.textOf(number)))).toEqual(['erased', 'urn:uuid:2']);
  });

  test('takes a device along that is given to it too late', async () => {
    const { pseudonyms } = await open();
    const [jane, device] = await Promise.all([pseudonyms.numberFor('address', 'sip:jane'), pseudonyms.numberFor('device', 'urn:uuid:1')]);
    await pseudonyms.erase(jane);
    expect(await pseudonyms.own(device, jane)).toBe(false);
    expect(await pseudonyms.textOf(device)).toBe('erased');
  });
});

describe('a subject of ours', () => {
  test('takes its addresses along, and their devices', async () => {
    const { pseudonyms } = await open();
    const [jane, hers] = await Promise.all([pseudonyms.numberFor('address', 'sip:jane'), pseudonyms.numberFor('device', 'urn:uuid:1')]);
    expect(await pseudonyms.isOwned(jane)).toBe(false);
    expect(await pseudonyms.tie(jane, 'account:7')).toBe(true);
    expect(await pseudonyms.isOwned(jane)).toBe(true);
    expect(await pseudonyms.tie(jane, 'account:8')).toBe(false);
    await pseudonyms.own(hers, jane);
    await pseudonyms.eraseSubject('account:7');
    expect(await Promise.all([jane, hers].map((number) => pseudonyms.textOf(number)))).toEqual(['erased', 'erased']);
    expect(await pseudonyms.numberFor('address', 'sip:jane')).not.toBe(jane);
  });

  test('takes an address along that is tied to it too late', async () => {
    const { pseudonyms } = await open();
    await pseudonyms.eraseSubject('account:7');
    const jane = await pseudonyms.numberFor('address', 'sip:jane');
    expect(await pseudonyms.tie(jane, 'account:7')).toBe(false);
    expect(await pseudonyms.textOf(jane)).toBe('erased');
  });
});

test('a text that was never seen has no number, and gets none by being looked for', async () => {
  const { pseudonyms } = await open();
  expect(await pseudonyms.find('address', 'sip:jane')).toBeUndefined();
  expect(await pseudonyms.find('address', 'sip:jane')).toBeUndefined();
  const number = await pseudonyms.numberFor('address', 'sip:jane');
  expect(await pseudonyms.find('address', 'sip:jane')).toBe(number);
  expect(await pseudonyms.find('device', 'sip:jane')).toBeUndefined();
});

test('the key store shows no text', async () => {
  const seen: string[] = [];
  class Watched extends MemoryKeyStore {
    override create(record: Parameters<MemoryKeyStore['create']>[0]) {
      seen.push(record.id, record.hash ?? '', Buffer.from(record.body).toString('latin1'));
      return super.create(record);
    }
  }
  const { pseudonyms } = await open(new Watched());
  await pseudonyms.numberFor('address', 'sip:jane@sip.example.org');
  expect(seen.length).toBeGreaterThan(3);
  expect(seen.join('\n')).not.toContain('jane');
});
