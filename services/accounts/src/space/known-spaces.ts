import type { InputOf, SpaceIdentity } from '@flexistream/contracts';
import type { Clock, CommandContext } from '@flexistream/kernel';
import type { AskService } from '@flexistream/service-host';

type Key = Extract<InputOf<'spaces.resolve'>, { id: string } | { domain: string }>;

interface Answer {
  /** Counted from the moment of asking, not of the answer (design §7). */
  readonly askedAt: number;
  readonly space: Promise<SpaceIdentity | null>;
}

const GOOD_FOR_MS = 1_000;
const REMEMBERED = 1_000;

/**
 * Spaces as their owner tells them. An answer is used for a second; parallel askers share one call; no refusal is given on a
 * remembered answer: what says no is asked once more first.
 */
export class KnownSpaces {
  readonly #ask: AskService;
  readonly #clock: Clock;
  readonly #answers = new Map<string, Answer>();

  constructor(ask: AskService, clock: Clock) {
    this.#ask = ask;
    this.#clock = clock;
  }

  byId(id: string, context: CommandContext): Promise<SpaceIdentity | null> {
    return this.#find({ id }, context);
  }

  /** Compared without case. */
  byDomain(domain: string, context: CommandContext): Promise<SpaceIdentity | null> {
    return this.#find({ domain: domain.toLowerCase() }, context);
  }

  /** Asks now: before a refusal that a remembered answer would lead to. */
  fresh(id: string, context: CommandContext): Promise<SpaceIdentity | null> {
    return this.#askNow({ id }, context);
  }

  /** Some space has changed: what is remembered may be wrong before its second is over. Spaces are few and change seldom. */
  forget(): void {
    this.#answers.clear();
  }

  async #find(key: Key, context: CommandContext): Promise<SpaceIdentity | null> {
    const known = this.#answers.get(JSON.stringify(key));
    const remembered = known !== undefined && this.#clock() - known.askedAt < GOOD_FOR_MS ? await known.space.catch(() => null) : null;
    return remembered ?? this.#askNow(key, context);
  }

  #askNow(key: Key, context: CommandContext): Promise<SpaceIdentity | null> {
    const space = this.#ask('spaces.resolve', key, context);
    this.#remember(JSON.stringify(key), { askedAt: this.#clock(), space });
    return space;
  }

  #remember(name: string, answer: Answer): void {
    this.#answers.delete(name);
    this.#answers.set(name, answer);
    if (this.#answers.size <= REMEMBERED) return;
    const [oldest] = this.#answers.keys();
    if (oldest !== undefined) this.#answers.delete(oldest);
  }
}

/** Reckoned at each use, never remembered. */
export const isExpired = ({ expireAt }: SpaceIdentity, now: number): boolean => expireAt !== null && expireAt <= now;

/** The realm that new passwords are made with (spec accounts.md §4). */
export const realmOf = ({ realm, domain }: Pick<SpaceIdentity, 'realm' | 'domain'>): string => realm ?? domain;
