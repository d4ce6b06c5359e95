import { BoundedMap, type Clock, isUnavailable, Unavailable } from '@flexistream/kernel';

/** An answer may be used so long, counted from the moment it was asked (design §7). */
const USABLE_MS = 1000;
/** An owner that does not answer within this is unreachable: 503, never a hang. */
const PATIENCE_MS = 2000;
/** Doors that must lose nothing go on with what was good, while the owner is unreachable. */
const EMERGENCY_MS = 300_000;

/** Orders what happens in one process: two events of the same millisecond are told apart. */
export class Ticks {
  #last = 0;
  next(): number {
    return ++this.#last;
  }
}

/** How one request looks at owners' answers. */
export interface Look {
  /** The tick at which the request arrived. */
  readonly arrival: number;
  /** Takes only what was asked after the arrival: no refusal is given on a cached answer. */
  readonly again: boolean;
  /** May go on for a while with what was good when the owner is unreachable. */
  readonly patient: boolean;
  /** Set once an answer was used that was asked before the arrival. */
  old: boolean;
}

interface Entry<V> {
  readonly asked: number;
  readonly tick: number;
  readonly good: Settled<V> | undefined;
  answer: Promise<V> | undefined;
  value: V | undefined;
}

interface Settled<V> {
  readonly asked: number;
  readonly value: V;
}

/** The answers of one owner to one kind of question. Parallel askers of one key share one call; failures are not kept. */
export class OwnerCache<K, V> {
  readonly #entries: BoundedMap<K, Entry<V>>;
  readonly #clock: Clock;
  readonly #ticks: Ticks;
  #lastEviction = 0;

  constructor({ clock, ticks, limit }: { clock: Clock; ticks: Ticks; limit: number }) {
    this.#entries = new BoundedMap(limit);
    this.#clock = clock;
    this.#ticks = ticks;
  }

  /** Answers at once when it can. */
  get(key: K, look: Look, ask: () => Promise<V>): V | Promise<V> {
    const entry = this.#entries.get(key);
    if (entry === undefined || !this.#serves(entry, look)) return this.#ask(key, entry, look, ask);
    if (entry.answer !== undefined) return this.#share(key, entry, entry.answer, look, ask);
    if (entry.tick <= look.arrival) look.old = true;
    return entry.value as V;
  }

  /** Takes in what the answer to another question told, unless something newer is known. */
  offer(key: K, value: V, { asked, tick }: { asked: number; tick: number }): void {
    const entry = this.#entries.get(key);
    if (tick <= this.#lastEviction || (entry !== undefined && entry.tick >= tick)) return;
    this.#entries.set(key, { asked, tick, good: undefined, answer: undefined, value });
  }

  /** What is on its way is not kept either: it may have been read before the change. */
  evict(key: K): void {
    this.#lastEviction = this.#ticks.next();
    this.#entries.delete(key);
  }

  /** Drops every answer that fits; looks at all of them, so only for what happens seldom. */
  evictWhere(fits: (value: V) => boolean): void {
    this.#lastEviction = this.#ticks.next();
    // What is still on its way may have been read before the change.
    for (const [key, { value, answer }] of this.#entries.entries()) if (answer !== undefined || fits(value as V)) this.#entries.delete(key);
  }

  get size(): number {
    return this.#entries.size;
  }

  #isUsable(asked: number): boolean {
    const age = this.#clock() - asked;
    return age >= 0 && age < USABLE_MS;
  }

  #serves(entry: Entry<V>, look: Look): boolean {
    return look.again ? entry.tick > look.arrival : this.#isUsable(entry.asked);
  }

  async #share(key: K, entry: Entry<V>, answer: Promise<V>, look: Look, ask: () => Promise<V>): Promise<V> {
    const value = await answer;
    if (entry.tick > look.arrival) return value;
    if (!this.#isUsable(entry.asked)) return this.get(key, look, ask); // it was long on its way
    look.old = true;
    return value;
  }

  #ask(key: K, former: Entry<V> | undefined, look: Look, ask: () => Promise<V>): Promise<V> {
    const good = former === undefined ? undefined : former.answer === undefined ? (former as Settled<V>) : former.good;
    const entry: Entry<V> = { asked: this.#clock(), tick: this.#ticks.next(), good, answer: undefined, value: undefined };
    this.#entries.set(key, entry);
    const answer = soon(ask).then(
      (value) => {
        entry.value = value;
        entry.answer = undefined;
        return value;
      },
      (error: unknown) => {
        if (this.#entries.get(key) === entry) this.#forget(key, former);
        throw error;
      },
    );
    entry.answer = answer;
    return look.patient ? answer.catch((error: unknown) => this.#makeDo(good, error)) : answer;
  }

  #forget(key: K, former: Entry<V> | undefined): void {
    if (former !== undefined && former.answer === undefined) this.#entries.set(key, former);
    else this.#entries.delete(key);
  }

  #makeDo(good: Settled<V> | undefined, error: unknown): V {
    if (!isUnavailable(error) || good === undefined || good.value === null || good.value === undefined) throw error;
    if (this.#clock() - good.asked > EMERGENCY_MS) throw error;
    return good.value;
  }
}

const soon = <V>(ask: () => Promise<V>): Promise<V> => {
  const { promise, resolve, reject } = Promise.withResolvers<V>();
  const late = setTimeout(() => reject(new Unavailable('an owner does not answer')), PATIENCE_MS);
  ask().then(resolve, reject);
  return promise.finally(() => clearTimeout(late));
};
