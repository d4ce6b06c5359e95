import { randomUUID } from 'node:crypto';
import { brokenPromises } from '@flexistream/kernel/contract';
import { afterEach, describe, expect, test } from '@jest/globals';
import { eventBusContract, eventBusPromises } from './contract.ts';
import { LogBus } from './embedded/log-bus.ts';
import { MemoryTopicLog } from './embedded/memory-topic-log.ts';
import type { LogEntry, NewEntry, Offset, ParkedEntry } from './embedded/topic-log.ts';
import { Turns } from './embedded/turns.ts';
import type { ConsumeOptions, Consumer, EventBus, ListenOptions } from './port.ts';

type MakeBus = (log: MemoryTopicLog) => EventBus;

/** A broken bus may leave a check hanging: its consumers are stopped after it, whatever they wait for. */
const opened: LogBus[] = [];
const openBus = (log: MemoryTopicLog, turns = new Turns()): LogBus => {
  const bus = new LogBus(log, turns);
  opened.push(bus);
  return bus;
};
afterEach(() => Promise.all(opened.splice(0).map((bus) => LogBus.prototype.close.call(bus))));

/** One log for a whole check: what it holds outlives each bus. */
const arrange =
  (makeLog: () => MemoryTopicLog, makeBus: MakeBus = openBus) =>
  async () => {
    const log = makeLog();
    return { open: async () => makeBus(log), own: (name: string) => name, [Symbol.asyncDispose]: async () => {} };
  };

eventBusContract(
  'A topic log in memory',
  arrange(() => new MemoryTopicLog()),
);

