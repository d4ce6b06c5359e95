import type { IntegrationEvent } from '@flexistream/contracts';
import { uuidv7 } from '@flexistream/kernel';
import { type Arrange, describeContract, type Promises } from '@flexistream/kernel/contract';
import { expect } from '@jest/globals';
import type { ConsumeOptions, Consumer, EventBus, FailurePolicy, ListenOptions } from './port.ts';

export interface EventBusSetting {
  /** Each `open` opens a bus on the same engine; the check closes one before it opens the next. */
  open(): Promise<EventBus>;
  /** A topic or group of this check's own: engines that outlive a check keep the checks apart by it. */
  own(name: string): string;
}

export const eventBusContract = (name: string, arrange: Arrange<EventBusSetting>): void =>
  describeContract(`${name} as an event bus`, eventBusPromises, arrange);

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

/** The n-th event of a key. */
export const eventOf = (key: string, n: number): IntegrationEvent => ({
  specversion: '1.0',
  id: uuidv7(),
  source: 'accounts',
  subject: key,
  time: '2026-01-01T00:00:00.000Z',
  sequence: n,
  correlation: 'correlation',
  type: 'account.access-changed.v1',
  data: { accountId: n, spaceId: 'space' },
});

const retryAtOnce: FailurePolicy = () => ({ action: 'retry', afterMs: 0 });
const parkAtOnce: FailurePolicy = () => ({ action: 'park' });
const throwOn = (error: unknown): never => {
  throw error;
};
const whoAndWhich = ({ subject, sequence }: IntegrationEvent) => `${subject}:${sequence}`;

/** A place where effects are kept, by which order and completeness are judged. */
const notebook = () => {
  const written: string[] = [];
  return {
    written,
    of: (key: string) => written.filter((line) => line.startsWith(`${key}:`)),
    handle: async (event: IntegrationEvent) => void written.push(whoAndWhich(event)),
  };
};

/** A door that handlers wait at, and a way to know that one has come. */
const makeGate = () => {
  const came = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const pass = () => {
    came.resolve();
    return opened.promise;
  };
  return { came: came.promise, open: () => opened.resolve(), pass };
};

type Gate = ReturnType<typeof makeGate>;

interface Bench {
  readonly bus: EventBus;
  readonly topic: string;
  readonly own: (name: string) => string;
  /** Consumes `topic` for the group of the check, unless said otherwise. */
  readonly consume: (handle: ConsumeOptions['handle'], more?: Partial<ConsumeOptions>) => Promise<Consumer>;
  readonly group: string;
  /** Listens to `topic`; a failure breaks the check, unless said otherwise. */
  readonly listen: (handle: ListenOptions['handle'], onFailure?: ListenOptions['onFailure']) => Promise<Consumer>;
  /** A door of this check, opened at its end at the latest, so that a broken promise is told and not waited for. */
  readonly gate: () => Gate;
  /** Closes the bus and opens the next one. */
  readonly reopen: () => Promise<Bench>;
}

const opened = (check: (bench: Bench) => Promise<void>) => async (setting: EventBusSetting) => {
  let bus = await setting.open();
  const own = (name: string) => setting.own(name);
  const gates: Gate[] = [];
  const gate = () => {
    const made = makeGate();
    gates.push(made);
    return made;
  };
  const bench = (): Bench => ({
    bus,
    own,
    gate,
    topic: own('topic'),
    group: own('group'),
    consume: (handle, more = {}) => bus.consume({ group: own('group'), topics: [own('topic')], handle, onFailure: retryAtOnce, ...more }),
    listen: (handle, onFailure = throwOn) => bus.listen({ name: own('listener'), topics: [own('topic')], handle, onFailure }),
    reopen: async () => {
      await bus.close();
      bus = await setting.open();
      return bench();
    },
  });
  try {
    await check(bench());
  } finally {
    for (const one of gates) one.open();
    await bus.close();
  }
};

