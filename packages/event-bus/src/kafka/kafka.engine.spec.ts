import { randomUUID } from 'node:crypto';
import type { IntegrationEvent } from '@flexistream/contracts';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import kafkajs from 'kafkajs';
import { eventOf } from '../contract.ts';
import type { ConsumeOptions, EventBus } from '../port.ts';
import { deadLetterTopic, openKafkaBus } from './index.ts';

const brokers = process.env.KAFKA_BROKERS?.split(',') ?? [];
const suite = brokers.length === 0 ? describe.skip : describe;

let id: string;
let buses: EventBus[];
const topic = () => `topic-${id}`;
const group = () => `group-${id}`;
const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

/** As another process would have one. */
const open = (more: Partial<Parameters<typeof openKafkaBus>[0]> = {}): EventBus => {
  const bus = openKafkaBus({ brokers, partitions: 6, heartbeatMs: 100, fetchWaitMs: 50, ...more });
  buses.push(bus);
  return bus;
};
const close = async (bus: EventBus) => {
  buses.splice(buses.indexOf(bus), 1);
  await bus.close();
};
const consume = (bus: EventBus, handle: ConsumeOptions['handle'], more: Partial<ConsumeOptions> = {}) =>
  bus.consume({ group: group(), topics: [topic()], handle, onFailure: () => ({ action: 'park' }), ...more });
const whoAndWhich = ({ subject, sequence }: IntegrationEvent) => `${subject}:${sequence}`;
const parkedIn = async (bus: EventBus) => (await bus.parked(group())).map(({ event }) => whoAndWhich(event));

const withAdmin = async <T>(work: (admin: ReturnType<InstanceType<typeof kafkajs.Kafka>['admin']>) => Promise<T>): Promise<T> => {
  const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
};