/** Logs that break one promise each. */
const logs: Record<string, { readonly log: () => MemoryTopicLog; readonly noticed: string }> = {
  'a field is lost on the way': {
    noticed: 'delivers an event as it was published',
    log: () =>
      new (class extends MemoryTopicLog {
        override async read(...[topic, after, limit]: [string, number, number]): Promise<readonly LogEntry[]> {
          const entries = await super.read(topic, after, limit);
          return entries.map((entry) => ({ ...entry, body: JSON.stringify({ ...JSON.parse(entry.body), traceparent: undefined }) }));
        }
      })(),
  },
  'publications at once overwrite one another': {
    noticed: 'delivers everything, in order per key, whoever publishes at once',
    log: () =>
      new (class extends MemoryTopicLog {
        override async publish(topic: string, entries: readonly NewEntry[]): Promise<void> {
          const before = [...this.entries];
          await Promise.resolve();
          this.entries = before;
          await super.publish(topic, entries);
        }
      })(),
  },
  'the order within a publication is lost': {
    noticed: 'delivers everything, in order per key, whoever publishes at once',
    log: () =>
      new (class extends MemoryTopicLog {
        override publish(topic: string, entries: readonly NewEntry[]): Promise<void> {
          return super.publish(topic, entries.toReversed());
        }
      })(),
  },
  'a new group starts at the end': {
    noticed: 'starts a new group at the beginning, and gives each group everything',
    log: () =>
      new (class extends MemoryTopicLog {
        override async join(group: string, topic: string): Promise<number> {
          return (await super.join(group, topic)) || (await this.end());
        }
      })(),
  },
  'groups share one offset': {
    noticed: 'starts a new group at the beginning, and gives each group everything',
    log: () =>
      new (class extends MemoryTopicLog {
        override join(_: string, topic: string): Promise<number> {
          return super.join('all', topic);
        }
        override commit(offset: Offset, parked?: ParkedEntry): Promise<void> {
          return super.commit({ ...offset, group: 'all' }, parked);
        }
      })(),
  },
  'other topics come along': {
    noticed: 'reads several topics, and no others',
    log: () =>
      new (class extends MemoryTopicLog {
        override async read(_: string, after: number, limit: number): Promise<readonly LogEntry[]> {
          return this.entries.filter(({ position }) => position > after).slice(0, limit);
        }
      })(),
  },
  'offsets are not kept': {
    noticed: 'goes on where it stopped, after a restart too',
    log: () =>
      new (class extends MemoryTopicLog {
        override async commit(_: Offset, parked?: ParkedEntry): Promise<void> {
          if (parked !== undefined) this.parkedEntries.push(parked);
        }
      })(),
  },
  'the offset is stored before the effects': {
    noticed: 'brings back an event whose effects were not done',
    log: () =>
      new (class extends MemoryTopicLog {
        override async read(topic: string, after: number, limit: number): Promise<readonly LogEntry[]> {
          const entries = await super.read(topic, after, limit);
          const position = entries.at(-1)?.position;
          if (position !== undefined) await this.commit({ group: 'group', topic, position });
          return entries;
        }
      })(),
  },
  'later events of a parked key flow on': {
    noticed: 'parks what keeps failing and later events of its key, in order, while other keys flow on',
    log: () =>
      new (class extends MemoryTopicLog {
        override async read(topic: string, after: number, limit: number): Promise<readonly LogEntry[]> {
          return (await super.read(topic, after, limit)).map((entry) => ({ ...entry, key: `${entry.key} ${entry.position}` }));
        }
      })(),
  },
  'other keys wait behind a parked one': {
    noticed: 'parks what keeps failing and later events of its key, in order, while other keys flow on',
    log: () =>
      new (class extends MemoryTopicLog {
        override async read(topic: string, after: number, limit: number): Promise<readonly LogEntry[]> {
          return (await super.read(topic, after, limit)).map((entry) => ({ ...entry, key: 'any' }));
        }
      })(),
  },
  'parked events do not survive': {
    noticed: 'keeps a key parked over a restart',
    log: () =>
      new (class extends MemoryTopicLog {
        override async close(): Promise<void> {
          this.parkedEntries = [];
        }
      })(),
  },
  'parked events are done again backwards': {
    noticed: 'does the parked events of a key again, in order, and lets the key flow',
    log: () =>
      new (class extends MemoryTopicLog {
        override async parked(group: string): Promise<readonly ParkedEntry[]> {
          return (await super.parked(group)).toReversed();
        }
      })(),
  },
  'a parked event that fails again goes to the end': {
    noticed: 'stops doing parked events again at one that still fails',
    log: () =>
      new (class extends MemoryTopicLog {
        override async repark(entry: ParkedEntry): Promise<void> {
          await this.unpark(entry);
          this.parkedEntries.push(entry);
        }
      })(),
  },
  'rewinding changes nothing': {
    noticed: 'gives a group that was rewound everything again, and no other group',
    log: () =>
      new (class extends MemoryTopicLog {
        override async rewind(): Promise<void> {}
      })(),
  },
  'one group is rewound, and so are all': {
    noticed: 'gives a group that was rewound everything again, and no other group',
    log: () =>
      new (class extends MemoryTopicLog {
        override async rewind(): Promise<void> {
          this.offsets.clear();
        }
      })(),
  },
  'rewinding forgets what is parked': {
    noticed: 'keeps what is parked when its group is rewound, once',
    log: () =>
      new (class extends MemoryTopicLog {
        override async rewind(group: string): Promise<void> {
          await super.rewind(group);
          this.parkedEntries = [];
        }
      })(),
  },
  'what is parked again is parked twice': {
    noticed: 'keeps what is parked when its group is rewound, once',
    log: () =>
      new (class extends MemoryTopicLog {
        override async commit(offset: Offset, parked?: ParkedEntry): Promise<void> {
          await super.commit(offset);
          if (parked !== undefined) this.parkedEntries.push(parked);
        }
      })(),
  },
  'what one group parks is parked for all': {
    noticed: 'parks for one group and one topic only',
    log: () =>
      new (class extends MemoryTopicLog {
        override async parked(): Promise<readonly ParkedEntry[]> {
          return this.parkedEntries;
        }
      })(),
  },
};

/** Nobody waits for anybody. */
class NoTurns extends Turns {
  override async take(): Promise<() => void> {
    return () => undefined;
  }
}

const changed = (log: MemoryTopicLog, change: (consume: EventBus['consume']) => EventBus['consume']): EventBus => {
  const bus = openBus(log);
  return Object.assign(bus, { consume: change(bus.consume.bind(bus)) });
};
const withConsumer = (log: MemoryTopicLog, change: (consumer: Consumer) => Partial<Consumer>) =>
  changed(log, (consume) => async (options) => {
    const consumer = await consume(options);
    return { caughtUp: () => consumer.caughtUp(), stop: () => consumer.stop(), ...change(consumer) };
  });
const withOptions = (log: MemoryTopicLog, change: (options: ConsumeOptions) => Partial<ConsumeOptions>) =>
  changed(log, (consume) => (options) => consume({ ...options, ...change(options) }));

const withListener = (log: MemoryTopicLog, change: (bus: LogBus) => (options: ListenOptions) => Promise<Consumer>) => {
  const bus = openBus(log);
  return Object.assign(bus, { listen: change(bus) });
};
/** As a bus does that has only groups. */
const asConsumer = ({ topics, handle, onFailure }: ListenOptions, group: string): ConsumeOptions => ({
  group,
  topics,
  handle: (event) => handle(event).catch(onFailure),
  onFailure: () => ({ action: 'park' }),
});

