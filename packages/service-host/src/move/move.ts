import { masterKeyStream, type ServiceName, topicOf } from '@flexistream/contracts';
import type { Position } from '@flexistream/kernel';
import { fingerprint, openVault } from '@flexistream/key-store';
import type { Log } from '@flexistream/observability';
import { rebuildProjections } from '@flexistream/read-models';
import { SealingJournal } from '../journal.ts';
import { relayCheckpoint } from '../relay.ts';
import type { Definition } from '../running-service.ts';
import type { AnyService } from '../service.ts';
import { compareDocuments, type Difference } from './compare-documents.ts';
import { describedService } from './described-service.ts';
import { matchLogs } from './match-logs.ts';
import { copyKeys, matchKeys, proveKeys } from './move-keys.ts';
import { copyLog, proveLog } from './move-log.ts';
import { MoveRefused } from './move-refused.ts';
import { lengthOf, type MovedEvent, movedLog } from './moved-log.ts';
import { openSourceFolder, type ServiceAtRest, type SourceFolder } from './source-folder.ts';
import { openTargetEngines, type TargetAddresses, type TargetEngines, type TargetService } from './target-engines.ts';

export { MoveDiffers, MoveRefused } from './move-refused.ts';

export interface MoveOptions {
  readonly folder: string;
  /** Unset: the file in the folder. */
  readonly masterKey: string | undefined;
  readonly target: TargetAddresses;
  readonly definitions: readonly Definition[];
  readonly log: Log;
  /** False: nothing is written; what was moved before is compared. */
  readonly copies: boolean;
  readonly onProgress: (what: string, done: number, of: number) => void;
  /** Hears of each service when it stands. */
  readonly onMoved: (service: MovedService) => void;
}

export interface MovedService {
  readonly name: ServiceName;
  readonly events: number;
  readonly keys: number;
  readonly documents: number;
  /** Events that projections had set aside in the folder: they are tried again on the target. */
  readonly parked: number;
  readonly differences: readonly Difference[];
}

/**
 * Copies an installation from one folder to the shared engines: keys, logs, what the ephemeral store keeps over restarts; builds
 * the documents there and compares them with those of the folder. Nothing is written before the target was looked over whole.
 * A run that was cut off is gone on with by the next one.
 * @throws MoveRefused, MoveDiffers, DataFolderTaken, Unavailable
 */
export const moveInstallation = async (options: MoveOptions): Promise<void> => {
  const services = options.definitions.map(describedService);
  const source = await openSourceFolder(
    options.folder,
    options.masterKey,
    services.map(({ name }) => name),
  );
  const target = openTargetEngines(options.target);
  try {
    const moves: Move[] = [];
    for (const service of services) moves.push(await prepared(service, services, source, target, options));
    if (options.copies) {
      for (const move of moves) await move.refuseOtherData();
      for (const move of moves) await move.copy();
      await copyDurable(source, target);
    }
    for (const move of moves) options.onMoved(await move.verify());
  } finally {
    await target.close();
    source.close();
  }
};

const prepared = async (
  service: AnyService,
  all: readonly AnyService[],
  source: SourceFolder,
  target: TargetEngines,
  options: MoveOptions,
): Promise<Move> => new Move(service, all, source, await target.service(service.name), options);

/** One service on its way. */
class Move {
  readonly #service: AnyService;
  readonly #all: readonly AnyService[];
  readonly #source: SourceFolder;
  readonly #from: ServiceAtRest;
  readonly #to: TargetService;
  readonly #options: MoveOptions;

  constructor(service: AnyService, all: readonly AnyService[], source: SourceFolder, to: TargetService, options: MoveOptions) {
    this.#service = service;
    this.#all = all;
    this.#source = source;
    this.#from = source.service(service.name);
    this.#to = to;
    this.#options = options;
  }

