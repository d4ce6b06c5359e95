import type { Ephemeral } from '@flexistream/ephemeral';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Of keys that do not expire by themselves. */
const REMEMBERED = 400 * DAY;

/**
 * When keys were used last: in the ephemeral store, at most once a minute a key, never an event (design §7). Moments in ms since 1970.
 */
export class LastUses {
  readonly #ephemeral: Ephemeral;

  constructor(ephemeral: Ephemeral) {
    this.#ephemeral = ephemeral;
  }

  /**
   * Kept a day longer than the key lives unused, so that a longer `APP_API_KEY_EXPIRATION_MINUTES` finds it; then its creation stands
   * in. `expiresAfterMinutes` 0 = never.
   */
  async remember(keyId: string, at: number, expiresAfterMinutes: number): Promise<void> {
    const known = await this.of(keyId);
    if (known !== undefined && at - known < MINUTE) return;
    const ttl = expiresAfterMinutes === 0 ? REMEMBERED : expiresAfterMinutes * MINUTE + DAY;
    await this.#ephemeral.set(nameOf(keyId), String(at), { ttl, durable: true });
  }

  async of(keyId: string): Promise<number | undefined> {
    const used = await this.#ephemeral.get(nameOf(keyId));
    return used === undefined ? undefined : Number(used);
  }
}

const nameOf = (keyId: string): string => `key-use:${keyId}`;
