import { masterKeyStream, type ServiceName } from '@flexistream/contracts';
import { type Clock, isConflict, type Journal, type Position, type StoredEvent, stamp } from '@flexistream/kernel';
import { fingerprint, type MasterKey, openPseudonyms, openVault, type Vault } from '@flexistream/key-store';
import { gauge, type Log } from '@flexistream/observability';
import { type Follower, follow, type ParkedEvent, type Projection, rebuildProjections, retryParked } from '@flexistream/read-models';
import { refuseBeyondTheLog } from './beyond-the-log.ts';
import { systemContext } from './context.ts';
import type { Infrastructure, Stores } from './infrastructure.ts';
import { SealingJournal } from './journal.ts';
import { startReactions } from './reactions.ts';
import { ReadYourWrites } from './read-your-writes.ts';
import { relayCheckpoint, startRelay } from './relay.ts';
import { startSchedules } from './schedules.ts';
import type { AnyService, AskService, Ports, Views } from './service.ts';
import { tracedHandlers, tracedProjection } from './traced.ts';
import { type Turns, takeTurns } from './turns.ts';

/** How a service comes to be: its name, and what makes it from its ports. */
export interface Definition {
  readonly name: ServiceName;
  readonly make: (ports: Ports) => AnyService;
}

export interface Surroundings {
  readonly infrastructure: Infrastructure;
  readonly ask: AskService;
  readonly clock: Clock;
  readonly log: Log;
  /** Called while a projection is rebuilt at the start. */
  readonly onProgress?: (projection: string, done: number, of: number) => void;
  /** For a command of an operator: documents stay as they are until it changes them, and may stand beyond their log, which it heals. */
  readonly atRest?: boolean;
}

export interface RunningService {
  readonly service: AnyService;
  /** Starts what acts by itself: relay, reactions, schedules. Not before every service of the process can be asked. */
  activate(): Promise<void>;
  parked(): Promise<readonly ParkedEvent[]>;
  /** Tries what was parked under a key again, projections' and integration events; answers how many went through. */
  retryParked(key: string): Promise<number>;
  /** Builds every projection anew from the log; answers how many events there are. Not while the service is active. */
  rebuild(onProgress: (what: string, done: number, of: number) => void): Promise<number>;
  /** Has the service read again all that the others' topics still hold; repeats change nothing. @throws GroupRuns while any instance is active */
  rewind(): Promise<void>;
  /** The relay publishes again what stands after that position, 0 = everything, when it next starts. Not while any runs. */
  republish(after: Position): Promise<void>;
  /** The types of the oldest events of the log, at most `limit`. */
  firstEvents(limit: number): Promise<readonly string[]>;
  /** Resolves when every following projection and every consumer has taken in what was there at the call. */
  caughtUp(): Promise<void>;
  /** Finishes what it accepted: current event, commit, stores closed. */
  stop(): Promise<void>;
}

/** Opens the stores, brings the projections up to the log, and answers a service that can be asked. */
export const openService = async (definition: Definition, surroundings: Surroundings): Promise<RunningService> => {
  const stores = await surroundings.infrastructure.stores(definition.name);
  try {
    return await openOn(stores, definition, surroundings);
  } catch (error) {
    await stores.close();
    throw error;
  }
};

const openOn = async (stores: Stores, definition: Definition, surroundings: Surroundings): Promise<RunningService> => {
  const { infrastructure, ask, clock, atRest = false } = surroundings;
  const log = surroundings.log.child({ service: definition.name });
  const vault = erasingDocuments(
    await openVault({ keys: stores.keys, masterKey: infrastructure.masterKey, service: definition.name }),
    stores,
  );
  const writes = new ReadYourWrites();
  const journal = new SealingJournal({
    service: definition.name,
    store: stores.eventStore,
    vault,
    log,
    ...(stores.eventStore.appendsViews ? {} : { writes }),
  });
  const untraced = definition.make({
    journal,
    views: viewsOf(stores),
    vault,
    keys: stores.keys,
    pseudonyms: once(() =>
      openPseudonyms({ keys: stores.keys, vault, masterKey: infrastructure.masterKey, service: definition.name, clock }),
    ),
    ephemeral: infrastructure.ephemeral,
    ask,
    clock,
    log,
  });
  const made: AnyService = { ...untraced, handlers: tracedHandlers(untraced), projections: untraced.projections.map(tracedProjection) };
  await stores.readModels.declare([...made.projections, relayCheckpoint]);
  if (!atRest) await refuseBeyondTheLog(made, stores, log); // before it appends anything
  await refuseAnotherMasterKey(journal, definition.name, infrastructure.masterKey, clock);
  if (!atRest) await catchUpInline(made, stores, journal, surroundings);
  const turns = stores.shared ? takeTurns(definition.name, infrastructure.ephemeral, log) : undefined;
  const followers = new Map<string, Follower>();
  for (const projection of made.projections.filter((one) => !atRest && !isInline(one, stores))) {
    const turn = turns?.of(`${projection.name}@${projection.version}`);
    followers.set(projection.name, follow({ ...stores, projection, open: (event) => journal.open(event), log, ...(turn && { turn }) }));
  }
  journal.project(
    made.projections.filter((one) => isInline(one, stores)),
    followers,
  );
  watch(made, stores, followers);
  const awaited = made.projections.filter(({ mode }) => mode === 'inline').flatMap(({ name }) => followers.get(name) ?? []);
  const service = writes.wrap(made, awaited);
  return run({ service, stores, journal, followers, turns }, { infrastructure, clock, log });
};

