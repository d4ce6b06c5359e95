import {
  type CommandContext,
  derived,
  eventId,
  isConflict,
  type Journal,
  type NewEvent,
  type Position,
  type StoredEvent,
  Unavailable,
} from '@flexistream/kernel';
import { isDestroyed, type Vault } from '@flexistream/key-store';
import { spaceStream } from '../space/events.ts';
import { type Space, spaceDecider } from '../space/space.ts';
import type { RegisterBook } from './book.ts';
import { registerStream } from './events.ts';

export interface Followed {
  readonly space: Space;
  /** Of the last event of the space's own stream; 0 when there is none. */
  readonly position: Position;
}

const RETRY_FOR_MS = 5_000;

/**
 * Has each space's own stream say what the register says. A crash between the two appends leaves a stream behind; whoever looks
 * at the space next completes it, and so does the sweep: a change is in the register whole or not at all.
 */
export class SpaceStreams {
  readonly #journal: Journal;
  readonly #book: RegisterBook;
  readonly #vault: Pick<Vault, 'erase'>;

  constructor(journal: Journal, book: RegisterBook, vault: Pick<Vault, 'erase'>) {
    this.#journal = journal;
    this.#book = book;
    this.#vault = vault;
  }

  /** The space as its own stream has it once that is complete. */
  async follow(id: string): Promise<Followed> {
    const deadline = Date.now() + RETRY_FOR_MS;
    for (;;) {
      const span = (await this.#book.current()).spans.get(id);
      const own = await this.#journal.read(spaceStream(id));
      const behind = span !== undefined && lastTaken(own) < span.last;
      if (!behind) return { space: foldStored(own), position: own.at(-1)?.position ?? 0 };
      try {
        await this.#takeOver(id, Math.max(span.first, lastTaken(own) + 1), own.at(-1)?.revision);
      } catch (error) {
        // Somebody else was quicker: another follower, or the erasure after it.
        if (!isConflict(error) && !isDestroyed(error)) throw error;
        if (Date.now() > deadline) throw new Unavailable('too many writers on the stream of a space', { cause: error });
      }
    }
  }

  /** Completes a deletion: the stream, then the key of what is sealed in it, then the register's note that nothing is left to do. */
  async finishDeletion(id: string, context: CommandContext): Promise<Followed> {
    const followed = await this.follow(id);
    if (followed.space.status !== 'deleted') return followed;
    await this.#vault.erase(spaceStream(id));
    await this.#book.handle({ type: 'NoteErasure', data: { id }, now: context.at }, derived(context, `erasure of ${id}`));
    return followed;
  }

  async #takeOver(id: string, from: number, revision: number | undefined): Promise<void> {
    const stream = spaceStream(id);
    const facts = (await this.#journal.read(registerStream, { from })).filter(({ data }) => spaceOf(data) === id);
    await this.#journal.append(
      stream,
      facts.map((fact) => copyOf(fact, stream)),
      { expect: revision ?? 'no-stream', subject: stream },
    );
  }
}

/** Word for word, in the version it was written in. Its id follows from the fact's: two that take it over write the same event. */
const copyOf = ({ id, type, schema, data, metadata, revision }: StoredEvent, stream: string): NewEvent => ({
  id: eventId(id, stream, 0),
  type,
  schema,
  data: { ...data, register: revision },
  metadata,
});

const spaceOf = (data: object): unknown => (data as { space?: unknown }).space;

const lastTaken = (own: readonly StoredEvent[]): number =>
  own.reduce((last, { data }) => Math.max(last, (data as { register?: number }).register ?? -1), -1);

const foldStored = (own: readonly StoredEvent[]): Space => {
  let space = spaceDecider.initial;
  for (const stored of own) {
    const event = spaceDecider.events.read(stored);
    if (event !== undefined) space = spaceDecider.evolve(space, event);
  }
  return space;
};
