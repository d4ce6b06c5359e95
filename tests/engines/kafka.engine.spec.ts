import { randomUUID } from 'node:crypto';
import type { IntegrationEvent } from '@flexistream/contracts';
import { openKafkaBus } from '@flexistream/event-bus/kafka';
import { uuidv7 } from '@flexistream/kernel';
import { describe, expect, test } from '@jest/globals';
import { downloadedJars, startBroker } from './kafka.ts';

// With a broker of its own, which it may kill: that of the run serves other suites.
const jars = process.env.KAFKA_BROKERS === undefined ? 'no Kafka in this run' : await downloadedJars();
const suite = typeof jars === 'string' ? describe.skip : describe;

const eventOf = (subject: string, sequence: number): IntegrationEvent => ({
  specversion: '1.0',
  id: uuidv7(),
  source: 'accounts',
  subject,
  time: '2026-01-01T00:00:00.000Z',
  sequence,
  correlation: 'correlation',
  type: 'account.access-changed.v1',
  data: { accountId: sequence, spaceId: 'space' },
});

suite('a broker that is killed in mid-load and comes back', () => {
  test('has lost nothing that was acknowledged, and everything goes on by itself, in order', async () => {
    if (typeof jars === 'string') throw new Error(jars);
    const broker = await startBroker(jars.folder);
    const bus = openKafkaBus({ brokers: [broker.address], partitions: 3, silentMs: 5_000 });
    try {
      const [topic, group] = [`topic-${randomUUID()}`, `group-${randomUUID()}`];
      const done = new Map<string, number[]>();
      const consumer = await bus.consume({
        group,
        topics: [topic],
        handle: async ({ subject, sequence }) => void done.set(subject, [...(done.get(subject) ?? []), sequence]),
        onFailure: () => ({ action: 'park' }),
      });
      const keys = ['a', 'b', 'c', 'd'];
      let acknowledged = 0;
      const half = Promise.withResolvers<void>();
      const publishing = keys.map(async (key) => {
        for (let n = 0; n < 100; n++) {
          for (let sent = false; !sent; ) {
            sent = await bus.publish(topic, [eventOf(key, n)]).then(
              () => true,
              () => false, // a relay publishes again what was not acknowledged
            );
          }
          if (++acknowledged === 200) half.resolve();
        }
      });
      await half.promise;
      await broker.kill();
      await broker.restart();
      await Promise.all(publishing);
      await consumer.caughtUp();
      for (const key of keys) {
        const seen = done.get(key) ?? [];
        expect([...new Set(seen)]).toEqual(Array.from({ length: 100 }, (_, n) => n)); // first sights in order, none is missing
      }
    } finally {
      await bus.close();
      await broker.stop();
    }
  });
});

suite('a broker that loses everything', () => {
  test('has its topics made anew, and what is published then arrives at who consumed and who listened before', async () => {
    if (typeof jars === 'string') throw new Error(jars);
    const broker = await startBroker(jars.folder);
    const bus = openKafkaBus({ brokers: [broker.address], partitions: 3, silentMs: 5_000 });
    try {
      const topic = `topic-${randomUUID()}`;
      const [done, heard]: [number[], number[]] = [[], []];
      const consumer = await bus.consume({
        group: `group-${randomUUID()}`,
        topics: [topic],
        handle: async ({ sequence }) => void done.push(sequence),
        onFailure: () => ({ action: 'park' }),
      });
      const listener = await bus.listen({
        name: `listener-${randomUUID()}`,
        topics: [topic],
        handle: async ({ sequence }) => void heard.push(sequence),
        onFailure: () => {},
      });
      const publish = async (n: number): Promise<void> => {
        const event = eventOf('a', n);
        const sent = () =>
          bus.publish(topic, [event]).then(
            () => true,
            () => false, // a relay publishes again what was not acknowledged
          );
        while (!(await sent()));
      };
      for (let n = 0; n < 50; n++) await publish(n);
      await Promise.all([consumer.caughtUp(), listener.caughtUp()]);
      await broker.lose();
      for (let n = 50; n < 60; n++) await publish(n);
      const last = async (seen: readonly number[]) => {
        while (seen.at(-1) !== 59) await new Promise((resolve) => setTimeout(resolve, 20));
      };
      await Promise.all([last(done), last(heard)]);
      for (const seen of [done, heard]) expect([...new Set(seen)]).toEqual(Array.from({ length: 60 }, (_, n) => n));
    } finally {
      await bus.close();
      await broker.stop();
    }
  }, 120_000);
});
