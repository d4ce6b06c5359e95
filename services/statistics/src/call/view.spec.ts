import type { StoredEvent } from '@flexistream/kernel';
import { type Document, type EventChanges, MemoryReadModels } from '@flexistream/read-models';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CallEvent } from './events.ts';
import { callCounts, callStream, callsByParty, callView } from './view.ts';

const at = (second: number): string => `2026-03-12T14:53:${String(second).padStart(2, '0')}.000Z`;
const tony = { address: 11, domain: 'sip.example.org' };
const mike = { address: 12, domain: 'sip.example.org' };
const announced = (from = tony, to = mike): CallEvent => ({
  type: 'CallAnnounced',
  data: { from, to, initiatedAt: at(22), endedAt: null, conferenceId: null, sipCallId: null, devices: [], at: at(22) },
});
const reported = (device: number, more: object): CallEvent => ({ type: 'CallDeviceReported', data: { device, at: at(30), ...more } });
const ended = (second: number): CallEvent => ({ type: 'CallEnded', data: { endedAt: at(second), at: at(second) } });

const story: readonly (readonly [call: string, event: CallEvent])[] = [
  ['one', announced()],
  ['two', reported(21, { id: 1, rangAt: at(23) })],
  ['one', reported(21, { id: 2, rangAt: at(23) })],
  ['One', announced(mike, tony)],
  ['one', reported(22, { id: 3 })],
  ['one', reported(21, { terminated: { at: at(40), state: 'accepted' } })],
  ['one', reported(21, { rangAt: at(22) })],
  ['self', announced(mike, mike)],
  ['one', ended(50)],
  ['one', ended(49)],
  ['two', announced()],
];

const log = story.map(
  ([call, { type, data }], index): StoredEvent => ({
    id: `event ${index}`,
    type,
    schema: 1,
    data,
    metadata: { command: '', correlation: '', actor: 'account:1', at: at(0) },
    stream: callStream(call),
    revision: story.slice(0, index).filter(([other]) => other === call).length,
    position: index + 1,
  }),
);

const changes = (events: readonly StoredEvent[]): EventChanges[] =>
  events.map((event) => ({ position: event.position, key: event.stream, changes: callView.changes(event) }));

/** Delivers the log in batches that end at the given positions, each delivery after the one before. */
const after = async (...deliveries: (readonly number[])[]): Promise<MemoryReadModels> => {
  const models = new MemoryReadModels();
  await models.declare([callView]);
  for (const ends of deliveries) {
    let from = 0;
    for (const to of [...ends, log.length]) {
      await models.apply(callView, changes(log.slice(from, to)), log[to - 1]?.position ?? 0);
      from = to;
    }
  }
  return models;
};

const everything = async (models: MemoryReadModels): Promise<Document> => ({
  counts: Object.fromEntries(await models.getMany(callView, callCounts.name, ['11', '12'])),
  mikes: await models.find(callView, callsByParty.name, {
    where: { party: 12 },
    order: { by: ['initiatedAt', 'tie'], direction: 'descending' },
    limit: 30,
  }),
});

describe('the view of calls', () => {
  test('has one row for each person of a call, and knows how many', async () => {
    const { mikes, counts } = await everything(await after([]));
    expect((mikes as { call: string }[]).map(({ call }) => call).sort()).toEqual(['One', 'one', 'self', 'two']);
    expect(counts).toEqual({ 11: { calls: 3 }, 12: { calls: 4 } });
  });

  test('shows nobody a call that was not announced', async () => {
    const models = new MemoryReadModels();
    await models.declare([callView]);
    await models.apply(callView, changes(log.slice(1, 2)), 2);
    expect(await models.find(callView, callsByParty.name, { limit: 30 })).toEqual([]);
  });

  test('is the same when everything comes twice, the second time in other batches', async () => {
    const once = await everything(await after([]));
    const ends = fc.uniqueArray(fc.integer({ min: 1, max: log.length - 1 })).map((some) => some.sort((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(ends, ends, async (first, second) => expect(await everything(await after(first, second))).toEqual(once)),
      { numRuns: 50 },
    );
  });
});
