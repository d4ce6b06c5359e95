import type { Ephemeral } from '@flexistream/ephemeral';

/** How long an end that overtook its announcement is kept, ms (spec README.md, decision 13). */
const KEPT_FOR = 10 * 60_000;

const keyOf = (call: string): string => `statistics:end:${call}`;

/** The ends of calls that nobody announced yet. Most never will be: Flexisip reports every BYE, also of chat rooms. */
export class KeptEnds {
  readonly #ephemeral: Ephemeral;
  readonly #keeping = new Map<string, Promise<void>>();

  constructor(ephemeral: Ephemeral) {
    this.#ephemeral = ephemeral;
  }

  /** Keeps the earliest one, since both sides may hang up. In turn for each call: looking and setting are two steps. */
  async keep(call: string, endedAt: string): Promise<void> {
    const work = () => this.#keepEarliest(call, endedAt);
    const mine = this.#keeping.get(call)?.then(work, work) ?? work();
    this.#keeping.set(call, mine);
    try {
      await mine;
    } finally {
      if (this.#keeping.get(call) === mine) this.#keeping.delete(call);
    }
  }

  of(call: string): Promise<string | undefined> {
    return this.#ephemeral.get(keyOf(call));
  }

  forget(call: string): Promise<void> {
    return this.#ephemeral.remove(keyOf(call));
  }

  async #keepEarliest(call: string, endedAt: string): Promise<void> {
    const kept = await this.of(call);
    if (kept === undefined || endedAt < kept) await this.#ephemeral.set(keyOf(call), endedAt, { ttl: KEPT_FOR, durable: true });
  }
}