  async refuseOtherData(): Promise<void> {
    this.#refuseAnotherMasterKey();
    const events = await matchLogs(movedLog(this.#from.log), this.#to.eventStore);
    const keys = await matchKeys(this.#from.keys, this.#to.keyImport);
    if (events + keys === 0 && (await this.#to.documents.areBegun())) {
      throw new MoveRefused(`the target holds documents of ${this.#service.name} that belong to no log: drop that database`);
    }
  }

  async copy(): Promise<void> {
    const { name, projections } = this.#service;
    const { onProgress } = this.#options;
    await copyKeys(this.#from.keys, this.#to.keyImport, (done, of) => onProgress(`${name}: keys`, done, of));
    await copyLog(this.#from.log, this.#to.eventStore, this.#to.logImport, (done, of) => onProgress(`${name}: events`, done, of));
    const { readModels, eventStore } = this.#to;
    await readModels.declare([...projections, relayCheckpoint]);
    const open = await this.#opener();
    const events = this.#from.log.count();
    await rebuildProjections({
      eventStore,
      readModels,
      projections,
      open,
      onProgress: (done, of) => onProgress(`${name}: documents from`, Math.round((events * done) / of), events),
    });
  }

  async verify(): Promise<MovedService> {
    const { name, projections, publishes } = this.#service;
    const { log, documents: source, keys } = this.#from;
    await proveKeys(keys, this.#to.keyImport);
    const { relayed, positions } = await proveLog(log, this.#to.eventStore, this.#unfinished());
    if (publishes !== undefined && this.#options.copies) await this.#placeRelay(relayed);
    const sides = { log, source, readModels: this.#to.readModels, target: this.#to.documents, open: await this.#opener(), positions };
    let documents = 0;
    const differences: Difference[] = [];
    for (const projection of projections) {
      const compared = await compareDocuments(projection, sides);
      documents += compared.documents;
      differences.push(...compared.differences);
    }
    const { records, destroyed } = keys.counts();
    const parked = projections.reduce((sum, projection) => sum + source.parked(projection).length, 0);
    return { name, events: lengthOf(log), keys: records + destroyed, documents, parked, differences };
  }

  /** What others have heard and acted on is not told again; what they have not, is: a topic's log does not move. */
  #unfinished(): (event: MovedEvent) => boolean {
    const { name, publishes } = this.#service;
    if (publishes === undefined) return () => false;
    const published = this.#from.documents.checkpoint(relayCheckpoint) ?? 0;
    const groups = this.#all.filter(({ reactions }) => reactions.some(({ topics }) => topics.includes(name))).map((one) => one.name);
    const waiting = this.#source.bus.unfinished(topicOf(name as Parameters<typeof topicOf>[0]), groups);
    return ({ position, event }) => position > published || waiting.has(event.id);
  }

  async #placeRelay(place: Position): Promise<void> {
    const { readModels } = this.#to;
    await readModels.beginRebuild(relayCheckpoint);
    await readModels.apply(relayCheckpoint, [], place);
  }

  async #opener(): Promise<SealingJournal['open']> {
    const { name: service } = this.#service;
    const { eventStore: store, keys } = this.#to;
    const vault = await openVault({ keys, masterKey: this.#source.masterKey, service });
    const journal = new SealingJournal({ service, store, vault, log: this.#options.log });
    return (event) => journal.open(event);
  }

  #refuseAnotherMasterKey(): void {
    const [adopted] = this.#from.log.stream(masterKeyStream(this.#service.name));
    const { fingerprint: theirs } = (adopted?.data ?? {}) as { fingerprint?: string };
    if (theirs !== undefined && theirs !== fingerprint(this.#source.masterKey)) {
      throw new MoveRefused('the folder was written with another master key: set MASTER_KEY, or restore master.key, to that one');
    }
  }
}

/** Last uses of keys, and ends of calls that overtook their beginning. */
const copyDurable = async (source: SourceFolder, { ephemeral }: TargetEngines): Promise<void> => {
  const now = Date.now();
  for (const { key, value, expiresAt } of source.durable(now)) await ephemeral.set(key, value, { ttl: expiresAt - now, durable: true });
};
