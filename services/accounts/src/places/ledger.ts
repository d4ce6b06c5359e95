import {
  type CommandContext,
  type Decision,
  derived,
  isConflict,
  isRefusal,
  type Journal,
  NewerRelease,
  type Refusal,
  stamp,
  Unavailable,
} from '@flexistream/kernel';
import { type PlacesEvent, placesStream } from './events.ts';
import { type Places, type PlacesCommand, placesDecider } from './places.ts';

interface Page {
  readonly places: Places;
  readonly revision: number | undefined;
}

const REMEMBERED = 1_000;
const RETRY_FOR_MS = 5_000;

/**
 * Handles the commands to places. Their streams grow with every account of a limited space, so what was folded is remembered and
 * only what came since is read; the expected revision keeps that exact across processes.
 */
export class PlacesLedger {
  readonly #journal: Journal;
  readonly #pages = new Map<string, Page>();
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  async of(spaceId: string): Promise<Places> {
    return (await this.#turnTo(placesStream(spaceId))).places;
  }

  /** The refusal when the space is full or gone. Taking a place twice is taking it once. */
  take(spaceId: string, owner: string, context: CommandContext): Promise<Refusal | undefined> {
    return this.#handle(spaceId, { type: 'TakePlace', data: { owner }, now: context.at }, derived(context, `place of ${owner}`));
  }

  async release(spaceId: string, owner: string, context: CommandContext): Promise<void> {
    const command: PlacesCommand = { type: 'ReleasePlace', data: { owner }, now: context.at };
    await this.#handle(spaceId, command, derived(context, `release of the place of ${owner}`));
  }

  setLimit(spaceId: string, data: Extract<PlacesCommand, { type: 'SetLimit' }>['data'], context: CommandContext) {
    return this.#handle(spaceId, { type: 'SetLimit', data, now: context.at }, context);
  }

  async close(spaceId: string, context: CommandContext): Promise<void> {
    await this.#handle(spaceId, { type: 'ClosePlaces', data: {}, now: context.at }, context);
  }

  async #handle(spaceId: string, command: PlacesCommand, context: CommandContext): Promise<Refusal | undefined> {
    const stream = placesStream(spaceId);
    const before = this.#turns.get(stream);
    const mine =
      before === undefined ? this.#attempts(stream, command, context) : before.then(() => this.#attempts(stream, command, context));
    const settled = mine.catch(() => undefined);
    this.#turns.set(stream, settled);
    try {
      return await mine;
    } finally {
      if (this.#turns.get(stream) === settled) this.#turns.delete(stream);
    }
  }

  async #attempts(stream: string, command: PlacesCommand, context: CommandContext): Promise<Refusal | undefined> {
    const deadline = Date.now() + RETRY_FOR_MS;
    for (;;) {
      const { places, revision } = await this.#turnTo(stream);
      const decision: Decision<PlacesEvent> = placesDecider.decide(command, places);
      if (isRefusal(decision)) return decision;
      if (decision.length === 0) return undefined;
      const events = stamp(decision, stream, context, placesDecider.events.version);
      try {
        await this.#journal.append(stream, events, { expect: revision ?? 'no-stream' });
        return undefined;
      } catch (error) {
        if (!isConflict(error)) throw error;
        if (Date.now() > deadline) throw new Unavailable('too many writers on one stream', { cause: error });
      }
    }
  }

  async #turnTo(stream: string): Promise<Page> {
    const known = this.#pages.get(stream);
    const from = known?.revision === undefined ? 0 : known.revision + 1;
    let places = known?.places ?? placesDecider.initial;
    let revision = known?.revision;
    for (const stored of await this.#journal.read(stream, { from })) {
      const event = placesDecider.events.read(stored);
      if (event === undefined) throw new NewerRelease('places were written by a newer release');
      places = placesDecider.evolve(places, event);
      revision = stored.revision;
    }
    const page = { places, revision };
    this.#remember(stream, page);
    return page;
  }

  /** Of two readers the one that read further is remembered. */
  #remember(stream: string, page: Page): void {
    const known = this.#pages.get(stream);
    if (page.revision === undefined || (known?.revision ?? -1) >= page.revision) return;
    this.#pages.delete(stream);
    this.#pages.set(stream, page);
    if (this.#pages.size <= REMEMBERED) return;
    for (const oldest of this.#pages.keys()) return void this.#pages.delete(oldest);
  }
}
