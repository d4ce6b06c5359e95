import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import {
  type Command,
  type Decision,
  event,
  eventCatalogue,
  eventId,
  type FactOf,
  handle,
  isRefusal,
  MemoryJournal,
  refuse,
  uuidv7,
} from './index.ts';
import { specFor } from './spec.ts';

const counterEvents = eventCatalogue({ Counted: event(1, z.object({ by: z.number() })) });
type Counted = FactOf<typeof counterEvents.types>;
interface Count extends Command {
  readonly type: 'Count';
  readonly data: { readonly by: number };
}

const counter = {
  initial: 0,
  events: counterEvents,
  evolve: (sum: number, { data }: Counted) => sum + data.by,
  decide: ({ data }: Count, sum: number): Decision<Counted> =>
    sum + data.by > 1_000 ? refuse('too_many') : [{ type: 'Counted', data: { by: data.by } }],
};

const context = (id = uuidv7()) => ({ id, correlation: id, actor: 'public', at: '2026-01-01T00:00:00.000Z' });
const count = (by: number): Count => ({ type: 'Count', data: { by }, now: '2026-01-01T00:00:00.000Z' });

describe('handling a command', () => {
  test('answers the state after it', async () => {
    const handled = await handle(new MemoryJournal(), counter, 'counter-1', count(3), { context: context() });
    expect(handled).toMatchObject({ state: 3, revision: 0, position: 1 });
  });

  test('answers a refusal and appends nothing', async () => {
    const journal = new MemoryJournal();
    expect(isRefusal(await handle(journal, counter, 'counter-1', count(2_000), { context: context() }))).toBe(true);
    expect(await journal.read('counter-1')).toEqual([]);
  });

  test('loses none of fifty commands that race from two processes', async () => {
    const journal = new MemoryJournal();
    const otherProcess = { read: journal.read.bind(journal), last: journal.last.bind(journal), append: journal.append.bind(journal) };
    await Promise.all(
      Array.from({ length: 50 }, (_, n) => handle(n % 2 ? journal : otherProcess, counter, 'counter-1', count(1), { context: context() })),
    );
    expect(await journal.read('counter-1')).toHaveLength(50);
  });

  test('decides nothing on a stream that a newer release wrote', async () => {
    const journal = new MemoryJournal();
    await journal.append(
      'counter-1',
      [{ id: uuidv7(), type: 'Multiplied', schema: 1, data: {}, metadata: { command: '', correlation: '', actor: '', at: '' } }],
      {
        expect: 'no-stream',
      },
    );
    await expect(handle(journal, counter, 'counter-1', count(1), { context: context() })).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('the id of an event', () => {
  test('is the same for a resend and another for another stream or place', () => {
    const command = uuidv7();
    expect(eventId(command, 'counter-1', 0)).toBe(eventId(command, 'counter-1', 0));
    expect(new Set([eventId(command, 'counter-1', 0), eventId(command, 'counter-2', 0), eventId(command, 'counter-1', 1)]).size).toBe(3);
  });
  test('sorts by the time of the command', () => {
    expect(eventId(uuidv7(1_000), 's', 0) < eventId(uuidv7(2_000), 's', 0)).toBe(true);
  });
});

test('specs of deciders see what was decided', () =>
  specFor(counter)
    .given({ type: 'Counted', data: { by: 1 } })
    .when(count(2))
    .then({ type: 'Counted', data: { by: 2 } }));