interface Parts {
  readonly service: AnyService;
  readonly stores: Stores;
  readonly journal: SealingJournal;
  readonly followers: ReadonlyMap<string, Follower>;
  readonly turns: Turns | undefined;
}

const run = (
  { service, stores, journal, followers, turns }: Parts,
  { infrastructure, clock, log }: Pick<Surroundings, 'infrastructure' | 'clock' | 'log'>,
): RunningService => {
  let active:
    | {
        relay: { stop(): Promise<void> } | undefined;
        reactions: Awaited<ReturnType<typeof startReactions>>;
        schedules: { stop(): Promise<void> };
      }
    | undefined;
  let forgetting: Promise<void> | undefined;
  const followersStopped = new AbortController();
  return {
    service,
    activate: async () => {
      const { publishes } = service;
      const relay =
        publishes &&
        startRelay({
          service: service.name,
          store: stores.eventStore,
          readModels: stores.readModels,
          bus: infrastructure.bus,
          publishes,
          turn: turns?.of(relayCheckpoint.name),
          log,
        });
      const reactions = await startReactions(service, infrastructure.bus, clock, log);
      active = { relay, reactions, schedules: startSchedules(service, infrastructure.ephemeral, clock, log) };
      forgetting = forgetOldVersions(service, stores, followers, followersStopped.signal).catch((error: unknown) =>
        log.warn({ error }, 'old documents are kept until the next start'),
      );
    },
    parked: () => stores.readModels.parked(),
    retryParked: async (key) => {
      let retried = await infrastructure.bus.retryParked(service.name, key).catch(() => 0); // 0 without a consumer
      const open = (event: StoredEvent) => journal.open(event);
      for (const projection of service.projections) retried += await retryParked({ ...stores, projection, open }, key);
      return retried;
    },
    rebuild: async (onProgress) => {
      await Promise.all([...followers.values()].map((follower) => follower.stop()));
      await rebuildProjections({
        ...stores,
        projections: service.projections,
        open: (event) => journal.open(event),
        onProgress: (done, of) => onProgress(service.name, done, of),
      });
      return stores.eventStore.head();
    },
    rewind: () => infrastructure.bus.rewind(service.name),
    republish: async (after) => {
      const end = await stores.eventStore.end();
      if (after > end) throw new RangeError(`the log of ${service.name} ends at ${end}`);
      await stores.readModels.beginRebuild(relayCheckpoint); // its place never goes back otherwise; a crash here publishes more again
      if (after > 0) await stores.readModels.apply(relayCheckpoint, [], after);
    },
    firstEvents: async (limit) => (await stores.eventStore.readAll({ after: 0, limit })).map(({ type }) => type),
    caughtUp: async () => {
      await forgetting;
      const head = await stores.eventStore.head();
      await Promise.all([...followers.values()].map((follower) => follower.whenReached(head)));
      while (active?.relay !== undefined && (await stores.readModels.checkpoint(relayCheckpoint)) < head) await new Promise(setImmediate);
      await active?.reactions?.caughtUp();
    },
    stop: async () => {
      await active?.schedules.stop();
      await active?.reactions?.stop();
      await active?.relay?.stop();
      await Promise.all([...followers.values()].map((follower) => follower.stop()));
      await turns?.stop();
      followersStopped.abort();
      await forgetting;
      await stores.close();
    },
  };
};

const once = <T>(open: () => Promise<T>): (() => Promise<T>) => {
  let opened: Promise<T> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
};

