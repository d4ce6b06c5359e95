import { setTimeout as wait } from 'node:timers/promises';
import { Unavailable } from '@flexistream/kernel';
import type { Consumer, ConsumerConfig, EachBatchHandler, Kafka } from 'kafkajs';
import { untilAborted } from '../embedded/turns.ts';

export interface MemberOptions {
  readonly kafka: Kafka;
  /** Asked for each consumer anew. */
  readonly config: () => ConsumerConfig;
  readonly topics: readonly string[];
  readonly take: EachBatchHandler;
  /** Called whenever it has joined the group, before anything is fetched. */
  readonly joined?: (consumer: Consumer) => void;
  /** Before another consumer takes the place: brings back topics that are gone. Where it fails it is tried again. */
  readonly beforeAnew: () => Promise<void>;
  /** Whether a batch is being handled: then silence means nothing. */
  readonly busy: () => boolean;
  readonly silentMs: number;
  readonly onTrouble: (text: string) => void;
}

interface Current {
  readonly consumer: Consumer;
  /** Resolves when kafkajs has given it up. */
  readonly crashed: Promise<string>;
  heard: number;
}

const PARTITIONS_AT_ONCE = 16;
const FIRST_JOIN_MS = 10_000;
const RETIRING_MS = 5_000;
const LONGEST_PAUSE_MS = 2_000;

/**
 * A place in a consumer group that is always taken: when kafkajs gives its consumer up, or the consumer fetches no more, another one takes its
 * place. kafkajs may not restart one by itself: it would do so behind the back of who has stopped it meanwhile.
 */
export class Member {
  readonly #options: MemberOptions;
  readonly #stopping = new AbortController();
  readonly #supervising: Promise<void>;

  private constructor(options: MemberOptions, first: Current) {
    this.#options = options;
    this.#supervising = this.#supervise(first);
  }

  /** Resolves when it is in the group. @throws Unavailable */
  static async join(options: MemberOptions): Promise<Member> {
    const end = Date.now() + FIRST_JOIN_MS;
    for (let failures = 0; ; failures++) {
      try {
        return new Member(options, await open(options));
      } catch (error) {
        if (Date.now() >= end) throw new Unavailable('Kafka takes no member into a group', { cause: error });
        await wait(pauseAfter(failures));
      }
    }
  }

  /** Has handlers finish, leaves the group, and then disconnects. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#supervising;
  }

  async #supervise(first: Current): Promise<void> {
    const { signal } = this.#stopping;
    let current: Current | undefined = first;
    while (!signal.aborted) {
      const why = await this.#trouble(current);
      if (why === undefined) break;
      this.#options.onTrouble(`a consumer of ${this.#options.topics.join()} is made anew: ${why}`);
      await retire(current.consumer, RETIRING_MS);
      current = await this.#replacement();
      if (current === undefined) return;
    }
    await retire(current.consumer);
  }

  /** Why it must be replaced; undefined when it is to stop. */
  async #trouble(current: Current): Promise<string | undefined> {
    const { busy, silentMs } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const silence = new AbortController();
      const looked = wait(silentMs / 4, undefined, { signal: AbortSignal.any([signal, silence.signal]), ref: false }).catch(
        () => undefined,
      );
      const crash = await Promise.race([current.crashed, looked]);
      silence.abort();
      if (signal.aborted) return undefined;
      if (crash !== undefined) return crash;
      if (!busy() && Date.now() - current.heard >= silentMs) return 'it was silent';
    }
    return undefined;
  }

  async #replacement(): Promise<Current | undefined> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.#options.beforeAnew();
        return await open(this.#options);
      } catch {
        await untilAborted(wait(pauseAfter(failures), undefined, { ref: false }), signal);
      }
    }
    return undefined;
  }
}

const pauseAfter = (failures: number): number => Math.min(LONGEST_PAUSE_MS, 100 * 2 ** Math.min(failures, 10));

const open = async ({ kafka, config, topics, take, joined: hasJoined }: MemberOptions): Promise<Current> => {
  const consumer = kafka.consumer({
    ...config(),
    allowAutoTopicCreation: false,
    retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000, restartOnFailure: async () => false },
  });
  const joined = Promise.withResolvers<void>();
  const crashed = Promise.withResolvers<string>();
  const current: Current = { consumer, crashed: crashed.promise, heard: Date.now() };
  const { GROUP_JOIN, FETCH, HEARTBEAT, CRASH } = consumer.events;
  for (const sign of [GROUP_JOIN, FETCH, HEARTBEAT] as const) {
    consumer.on(sign, () => {
      current.heard = Date.now();
      joined.resolve(); // none of them comes before it is in the group
    });
  }
  consumer.on(GROUP_JOIN, () => hasJoined?.(consumer));
  consumer.on(CRASH, ({ payload: { error } }) => crashed.resolve(`${error.name}: ${error.message}`));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: take,
    });
    const crash = await Promise.race([joined.promise, crashed.promise]);
    if (crash !== undefined) throw new Error(crash);
    return current;
  } catch (error) {
    await retire(consumer, RETIRING_MS);
    throw error;
  }
};

/** Stops, then disconnects; within a time where nobody can say whether it still listens. */
const retire = async (consumer: Consumer, withinMs?: number): Promise<void> => {
  const gone = (async () => {
    await consumer.stop();
    await consumer.disconnect();
  })().catch(() => {}); // what is left of it belongs to nobody
  if (withinMs === undefined) return gone;
  const late = new AbortController();
  await Promise.race([gone, wait(withinMs, undefined, { signal: late.signal }).catch(() => {})]);
  late.abort();
};
