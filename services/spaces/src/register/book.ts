import {
  type CommandContext,
  isConflict,
  isRefusal,
  type Journal,
  NewerRelease,
  type Refusal,
  type StoredEvent,
  stamp,
  Unavailable,
} from '@flexistream/kernel';
import { spaceStream } from '../space/events.ts';
import { registerStream } from './events.ts';
import { enter, newestAfter, type RegisterCommand, registerDecider } from './register.ts';
import type { Register } from './unique.ts';

/** Where the facts of one space stand in the register's stream. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** The register as it was at one revision of its stream. */
export interface Page {
  readonly register: Register;
  /** -1 before the first event. */
  readonly revision: number;
  readonly spans: ReadonlyMap<string, Span>;
  /** True when the stream holds an event type that this release does not know. */
  readonly skipped: boolean;
}

const RETRY_FOR_MS = 5_000;

/**
 * The register, kept in memory and folded forward: each look reads what came since, so it is never behind an append of this or
 * another process, and costs one short read.
 */
export class RegisterBook {
  readonly #journal: Journal;
  #page: Page = { register: registerDecider.initial, revision: -1, spans: new Map(), skipped: false };
  #turn: Promise<unknown> = Promise.resolve();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  async current(): Promise<Page> {
    const page = await this.#readOn(this.#page);
    // Of two readers the one that read further is remembered.
    if (page.revision > this.#page.revision) this.#page = page;
    return this.#page;
  }

  /** Commands wait for one another inside a process; against other processes the expected revision decides. */
  handle(command: RegisterCommand, context: CommandContext): Promise<Refusal | undefined> {
    const mine = this.#turn.then(() => this.#attempts(command, context));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #attempts(command: RegisterCommand, context: CommandContext): Promise<Refusal | undefined> {
    const deadline = Date.now() + RETRY_FOR_MS;
    for (;;) {
      const { register, revision, skipped } = await this.current();
      if (skipped) throw new NewerRelease('the register of spaces was written by a newer release');
      const decision = registerDecider.decide(command, register);
      if (isRefusal(decision)) return decision;
      if (decision.length === 0) return undefined;
      const events = stamp(decision, registerStream, context, registerDecider.events.version);
      try {
        const expect = revision < 0 ? 'no-stream' : revision;
        await this.#journal.append(registerStream, events, { expect, subject: spaceStream(command.data.id) });
        return undefined;
      } catch (error) {
        if (!isConflict(error)) throw error;
        if (Date.now() > deadline) throw new Unavailable('too many writers on the register of spaces', { cause: error });
      }
    }
  }

  async #readOn(page: Page): Promise<Page> {
    const news = await this.#journal.read(registerStream, { from: page.revision + 1 });
    return news.length === 0 ? page : turn(page, news);
  }
}

const turn = (page: Page, news: readonly StoredEvent[]): Page => {
  const spaces = new Map(page.register.spaces);
  const spans = new Map(page.spans);
  let { newest } = page.register;
  let { revision, skipped } = page;
  for (const stored of news) {
    revision = stored.revision;
    const event = registerDecider.events.read(stored);
    if (event === undefined) {
      skipped = true;
      continue;
    }
    enter(spaces, event);
    newest = newestAfter(newest, event);
    const { space: id } = event.data;
    if (event.type === 'SpaceErased') spans.delete(id);
    else spans.set(id, { first: spans.get(id)?.first ?? revision, last: revision });
  }
  return { register: { spaces, newest }, revision, spans, skipped };
};
