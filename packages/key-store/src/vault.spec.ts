import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryKeyStore, masterKeyFromText, openVault } from './index.ts';

const masterKey = masterKeyFromText('a text that is long enough for a master key');
const open = async (keys = new MemoryKeyStore()) => ({ keys, vault: await openVault({ keys, masterKey, service: 'accounts' }) });
const person = { name: 'Jane', phone: '+33612345678' };

const flipBit = (text: string, at: number): string => {
  const bytes = Buffer.from(text, 'base64url');
  const index = at % (bytes.length * 8);
  bytes[index >> 3] = (bytes[index >> 3] ?? 0) ^ (1 << (index & 7));
  return bytes.toString('base64url');
};

describe('a sealed part', () => {
  test('opens to any value that went in', async () => {
    const { vault } = await open();
    const words = fc.tuple(fc.string({ unit: 'binary' }), fc.string(), fc.uuid());
    await fc.assert(
      fc.asyncProperty(words, fc.dictionary(fc.string(), fc.jsonValue()), async ([subject, stream, id], value) => {
        const sealed = await vault.seal(subject, stream, id, value);
        expect(await vault.open(stream, id, sealed)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('shows nothing of it, and never looks the same twice', async () => {
    const { vault } = await open();
    const [once, again] = await Promise.all([vault.seal('account-1', 's', 'e', person), vault.seal('account-1', 's', 'e', person)]);
    expect(Buffer.from(once.$sealed, 'base64url').includes('Jane')).toBe(false);
    expect(once.$sealed).not.toBe(again.$sealed);
    expect(once.subject).toBe('account-1');
  });

  test('is refused when any bit of it was changed', async () => {
    const { vault } = await open();
    const sealed = await vault.seal('account-1', 'account-1', 'e', person);
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (at) => {
        const changed = { ...sealed, $sealed: flipBit(sealed.$sealed, at) };
        await expect(vault.open('account-1', 'e', changed)).rejects.toMatchObject({ code: 'key-store/tampered' });
      }),
    );
  });

  test('is refused when it was cut, lengthened or is no box at all', async () => {
    const { vault } = await open();
    const sealed = await vault.seal('account-1', 's', 'e', person);
    for (const $sealed of [
      sealed.$sealed.slice(0, -4),
      `${sealed.$sealed}AAAA`,
      `${sealed.$sealed} `,
      `${sealed.$sealed}=`,
      '',
      'AQ',
      'not a box',
    ])
      await expect(vault.open('s', 'e', { ...sealed, $sealed })).rejects.toMatchObject({ code: 'key-store/tampered' });
  });

  test('belongs to its stream, its event and its subject', async () => {
    const { vault } = await open();
    const sealed = await vault.seal('ab', 'cd', 'ef', person);
    await vault.seal('abc', 'x', 'y', person);
    await expect(vault.open('cde', 'f', sealed)).rejects.toMatchObject({ code: 'key-store/tampered' });
    await expect(vault.open('cd', 'eg', sealed)).rejects.toMatchObject({ code: 'key-store/tampered' });
    await expect(vault.open('d', 'ef', { ...sealed, subject: 'abc' })).rejects.toMatchObject({ code: 'key-store/tampered' });
  });

  test('opens after a restart and in another process', async () => {
    const { keys, vault } = await open();
    const sealed = await vault.seal('account-1', 's', 'e', person);
    expect(await (await open(keys)).vault.open('s', 'e', sealed)).toEqual(person);
  });

  test('opens whichever of a hundred parallel sealings made the key', async () => {
    const { keys, vault } = await open();
    const other = (await open(keys)).vault;
    const sealings = Array.from({ length: 100 }, (_, n) => (n % 2 ? vault : other).seal('account-1', 's', String(n), { n }));
    const opened = (await Promise.all(sealings)).map((sealed, n) => vault.open('s', String(n), sealed));
    expect(await Promise.all(opened)).toEqual(Array.from({ length: 100 }, (_, n) => ({ n })));
  });

  test('of many new subjects at once asks for all keys together, so that they can share a commit', async () => {
    let asked = 0;
    const all = Promise.withResolvers<void>();
    class Grouping extends MemoryKeyStore {
      override async create(record: Parameters<MemoryKeyStore['create']>[0]) {
        if (record.id.startsWith('subject:') && ++asked === 50) all.resolve();
        if (record.id.startsWith('subject:')) await all.promise;
        return super.create(record);
      }
    }
    const { vault } = await open(new Grouping());
    const sealed = await Promise.all(Array.from({ length: 50 }, (_, n) => vault.seal(`account-${n}`, 's', 'e', { n })));
    expect(await vault.open('s', 'e', sealed[49] ?? { $sealed: '', subject: '' })).toEqual({ n: 49 });
  });

  test('of a key that was lost, not destroyed, is no erased one', async () => {
    const { vault } = await open();
    const sealed = await vault.seal('account-1', 's', 'e', person);
    await expect((await open()).vault.open('s', 'e', sealed)).rejects.toMatchObject({ code: 'key-store/missing' });
  });
});

describe('an erased subject', () => {
  test('reads as erased and takes no more, for this vault and every other', async () => {
    const { keys, vault } = await open();
    const other = (await open(keys)).vault;
    const sealed = await vault.seal('account-1', 's', 'e', person);
    expect(await other.open('s', 'e', sealed)).toEqual(person);
    await vault.erase('account-1');
    for (const any of [vault, other, (await open(keys)).vault]) {
      expect(await any.open('s', 'e', sealed)).toBe('erased');
      await expect(any.seal('account-1', 's', 'f', person)).rejects.toMatchObject({ code: 'key-store/destroyed' });
    }
  });

  test('never comes back, whatever is done', async () => {
    const step = fc.record({ subject: fc.constantFrom('a', 'b', 'c'), does: fc.constantFrom('seal', 'erase', 'restart') });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        let { keys, vault } = await open();
        const sealed = [];
        const erased = new Set<string>();
        for (const { subject, does } of steps) {
          if (does === 'restart') ({ keys, vault } = await open(keys));
          else if (does === 'erase') await vault.erase(subject).then(() => erased.add(subject));
          else if (erased.has(subject))
            await expect(vault.seal(subject, 's', 'e', person)).rejects.toMatchObject({ code: 'key-store/destroyed' });
          else sealed.push(await vault.seal(subject, 's', 'e', { subject }));
          for (const part of sealed)
            expect(await vault.open('s', 'e', part)).toEqual(erased.has(part.subject) ? 'erased' : { subject: part.subject });
        }
      }),
      { numRuns: 50 },
    );
  });

  test('leaves the others alone', async () => {
    const { vault } = await open();
    const kept = await vault.seal('account-2', 's', 'e', person);
    await vault.erase('account-1');
    expect(await vault.open('s', 'e', kept)).toEqual(person);
  });

  test('may never have sealed anything', async () => {
    const { vault } = await open();
    await vault.erase('account-1');
    await expect(vault.seal('account-1', 's', 'e', person)).rejects.toMatchObject({ code: 'key-store/destroyed' });
  });
});

describe('a keyed hash', () => {
  test('is the same at each start and 64 hex digits', async () => {
    const { keys, vault } = await open();
    expect(vault.hash('name', 'jane')).toMatch(/^[0-9a-f]{64}$/);
    expect((await open(keys)).vault.hash('name', 'jane')).toBe(vault.hash('name', 'jane'));
  });

  test('differs by purpose, value and service key', async () => {
    const { vault } = await open();
    const elsewhere = (await open()).vault;
    const hashes = [vault.hash('a', 'bc'), vault.hash('ab', 'c'), vault.hash('a', 'bd'), elsewhere.hash('a', 'bc')];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('is the same in processes that start at once', async () => {
    const keys = new MemoryKeyStore();
    const vaults = await Promise.all(Array.from({ length: 10 }, () => open(keys)));
    expect(new Set(vaults.map(({ vault }) => vault.hash('name', 'jane'))).size).toBe(1);
  });
});

describe('a vault under the wrong key', () => {
  test('does not open with another master key', async () => {
    const { keys } = await open();
    const other = masterKeyFromText('another text that is long enough for a key');
    await expect(openVault({ keys, masterKey: other, service: 'accounts' })).rejects.toMatchObject({ code: 'key-store/master-key' });
  });

  test("does not open with another service's key store", async () => {
    const { keys } = await open();
    await expect(openVault({ keys, masterKey, service: 'tokens' })).rejects.toMatchObject({ code: 'key-store/master-key' });
  });
});