/** An erasure ends with the documents: they were dropped with the fact, and must not lie on in a write-ahead log. */
const erasingDocuments = (vault: Vault, stores: Stores): Vault => ({
  seal: (subject, stream, eventId, value) => vault.seal(subject, stream, eventId, value),
  open: (stream, eventId, sealed) => vault.open(stream, eventId, sealed),
  hash: (purpose, value) => vault.hash(purpose, value),
  erase: async (subject) => {
    await vault.erase(subject);
    await stores.truncate();
  },
});

/**
 * Documents of former versions hold personal values that no erasure reaches any more: they go once the new ones have caught up.
 * Not on shared engines, where an older release may still read them beside this one.
 */
const forgetOldVersions = async (
  service: AnyService,
  stores: Stores,
  followers: ReadonlyMap<string, Follower>,
  stopped: AbortSignal,
): Promise<void> => {
  if (stores.shared) return;
  const head = await stores.eventStore.head();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  stopped.addEventListener('abort', () => end());
  await Promise.race([ended, Promise.all([...followers.values()].map((follower) => follower.whenReached(head)))]);
  if (!stopped.aborted) await stores.readModels.keepOnly([...service.projections, relayCheckpoint]);
};

const isInline = (projection: Projection, { eventStore }: Stores): boolean => projection.mode === 'inline' && eventStore.appendsViews;

const viewsOf = ({ readModels }: Stores): Views => ({
  get: (projection, { name }, id) => readModels.get(projection, name, String(id)),
  getMany: (projection, { name }, ids) => readModels.getMany(projection, name, ids.map(String)),
  find: (projection, { name }, query) => readModels.find(projection, name, query),
});

/** A projection that is new, or of a new version, is built from the log before the service answers. */
const catchUpInline = async (
  service: AnyService,
  stores: Stores,
  journal: SealingJournal,
  { onProgress, log }: Surroundings,
): Promise<void> => {
  const head = await stores.eventStore.head();
  const behind: Projection[] = [];
  for (const projection of service.projections) {
    if (isInline(projection, stores) && (await stores.readModels.checkpoint(projection)) < head) behind.push(projection);
  }
  if (behind.length === 0) return;
  const names = behind.map(({ name }) => name).join(', ');
  log.info({ projections: names, events: head }, 'building projections from the log');
  await rebuildProjections({
    ...stores,
    projections: behind,
    open: (event) => journal.open(event),
    onProgress: (done, of) => onProgress?.(names, done, of),
  });
};

/** The log holds the fingerprint of the master key, so that another key is noticed before it writes what this one cannot read. */
const refuseAnotherMasterKey = async (journal: Journal, name: ServiceName, masterKey: MasterKey, clock: Clock): Promise<void> => {
  const mine = fingerprint(masterKey);
  if ((await adoptedKey(journal, name, mine, clock)) !== mine) {
    throw new AnotherMasterKey(
      `the data of ${name} was written with another master key: set MASTER_KEY, or restore master.key, to that one`,
    );
  }
};

/** The one that the log was begun with; of several instances that start it at once, the first one's. */
const adoptedKey = async (journal: Journal, name: ServiceName, mine: string, clock: Clock): Promise<string | undefined> => {
  const stream = masterKeyStream(name);
  const adopted = async () => ((await journal.last(stream))?.data as { fingerprint?: string } | undefined)?.fingerprint;
  const there = await adopted();
  if (there !== undefined) return there;
  const events = stamp([{ type: 'MasterKeyAdopted', data: { fingerprint: mine } }], stream, systemContext(name, clock), () => 1);
  try {
    await journal.append(stream, events, { expect: 'no-stream' });
    return mine;
  } catch (error) {
    if (!isConflict(error)) throw error;
    return adopted();
  }
};

export class AnotherMasterKey extends Error {
  readonly code = 'service-host/another-master-key';
}

const watch = (
  { name: service, publishes }: AnyService,
  { eventStore, readModels }: Stores,
  followers: ReadonlyMap<string, Follower>,
): void => {
  for (const [projection, follower] of followers) {
    gauge('flexistream_projection_lag', 'Log positions that a following projection has still to take in', async (result) =>
      result.observe(await follower.lag(), { service, projection }),
    );
  }
  if (publishes !== undefined) {
    gauge('flexistream_relay_lag', 'Log positions that are still to be looked through for what to publish', async (result) =>
      result.observe(Math.max(0, (await eventStore.head()) - (await readModels.checkpoint(relayCheckpoint))), { service }),
    );
  }
  gauge('flexistream_parked_events', 'Events that a projection set aside because it failed on them', async (result) =>
    result.observe((await readModels.parked()).length, { service }),
  );
};
