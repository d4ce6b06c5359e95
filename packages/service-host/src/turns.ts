import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceName } from '@flexistream/contracts';
import type { Ephemeral } from '@flexistream/ephemeral';
import { gauge, type Log } from '@flexistream/observability';
import type { Turn } from '@flexistream/read-models';

const EVERY_MS = 1_000;
/** A turn that is not renewed ends after so many times of renewing: two may be lost. */
const LASTS = 3;

/** The works of a service that all its instances could do and one of them does. */
export interface Turns {
  of(work: string): Turn;
  /** Lets another instance have them at once. */
  stop(): Promise<void>;
}

/**
 * A lease for each work, in the ephemeral store. It saves work and promises nothing: a holder that slept does not know that it lost its turn, and
 * while the store cannot be asked every instance works (design §6: guards make that right).
 */
export const takeTurns = (service: ServiceName, ephemeral: Ephemeral, log: Log, everyMs = EVERY_MS): Turns => {
  const leases = new Map<string, Lease>();
  gauge('flexistream_turns', 'Whether this instance does what one instance of its service does: publish, and build each view', (result) => {
    for (const [work, lease] of leases) result.observe(lease.held ? 1 : 0, { service, work });
  });
  return {
    of: (work) => {
      const lease = leases.get(work) ?? new Lease(`turn:${service}:${work}`, ephemeral, log, everyMs);
      leases.set(work, lease);
      return lease;
    },
    stop: async () => {
      await Promise.all([...leases.values()].map((lease) => lease.stop()));
    },
  };
};

class Lease implements Turn {
  readonly #key: string;
  readonly #ephemeral: Ephemeral;
  readonly #log: Log;
  readonly #everyMs: number;
  readonly #me = randomUUID();
  readonly #stopping = new AbortController();
  readonly #renewing: Promise<void>;
  #turn: AbortController | undefined;
  #passedOn = 0;
  #got = Promise.withResolvers<void>();

  constructor(key: string, ephemeral: Ephemeral, log: Log, everyMs: number) {
    this.#key = key;
    this.#ephemeral = ephemeral;
    this.#log = log;
    this.#everyMs = everyMs;
    this.#renewing = this.#renew();
  }

  get held(): boolean {
    return this.#turn !== undefined;
  }

  async mine(signal: AbortSignal): Promise<AbortSignal> {
    const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => abort(), { once: true });
    while (!signal.aborted) {
      if (this.#turn !== undefined) return this.#turn.signal;
      await Promise.race([this.#got.promise, aborted]);
    }
    return signal;
  }

  passOn(): void {
    if (!this.held) return;
    this.#passedOn = Date.now();
    void this.#giveUp();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#renewing;
    if (this.held) await this.#giveUp();
  }

  async #renew(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        if (await this.#ask()) this.#win();
        else this.#lose();
      } catch (error) {
        if (!this.held) this.#log.warn({ error }, 'whose turn it is cannot be asked: every instance works');
        this.#win();
      }
      await pause(this.#everyMs, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** Of two that find it free at once both may have it, until the next time. */
  async #ask(): Promise<boolean> {
    const holder = await this.#ephemeral.get(this.#key);
    if (holder !== undefined && holder !== this.#me) return false;
    if (Date.now() - this.#passedOn < 1.5 * this.#everyMs) return false; // others first: each asks once in this time
    await this.#ephemeral.set(this.#key, this.#me, { ttl: LASTS * this.#everyMs });
    return (await this.#ephemeral.get(this.#key)) === this.#me;
  }

  async #giveUp(): Promise<void> {
    this.#lose();
    try {
      if ((await this.#ephemeral.get(this.#key)) === this.#me) await this.#ephemeral.remove(this.#key);
    } catch {} // it ends by itself
  }

  #win(): void {
    this.#turn ??= new AbortController();
    this.#got.resolve();
  }

  #lose(): void {
    if (this.#turn === undefined) return;
    this.#turn.abort();
    this.#turn = undefined;
    this.#got = Promise.withResolvers<void>();
  }
}