/** Buses that break one promise each. */
const buses: Record<string, { readonly bus: MakeBus; readonly noticed: string }> = {
  'it says to be caught up at once': {
    noticed: 'is caught up only when all that was published before is done',
    bus: (log) => withConsumer(log, () => ({ caughtUp: async () => undefined })),
  },
  'consumers of a group know nothing of one another': {
    noticed: 'gives nothing twice to two consumers of a group, and goes on with one',
    bus: (log) => openBus(log, new NoTurns()),
  },
  'events overtake parked ones that are done again': {
    noticed: 'keeps the order when events come while parked ones are done again',
    bus: (log) => openBus(log, new NoTurns()),
  },
  'stopping does not wait': {
    noticed: 'finishes the current event when it stops, and takes no other',
    bus: (log) => withConsumer(log, (consumer) => ({ stop: async () => void consumer.stop() })),
  },
  'stopping does not stop': {
    noticed: 'finishes the current event when it stops, and takes no other',
    bus: (log) => withConsumer(log, (consumer) => ({ stop: () => consumer.caughtUp() })),
  },
  'closing does not wait': {
    noticed: 'finishes the current event when the bus closes',
    bus: (log) => {
      const bus = openBus(log);
      const close = bus.close.bind(bus);
      return Object.assign(bus, { close: async () => void close() });
    },
  },
  'failures are swallowed': {
    noticed: 'tries again as the policy says, before anything later of the key',
    bus: (log) => withOptions(log, ({ handle }) => ({ handle: (event) => handle(event).catch(() => undefined) })),
  },
  'attempts are miscounted': {
    noticed: 'tries again as the policy says, before anything later of the key',
    bus: (log) => withOptions(log, ({ onFailure }) => ({ onFailure: (error, attempt) => onFailure(error, attempt - 1) })),
  },
  'listeners of one name share what there is to hear': {
    noticed: 'lets every listener hear every event from then on, in order per key, and nothing from before',
    bus: (log) => withListener(log, (bus) => (options) => bus.consume(asConsumer(options, options.name))),
  },
  'a listener hears what was before': {
    noticed: 'lets every listener hear every event from then on, in order per key, and nothing from before',
    bus: (log) => withListener(log, (bus) => (options) => bus.consume(asConsumer(options, randomUUID()))),
  },
  'a listener hears no more after a failure': {
    noticed: 'tells a listener what it failed on, once, and goes on',
    bus: (log) =>
      withListener(log, (bus) => {
        const listen = bus.listen.bind(bus);
        return ({ handle, onFailure, ...options }) => {
          let failed = false;
          return listen({
            ...options,
            handle: async (event) => (failed ? undefined : handle(event)),
            onFailure: (error) => {
              failed = true;
              onFailure(error);
            },
          });
        };
      }),
  },
  'what a listener fails on is swallowed': {
    noticed: 'tells a listener what it failed on, once, and goes on',
    bus: (log) =>
      withListener(log, (bus) => {
        const listen = bus.listen.bind(bus);
        return (options) => listen({ ...options, onFailure: () => undefined });
      }),
  },
  'a listener that stops does not wait': {
    noticed: 'finishes the current event when a listener stops, and lets it hear no other',
    bus: (log) =>
      withListener(log, (bus) => {
        const listen = bus.listen.bind(bus);
        return async (options) => {
          const listener = await listen(options);
          return { caughtUp: () => listener.caughtUp(), stop: async () => void listener.stop() };
        };
      }),
  },
  'a group is rewound while it is read for': {
    noticed: 'rewinds no group that is read for',
    bus: (log) => Object.assign(openBus(log), { rewind: (group: string) => log.rewind(group) }),
  },
  'what failed is parked unasked': {
    noticed: 'tries again as the policy says, before anything later of the key',
    bus: (log) => withOptions(log, () => ({ onFailure: () => ({ action: 'park' }) })),
  },
};

describe("the event bus's contract notices that", () => {
  for (const [name, { log, noticed }] of Object.entries(logs))
    test(name, async () => expect(await brokenPromises(eventBusPromises, arrange(log), { hangsAfterMs: 500 })).toContain(noticed));

  for (const [name, { bus, noticed }] of Object.entries(buses))
    test(name, async () => {
      const setting = arrange(() => new MemoryTopicLog(), bus);
      expect(await brokenPromises(eventBusPromises, setting, { hangsAfterMs: 500 })).toContain(noticed);
    });
});
