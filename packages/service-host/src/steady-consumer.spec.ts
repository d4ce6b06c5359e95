import { type Consumer, type EventBus, OffsetBeyondEnd } from '@flexistream/event-bus';
import { Unavailable } from '@flexistream/kernel';
import { createLog, silentLog } from '@flexistream/observability';
import { describe, expect, test } from '@jest/globals';
import { consumeSteadily } from './steady-consumer.ts';

const options = { group: 'g', topics: ['t'], handle: async () => {}, onFailure: () => ({ action: 'park' }) as const };

/** A bus that cannot be reached so many times. */
const busAfter = (outages: number, log: string[]): EventBus => {
  let left = outages;
  const consumer: Consumer = { caughtUp: async () => void log.push('caught up'), stop: async () => void log.push('stopped') };
  return { consume: async () => (left-- > 0 ? Promise.reject(new Unavailable('away')) : consumer) } as Partial<EventBus> as EventBus;
};

describe('a steady consumer', () => {
  test('is one at once where the bus is there', async () => {
    const log: string[] = [];
    const consumer = await consumeSteadily(busAfter(0, log), options, silentLog());
    await consumer.caughtUp();
    await consumer.stop();
    expect(log).toEqual(['caught up', 'stopped']);
  });

  test('comes to be after an outage; whoever waits for it waits', async () => {
    const log: string[] = [];
    const consumer = await consumeSteadily(busAfter(2, log), options, silentLog());
    await consumer.caughtUp();
    await consumer.stop();
    expect(log).toEqual(['caught up', 'stopped']);
  });

  test('can be stopped while the bus is away', async () => {
    const consumer = await consumeSteadily(busAfter(Number.POSITIVE_INFINITY, []), options, silentLog());
    await consumer.stop();
    await expect(consumer.caughtUp()).resolves.toBeUndefined();
  });

  test('says what refuses it after an outage, and comes to be when that is mended', async () => {
    const lines: string[] = [];
    const refusals = [new Unavailable('away'), new OffsetBeyondEnd('g', 't', 7, 1)];
    const bus = {
      consume: async () => {
        const refusal = refusals.shift();
        if (refusal !== undefined) throw refusal;
        return { caughtUp: async () => {}, stop: async () => {} };
      },
    } as Partial<EventBus> as EventBus;
    const consumer = await consumeSteadily(bus, options, createLog({ destination: { write: (line) => void lines.push(line) } }));
    await consumer.caughtUp();
    await consumer.stop();
    expect(lines.filter((line) => line.includes('run the command `rewind`'))).toHaveLength(1);
  });

  test('hands on what is no outage', async () => {
    const bus = { consume: () => Promise.reject(new RangeError('beyond the end')) } as Partial<EventBus> as EventBus;
    await expect(consumeSteadily(bus, options, silentLog())).rejects.toBeInstanceOf(RangeError);
  });
});
