import { type Journal, MemoryJournal, uuidv7 } from '@flexistream/kernel';
import { describe, expect, jest, test } from '@jest/globals';
import { PlacesLedger } from './ledger.ts';

const context = () => {
  const id = uuidv7();
  return { id, correlation: id, actor: 'public', at: '2026-01-01T00:00:00.000Z' };
};
const limit = (to: number) => ({ limit: to, present: [], atLeastPresent: true });
const times = (n: number) => Array.from({ length: n }, (_, index) => index);

describe('the ledger of places', () => {
  test('gives exactly as many as there are, to two processes with 64 askers', async () => {
    const journal = new MemoryJournal();
    const processes = [new PlacesLedger(journal), new PlacesLedger(journal)];
    await processes[0]?.setLimit('one', limit(10), context());
    const answers = await Promise.all(times(64).map((n) => processes[n % 2]?.take('one', `account-${n}`, context())));
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(10);
    expect(answers.filter((answer) => answer?.refused === 'too_many_accounts')).toHaveLength(54);
    expect((await new PlacesLedger(journal).of('one')).holders.size).toBe(10);
  });

  test('sees what another process did', async () => {
    const journal = new MemoryJournal();
    const [mine, theirs] = [new PlacesLedger(journal), new PlacesLedger(journal)];
    await mine.setLimit('one', limit(1), context());
    expect((await theirs.of('one')).limit).toBe(1);
    await mine.take('one', 'account-1', context());
    expect((await theirs.of('one')).holders.size).toBe(1);
    await theirs.release('one', 'account-1', context());
    expect((await mine.of('one')).holders.size).toBe(0);
  });

  test('reads only what it has not seen', async () => {
    const memory = new MemoryJournal();
    const read = jest.fn(memory.read.bind(memory));
    const journal: Journal = { read, last: memory.last.bind(memory), append: memory.append.bind(memory) };
    const ledger = new PlacesLedger(journal);
    await ledger.setLimit('one', limit(9), context());
    for (const n of times(3)) await ledger.take('one', `account-${n}`, context());
    await ledger.of('one');
    expect(read).toHaveBeenLastCalledWith('places-one', { from: 3 });
  });

  test('decides nothing on what a newer release wrote', async () => {
    const journal = new MemoryJournal();
    const metadata = { command: '', correlation: '', actor: '', at: '' };
    await journal.append('places-one', [{ id: uuidv7(), type: 'PlacesSold', schema: 1, data: {}, metadata }], { expect: 'no-stream' });
    await expect(new PlacesLedger(journal).of('one')).rejects.toMatchObject({ code: 'unavailable' });
  });
});