const delivering = {
  'delivers an event as it was published': opened(async ({ bus, topic, consume }) => {
    const event = { ...eventOf('a', 1), traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    const got: IntegrationEvent[] = [];
    const consumer = await consume(async (one) => void got.push(one));
    await bus.publish(topic, []);
    await bus.publish(topic, [event]);
    await consumer.caughtUp();
    expect(got).toEqual([event]);
  }),

  'delivers everything, in order per key, whoever publishes at once': opened(async ({ bus, topic, consume }) => {
    const { handle, of, written } = notebook();
    const consumer = await consume(handle);
    const publishKey = async (key: string) => {
      for (let n = 0; n < 30; n += 3)
        await bus.publish(
          topic,
          times(3, (more) => eventOf(key, n + more)),
        );
    };
    const keys = times(10, (n) => `key-${n}`);
    await Promise.all(keys.map(publishKey));
    await consumer.caughtUp();
    expect(written).toHaveLength(300);
    for (const key of keys) expect(of(key)).toEqual(times(30, (n) => `${key}:${n}`));
  }),

  'starts a new group at the beginning, and gives each group everything': opened(async ({ bus, topic, own, consume }) => {
    await bus.publish(
      topic,
      times(5, (n) => eventOf('a', n)),
    );
    const [one, two] = [notebook(), notebook()];
    const first = await consume(one.handle, { group: own('one') });
    await first.caughtUp();
    await bus.publish(topic, [eventOf('a', 5)]);
    const second = await consume(two.handle, { group: own('two') });
    await Promise.all([first.caughtUp(), second.caughtUp()]);
    expect([one.written, two.written]).toEqual([times(6, (n) => `a:${n}`), times(6, (n) => `a:${n}`)]);
  }),

  'reads several topics, and no others': opened(async ({ bus, own, consume }) => {
    const { handle, written } = notebook();
    const consumer = await consume(handle, { topics: [own('x'), own('y')] });
    await Promise.all(
      ['x', 'y', 'z'].map((name) =>
        bus.publish(
          own(name),
          times(3, (n) => eventOf(name, n)),
        ),
      ),
    );
    await consumer.caughtUp();
    expect([...written].sort()).toEqual(['x:0', 'x:1', 'x:2', 'y:0', 'y:1', 'y:2']);
  }),

  'is caught up only when all that was published before is done': opened(async ({ bus, gate, topic, consume }) => {
    const door = gate();
    let done = 0;
    await bus.publish(
      topic,
      times(3, (n) => eventOf('a', n)),
    );
    const consumer = await consume(async () => {
      await door.pass();
      done++;
    });
    let caughtUp = false;
    const caught = consumer.caughtUp().then(() => {
      caughtUp = true;
    });
    await door.came;
    expect({ caughtUp, done }).toEqual({ caughtUp: false, done: 0 });
    door.open();
    await caught;
    expect(done).toBe(3);
  }),

  'gives nothing twice to two consumers of a group, and goes on with one': opened(async ({ bus, topic, consume }) => {
    const { handle, written } = notebook();
    const consumers = [await consume(handle), await consume(handle)] as const;
    await bus.publish(
      topic,
      times(100, (n) => eventOf(`key-${n % 7}`, n)),
    );
    await Promise.all(consumers.map((consumer) => consumer.caughtUp()));
    expect(new Set(written).size).toBe(100);
    expect(written).toHaveLength(100);
    await consumers[0].stop();
    await bus.publish(topic, [eventOf('key-1', 100)]);
    await consumers[1].caughtUp();
    expect(written.slice(100)).toEqual(['key-1:100']);
  }),
} satisfies Promises<EventBusSetting>;

const stopping = {
  'finishes the current event when it stops, and takes no other': opened(async ({ bus, gate, topic, consume }) => {
    const door = gate();
    const begun: number[] = [];
    let finished = 0;
    await bus.publish(
      topic,
      times(5, (n) => eventOf('a', n)),
    );
    const consumer = await consume(async ({ sequence }) => {
      begun.push(sequence);
      await door.pass();
      finished++;
    });
    await door.came;
    const stopped = consumer.stop().then(() => finished);
    door.open();
    expect(await stopped).toBe(1);
    expect(begun).toEqual([0]);
  }),

  'finishes the current event when the bus closes': opened(async ({ bus, gate, topic, consume, reopen }) => {
    const door = gate();
    let finished = 0;
    await bus.publish(
      topic,
      times(2, (n) => eventOf('a', n)),
    );
    await consume(async () => {
      await door.pass();
      finished++;
    });
    await door.came;
    const closed = reopen().then((next) => ({ next, finished }));
    door.open();
    const { next, finished: then } = await closed;
    expect(then).toBe(1);
    const { handle, written } = notebook();
    await (await next.consume(handle)).caughtUp();
    expect(written).toEqual(['a:1']);
  }),

  'goes on where it stopped, after a restart too': opened(async ({ bus, topic, consume, reopen }) => {
    const { handle, written } = notebook();
    await bus.publish(
      topic,
      times(40, (n) => eventOf('a', n)),
    );
    const enough = Promise.withResolvers<void>();
    const consumer = await consume(async (event) => {
      await handle(event);
      if (written.length === 15) enough.resolve();
    });
    await enough.promise;
    await consumer.stop();
    const before = written.length;
    const next = await reopen();
    await next.bus.publish(topic, [eventOf('a', 40)]);
    await (await next.consume(handle)).caughtUp();
    expect(before).toBeLessThan(41);
    expect(written).toEqual(times(41, (n) => `a:${n}`));
  }),

  'brings back an event whose effects were not done': opened(async ({ bus, topic, consume, reopen }) => {
    await bus.publish(
      topic,
      times(3, (n) => eventOf('a', n)),
    );
    const failed = Promise.withResolvers<void>();
    const { handle, written } = notebook();
    const consumer = await consume(
      async (event) => {
        if (event.sequence === 1) throw new Error('an outage');
        await handle(event);
      },
      {
        onFailure: () => {
          failed.resolve();
          return { action: 'retry', afterMs: 3_600_000 };
        },
      },
    );
    await failed.promise;
    await consumer.stop();
    const next = await reopen();
    await (await next.consume(handle)).caughtUp();
    expect(written).toEqual(['a:0', 'a:1', 'a:2']);
  }),
} satisfies Promises<EventBusSetting>;

/** Fails for the named events as long as it is told to. */
const failing = (handle: ConsumeOptions['handle'], fails: (event: IntegrationEvent) => boolean): ConsumeOptions['handle'] => {
  return async (event) => {
    if (fails(event)) throw new Error(`cannot do ${whoAndWhich(event)}`);
    await handle(event);
  };
};

const parkedOf = async ({ bus, group }: Pick<Bench, 'bus' | 'group'>) => (await bus.parked(group)).map(({ event }) => whoAndWhich(event));

const failingEvents = {
  'tries again as the policy says, before anything later of the key': opened(async ({ bus, topic, group, consume }) => {
    const { handle, written } = notebook();
    const asked: [string, number][] = [];
    let left = 3;
    await bus.publish(
      topic,
      times(3, (n) => eventOf('a', n)),
    );
    const consumer = await consume(
      failing(handle, ({ sequence }) => sequence === 1 && left-- > 0),
      {
        onFailure: (error, attempt) => {
          asked.push([error instanceof Error ? error.message : '', attempt]);
          return { action: 'retry', afterMs: 1 };
        },
      },
    );
    await consumer.caughtUp();
    expect(asked).toEqual(times(3, (n) => ['cannot do a:1', n + 1]));
    expect(written).toEqual(['a:0', 'a:1', 'a:2']);
    expect(await bus.parked(group)).toEqual([]);
  }),

  'parks what keeps failing and later events of its key, in order, while other keys flow on': opened(async (bench) => {
    const { bus, topic, group, consume } = bench;
    const { handle, of } = notebook();
    const all = times(12, (n) => eventOf(n % 3 === 0 ? 'bad' : `good-${n % 3}`, n));
    const consumer = await consume(
      failing(handle, ({ sequence }) => sequence === 3),
      { onFailure: (_, attempt) => (attempt < 3 ? { action: 'retry', afterMs: 0 } : { action: 'park' }) },
    );
    await bus.publish(topic, all);
    await consumer.caughtUp();
    expect([of('bad'), of('good-1').length, of('good-2').length]).toEqual([['bad:0'], 4, 4]);
    const parked = await bus.parked(group);
    expect(parked.map(({ event }) => event)).toEqual([all[3], all[6], all[9]]);
    expect(parked.map((one) => [one.group, one.topic])).toEqual(times(3, () => [group, topic]));
    expect(parked[0]?.error).toContain('cannot do bad:3');
    expect(parked[1]?.error).not.toBe('');
  }),

  'keeps a key parked over a restart': opened(async ({ bus, topic, group, consume, reopen }) => {
    await bus.publish(
      topic,
      times(2, (n) => eventOf('bad', n)),
    );
    const { handle, written } = notebook();
    await (
      await consume(
        failing(handle, () => true),
        { onFailure: parkAtOnce },
      )
    ).caughtUp();
    const next = await reopen();
    const consumer = await next.consume(handle, { onFailure: parkAtOnce });
    await next.bus.publish(topic, [eventOf('bad', 2), eventOf('good', 3)]);
    await consumer.caughtUp();
    expect(written).toEqual(['good:3']);
    expect(await parkedOf({ bus: next.bus, group })).toEqual(['bad:0', 'bad:1', 'bad:2']);
  }),

  'does the parked events of a key again, in order, and lets the key flow': opened(async ({ bus, topic, group, consume }) => {
    const { handle, written } = notebook();
    let broken = true;
    const consumer = await consume(
      failing(handle, () => broken),
      { onFailure: parkAtOnce },
    );
    await bus.publish(topic, [...times(4, (n) => eventOf('a', n)), eventOf('b', 0)]);
    await consumer.caughtUp();
    broken = false;
    expect(await bus.retryParked(group, 'a')).toBe(4);
    expect(await bus.retryParked(group, 'a')).toBe(0);
    expect(await parkedOf({ bus, group })).toEqual(['b:0']);
    await bus.publish(topic, [eventOf('a', 4), eventOf('b', 1)]);
    await consumer.caughtUp();
    expect(written).toEqual(times(5, (n) => `a:${n}`));
    expect(await parkedOf({ bus, group })).toEqual(['b:0', 'b:1']);
  }),

  'stops doing parked events again at one that still fails': opened(async ({ bus, topic, group, consume }) => {
    const { handle, written } = notebook();
    let broken = (_: IntegrationEvent) => true;
    const consumer = await consume(
      failing(handle, (event) => broken(event)),
      { onFailure: parkAtOnce },
    );
    await bus.publish(
      topic,
      times(4, (n) => eventOf('a', n)),
    );
    await consumer.caughtUp();
    broken = ({ sequence }) => sequence === 2;
    expect(await bus.retryParked(group, 'a')).toBe(2);
    expect(await parkedOf({ bus, group })).toEqual(['a:2', 'a:3']);
    expect((await bus.parked(group))[0]?.error).toContain('cannot do a:2');
    await bus.publish(topic, [eventOf('a', 4)]);
    await consumer.caughtUp();
    expect([written, await parkedOf({ bus, group })]).toEqual([
      ['a:0', 'a:1'],
      ['a:2', 'a:3', 'a:4'],
    ]);
  }),

  'keeps the order when events come while parked ones are done again': opened(async ({ bus, gate, topic, group, consume }) => {
    const { handle, written } = notebook();
    const door = gate();
    let broken = true;
    const consumer = await consume(
      failing(
        async (event) => {
          if (event.sequence === 1) await door.pass();
          await handle(event);
        },
        () => broken,
      ),
      { onFailure: parkAtOnce },
    );
    await bus.publish(
      topic,
      times(3, (n) => eventOf('a', n)),
    );
    await consumer.caughtUp();
    broken = false;
    const retried = bus.retryParked(group, 'a');
    await door.came;
    await bus.publish(
      topic,
      times(3, (n) => eventOf('a', n + 3)),
    );
    await new Promise(setImmediate); // time to overtake, for a bus that would
    door.open();
    await retried;
    await bus.publish(topic, [eventOf('a', 6)]);
    await consumer.caughtUp();
    await bus.retryParked(group, 'a'); // those that came meanwhile may have been parked behind
    expect(written).toEqual(times(7, (n) => `a:${n}`));
  }),

  'parks for one group and one topic only': opened(async ({ bus, own, consume, group }) => {
    const topics = [own('x'), own('y')] as const;
    const [bad, good] = [notebook(), notebook()];
    const consumers = [
      await consume(
        failing(bad.handle, ({ correlation }) => correlation === 'bad'),
        { topics, onFailure: parkAtOnce },
      ),
      await consume(good.handle, { topics, group: own('another') }),
    ];
    await bus.publish(topics[0], [{ ...eventOf('a', 0), correlation: 'bad' }, eventOf('a', 1)]);
    await bus.publish(topics[1], [eventOf('a', 2)]);
    await Promise.all(consumers.map((consumer) => consumer.caughtUp()));
    expect([bad.written, good.written.length]).toEqual([['a:2'], 3]);
    expect([await parkedOf({ bus, group }), await bus.parked(own('another'))]).toEqual([['a:0', 'a:1'], []]);
  }),
} satisfies Promises<EventBusSetting>;

const listening = {
  'lets every listener hear every event from then on, in order per key, and nothing from before': opened(async (bench) => {
    const { bus, topic, listen, reopen } = bench;
    const publish = (to: EventBus, ...sequences: number[]) =>
      to.publish(
        topic,
        ['a', 'b', 'c'].flatMap((key) => sequences.map((n) => eventOf(key, n))),
      );
    const heard = (key: string, ...sequences: number[]) => sequences.map((n) => `${key}:${n}`);
    const [one, two, three] = [notebook(), notebook(), notebook()];
    await publish(bus, 0);
    const first = await listen(one.handle);
    await publish(bus, 1, 2);
    const second = await listen(two.handle);
    await publish(bus, 3, 4);
    await Promise.all([first.caughtUp(), second.caughtUp()]);
    const next = await reopen();
    await publish(next.bus, 5);
    const third = await next.listen(three.handle);
    await publish(next.bus, 6);
    await third.caughtUp();
    for (const key of ['a', 'b', 'c']) {
      expect([one.of(key), two.of(key), three.of(key)]).toEqual([heard(key, 1, 2, 3, 4), heard(key, 3, 4), heard(key, 6)]);
    }
  }),

  'tells a listener what it failed on, once, and goes on': opened(async ({ bus, own, topic, listen }) => {
    const { handle, written } = notebook();
    const failures: unknown[] = [];
    const listener = await listen(
      failing(handle, ({ sequence }) => sequence === 1),
      (error) => failures.push(error instanceof Error ? error.message : error),
    );
    await bus.publish(
      topic,
      times(3, (n) => eventOf('a', n)),
    );
    await listener.caughtUp();
    expect([written, failures]).toEqual([['a:0', 'a:2'], ['cannot do a:1']]);
    expect(await bus.parked(own('listener'))).toEqual([]);
  }),

  'finishes the current event when a listener stops, and lets it hear no other': opened(async ({ bus, gate, topic, listen }) => {
    const door = gate();
    const begun: number[] = [];
    let finished = 0;
    const listener = await listen(async ({ sequence }) => {
      begun.push(sequence);
      await door.pass();
      finished++;
    });
    await bus.publish(
      topic,
      times(5, (n) => eventOf('a', n)),
    );
    await door.came;
    const stopped = listener.stop().then(() => finished);
    door.open();
    expect(await stopped).toBe(1);
    expect(begun).toEqual([0]);
    await expect(listener.caughtUp()).rejects.toMatchObject({ code: 'event-bus/consumer-stopped' });
  }),
} satisfies Promises<EventBusSetting>;

const rewinding = {
  'gives a group that was rewound everything again, and no other group': opened(async ({ bus, own, topic, group, consume, reopen }) => {
    const [mine, other] = [notebook(), notebook()];
    await bus.rewind(group); // one that nobody knows has nothing to forget
    await bus.publish(
      topic,
      times(3, (n) => eventOf('a', n)),
    );
    const consumers = [await consume(mine.handle), await consume(other.handle, { group: own('other') })];
    for (const consumer of consumers) {
      await consumer.caughtUp();
      await consumer.stop();
    }
    await bus.rewind(group);
    const next = await reopen();
    await next.bus.publish(topic, [eventOf('a', 3)]);
    const again = [await next.consume(mine.handle), await next.consume(other.handle, { group: own('other') })];
    for (const consumer of again) await consumer.caughtUp();
    expect(mine.written).toEqual(['a:0', 'a:1', 'a:2', 'a:0', 'a:1', 'a:2', 'a:3']);
    expect(other.written).toEqual(['a:0', 'a:1', 'a:2', 'a:3']);
  }),

  'rewinds no group that is read for': opened(async ({ bus, topic, group, consume }) => {
    const { handle, written } = notebook();
    await bus.publish(topic, [eventOf('a', 0)]);
    const consumer = await consume(handle);
    await consumer.caughtUp();
    await expect(bus.rewind(group)).rejects.toMatchObject({ code: 'event-bus/group-runs' });
    await consumer.stop();
    await bus.publish(topic, [eventOf('a', 1)]);
    await (await consume(handle)).caughtUp();
    expect(written).toEqual(['a:0', 'a:1']);
  }),

  'keeps what is parked when its group is rewound, once': opened(async ({ bus, topic, group, consume }) => {
    const { handle, written } = notebook();
    await bus.publish(
      topic,
      times(3, (n) => eventOf(n === 0 ? 'good' : 'bad', n)),
    );
    const failed = await consume(
      failing(handle, ({ subject }) => subject === 'bad'),
      { onFailure: parkAtOnce },
    );
    await failed.caughtUp();
    await failed.stop();
    await bus.rewind(group);
    await (await consume(handle)).caughtUp();
    expect([await parkedOf({ bus, group }), written]).toEqual([
      ['bad:1', 'bad:2'],
      ['good:0', 'good:0'],
    ]);
    expect(await bus.retryParked(group, 'bad')).toBe(2);
  }),
} satisfies Promises<EventBusSetting>;

export const eventBusPromises: Promises<EventBusSetting> = { ...delivering, ...stopping, ...failingEvents, ...listening, ...rewinding };