suite('Kafka', () => {
  beforeEach(() => {
    id = randomUUID();
    buses = [];
  });
  afterEach(async () => {
    for (const bus of [...buses]) await close(bus);
  });

  test('loses nothing and does nothing twice while members of a group come and go', async () => {
    const done: string[] = [];
    const handle = async (event: IntegrationEvent) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      done.push(whoAndWhich(event));
    };
    const publisher = open();
    const keys = times(12, (n) => `key-${n}`);
    const publishing = (async () => {
      for (let n = 0; n < 60; n++)
        await publisher.publish(
          topic(),
          keys.map((key) => eventOf(key, n)),
        );
    })();
    const [first, second, third] = [open(), open(), open()];
    await consume(first, handle);
    await consume(second, handle);
    await close(first);
    const last = await consume(third, handle);
    await publishing;
    await close(second);
    await last.caughtUp();
    for (const key of keys) expect(done.filter((line) => line.startsWith(`${key}:`))).toEqual(times(60, (n) => `${key}:${n}`));
    expect(done).toHaveLength(720);
  });

  test('keeps a member whose event takes longer than a session', async () => {
    const bus = open({ sessionMs: 6_000 });
    const begun: string[] = [];
    const consumer = await consume(bus, async (event) => {
      begun.push(whoAndWhich(event));
      await new Promise((resolve) => setTimeout(resolve, 7_500));
    });
    await bus.publish(topic(), [eventOf('a', 0)]);
    await consumer.caughtUp();
    expect(begun).toEqual(['a:0']);
  });

  test('does not hold up other topics behind an event that waits for its next attempt', async () => {
    const bus = open();
    const done: string[] = [];
    const [waits, flows] = [`waits-${id}`, `flows-${id}`];
    const failed = Promise.withResolvers<void>();
    await bus.publish(waits, [eventOf('a', 0)]);
    await bus.publish(flows, [eventOf('b', 0)]);
    const seen = Promise.withResolvers<void>();
    await consume(
      bus,
      async (event) => {
        if (event.subject === 'a') throw new Error('an outage');
        done.push(whoAndWhich(event));
        if (event.sequence === 1) seen.resolve();
      },
      {
        topics: [waits, flows],
        onFailure: () => {
          failed.resolve();
          return { action: 'retry', afterMs: 3_600_000 };
        },
      },
    );
    await failed.promise;
    await bus.publish(flows, [eventOf('b', 1)]);
    await seen.promise;
    expect(done).toEqual(['b:0', 'b:1']);
  });

  test('refuses a group that has read more than a topic holds, until it is rewound', async () => {
    const bus = open();
    await bus.publish(topic(), [eventOf('a', 0)]);
    await withAdmin((admin) =>
      admin.setOffsets({ groupId: group(), topic: topic(), partitions: times(6, (partition) => ({ partition, offset: '99' })) }),
    );
    await expect(consume(bus, async () => {})).rejects.toMatchObject({
      code: 'event-bus/offset-beyond-end',
      message: expect.stringMatching(/up to 99, but it ends at [01]: .* run the command `rewind`/),
    });
    await bus.rewind(group());
    const done: string[] = [];
    const consumer = await consume(bus, async (event) => void done.push(whoAndWhich(event)));
    await consumer.caughtUp();
    expect(done).toEqual(['a:0']);
  });

  test('rewinds no group that another process reads for', async () => {
    const [one, two] = [open(), open()];
    await consume(one, async () => {});
    await expect(two.rewind(group())).rejects.toMatchObject({ code: 'event-bus/group-runs' });
    await close(one);
    await two.rewind(group());
  });

  test('lets the listeners of every process hear everything, and keeps nothing of them', async () => {
    const heard = [[] as string[], [] as string[]];
    const listeners = [];
    for (const mine of heard) {
      const handle = async (event: IntegrationEvent) => void mine.push(whoAndWhich(event));
      listeners.push(await open().listen({ name: group(), topics: [topic()], handle, onFailure: () => {} }));
    }
    await open().publish(
      topic(),
      times(5, (n) => eventOf('a', n)),
    );
    for (const listener of listeners) await listener.caughtUp();
    expect(heard).toEqual([times(5, (n) => `a:${n}`), times(5, (n) => `a:${n}`)]);
    const kept = await withAdmin(async (admin) => {
      const { groups } = await admin.listGroups();
      const names = groups.map(({ groupId }) => groupId).filter((name) => name.startsWith(group()));
      const offsets = await Promise.all(names.map((groupId) => admin.fetchOffsets({ groupId, topics: [topic()] })));
      const topics = (await admin.listTopics()).filter((name) => name.startsWith(group()));
      return { groups: names.length, offsets: offsets.flat(2).flatMap(({ partitions }) => partitions.map(({ offset }) => offset)), topics };
    });
    expect(kept).toEqual({ groups: 2, offsets: times(12, () => '-1'), topics: [] });
  });

  test('misses nothing while a listener is made anew', async () => {
    const told: string[] = [];
    const heard: string[] = [];
    const bus = open({ silentMs: 20, fetchWaitMs: 1_000, onTrouble: (text) => told.push(text) }); // quicker than any fetch
    const listener = await bus.listen({
      name: group(),
      topics: [topic()],
      handle: async (event) => void heard.push(whoAndWhich(event)),
      onFailure: () => {},
    });
    const publisher = open();
    for (let n = 0; !(n > 20 && told.filter((text) => text.includes('made anew')).length > 2); n++) {
      await publisher.publish(topic(), [eventOf('a', n)]);
      if (n % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 40)); // else a quick broker leaves no silence
    }
    await listener.caughtUp();
    expect([...new Set(heard)]).toEqual(times(heard.length, (n) => `a:${n}`));
  });

  describe('goes on when its topics are gone while it runs:', () => {
    const remove = (...topics: string[]) => withAdmin((admin) => admin.deleteTopics({ topics }));
    const arrived = async (bus: EventBus, done: readonly string[], event: IntegrationEvent) => {
      while (!done.includes(whoAndWhich(event))) {
        await bus.publish(topic(), [event]).catch(() => {}); // a relay tries again, too
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };

    test('what is published then arrives at consumers and listeners', async () => {
      const bus = open();
      const done: string[] = [];
      const heard: string[] = [];
      const [came, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const consumer = await consume(bus, async (event) => {
        if (event.sequence === 7) {
          came.resolve();
          await opened.promise;
        }
        done.push(whoAndWhich(event));
      });
      const listener = await bus.listen({
        name: group(),
        topics: [topic()],
        handle: async (event) => void heard.push(whoAndWhich(event)),
        onFailure: () => {},
      });
      await bus.publish(
        topic(),
        times(500, () => eventOf('a', 0)), // more than the next topic will hold, so that an old offset would be noticed
      );
      await Promise.all([consumer.caughtUp(), listener.caughtUp()]);
      await remove(topic());
      await arrived(bus, done, eventOf('a', 5));
      await arrived(bus, heard, eventOf('a', 6));
      await bus.publish(topic(), [eventOf('a', 7)]);
      const caughtUp = Promise.all([consumer.caughtUp(), listener.caughtUp()]);
      const later = came.promise.then(() => bus.publish(topic(), [eventOf('b', 0)]));
      const first = await Promise.race([caughtUp.then(() => 'too early'), later.then(() => 'when it is done')]);
      opened.resolve();
      await caughtUp;
      expect(first).toBe('when it is done');
      expect([done.filter((one) => one.startsWith('a')).at(-1), heard.filter((one) => one.startsWith('a')).at(-1)]).toEqual(['a:7', 'a:7']);
    });

    test('a key whose parked events are lost with the dead letters flows again', async () => {
      const bus = open();
      const done: string[] = [];
      let broken = true;
      const consumer = await consume(bus, async (event) => {
        if (broken) throw new Error('cannot do it');
        done.push(whoAndWhich(event));
      });
      await bus.publish(topic(), [eventOf('a', 0), eventOf('a', 1)]);
      await consumer.caughtUp();
      expect(await parkedIn(bus)).toEqual(['a:0', 'a:1']);
      broken = false;
      await remove(topic(), deadLetterTopic(group()));
      await arrived(bus, done, eventOf('a', 2));
      expect(await parkedIn(bus)).toEqual([]);
      broken = true;
      await bus.publish(topic(), [eventOf('b', 0)]);
      await consumer.caughtUp();
      expect([await parkedIn(bus), await parkedIn(open())]).toEqual([['b:0'], ['b:0']]);
    });
  });

  test('makes a member anew that was silent', async () => {
    const told: string[] = [];
    const bus = open({ silentMs: 20, fetchWaitMs: 1_000, heartbeatMs: 900, onTrouble: (text) => told.push(text) }); // quicker than any fetch
    const done: string[] = [];
    const consumer = await consume(bus, async (event) => void done.push(whoAndWhich(event)));
    while (!told.some((text) => text.includes('made anew'))) await new Promise((resolve) => setTimeout(resolve, 10));
    await bus.publish(topic(), [eventOf('a', 0)]);
    await consumer.caughtUp();
    expect(done).toEqual(['a:0']);
  });

  test('hands parked keys over to another process, which has them done again', async () => {
    const [one, two] = [open(), open()];
    await one.publish(topic(), [eventOf('bad', 0), eventOf('good', 0)]);
    const fails = await consume(one, async ({ subject }) => {
      if (subject === 'bad') throw new Error('cannot do it');
    });
    await fails.caughtUp();
    await close(one);
    const done: string[] = [];
    const consumer = await consume(two, async (event) => void done.push(whoAndWhich(event)));
    await two.publish(topic(), [eventOf('bad', 1)]);
    await consumer.caughtUp();
    expect([await parkedIn(two), done]).toEqual([['bad:0', 'bad:1'], []]);
    expect(await two.retryParked(group(), 'bad')).toBe(2);
    await two.publish(topic(), [eventOf('bad', 2)]);
    await consumer.caughtUp();
    expect([done, await parkedIn(two), await parkedIn(open())]).toEqual([['bad:0', 'bad:1', 'bad:2'], [], []]);
  });

  test('lets a key flow where it is read, once another process has done its parked events again', async () => {
    const [one, two] = [open(), open()];
    let broken = true;
    const done: string[] = [];
    const handle = async (event: IntegrationEvent) => {
      if (broken) throw new Error('cannot do it');
      done.push(whoAndWhich(event));
    };
    const consumers = [await consume(one, handle), await consume(two, handle)];
    await one.publish(topic(), [eventOf('a', 0), eventOf('a', 1)]);
    await Promise.all(consumers.map((consumer) => consumer.caughtUp()));
    broken = false;
    expect(await two.retryParked(group(), 'a')).toBe(2);
    await two.publish(topic(), [eventOf('a', 2)]);
    await Promise.all(consumers.map((consumer) => consumer.caughtUp()));
    expect(await one.retryParked(group(), 'a')).toBe(0);
    expect(done).toEqual(['a:0', 'a:1', 'a:2']);
  });

  test('parks what this release does not know, and passes by what is no event', async () => {
    const told: string[] = [];
    const bus = open({ onTrouble: (text) => told.push(text) });
    await bus.publish(topic(), []);
    const done: string[] = [];
    const consumer = await consume(bus, async (event) => void done.push(whoAndWhich(event)));
    const producer = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    const strange = JSON.stringify({ ...eventOf('a', 0), type: 'account.beamed-up.v1' });
    await producer.send({
      topic: topic(),
      messages: [
        { key: 'a', value: strange },
        { key: 'b', value: 'no event' },
        { key: 'c', value: null },
      ],
    });
    await producer.disconnect();
    await bus.publish(topic(), [eventOf('a', 1), eventOf('b', 1), eventOf('c', 1)]);
    await consumer.caughtUp();
    expect([await parkedIn(bus), done.toSorted()]).toEqual([
      ['a:0', 'a:1'],
      ['b:1', 'c:1'],
    ]);
    expect(told.filter((text) => text.includes('passed by'))).toHaveLength(2);
  });

  test('knows all that is parked, however often it is asked while more is parked', async () => {
    const bus = open();
    const all = times(30, (n) => times(8, (key) => eventOf(`key-${key}`, n))).flat();
    const consumer = await consume(bus, async () => {
      throw new Error('cannot do it');
    });
    let parking = true;
    const asking = Promise.all(
      times(8, async () => {
        for (let least = 0; parking; ) {
          const count = (await parkedIn(bus)).length;
          expect(count).toBeGreaterThanOrEqual(least);
          least = count;
        }
      }),
    );
    await bus.publish(topic(), all);
    await consumer.caughtUp();
    parking = false;
    await asking;
    expect((await parkedIn(bus)).toSorted()).toEqual(all.map(whoAndWhich).toSorted());
  });

  test('keeps one record of a parked event in a compacted topic', async () => {
    const bus = open();
    await bus.publish(topic(), [eventOf('a', 0)]);
    const consumer = await consume(bus, () => Promise.reject(new Error('no')));
    await consumer.caughtUp();
    const { resources } = await withAdmin((admin) =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: 2, name: deadLetterTopic(group()), configNames: ['cleanup.policy'] }],
      }),
    );
    expect(resources[0]?.configEntries[0]?.configValue).toBe('compact');
  });

  test('is unavailable in good time where no broker answers', async () => {
    const bus = open({ brokers: ['127.0.0.1:1'] });
    const begun = Date.now();
    await expect(bus.publish(topic(), [eventOf('a', 0)])).rejects.toMatchObject({ code: 'unavailable' });
    await expect(consume(bus, async () => {})).rejects.toMatchObject({ code: 'unavailable' });
    expect(Date.now() - begun).toBeLessThan(10_000);
  });
});
