/** The widest window below the highest value. */
export const WIDEST = 64;

/**
 * Which counter values were taken: the highest, and one bit for each of the 64 below it (bit 0 of `near` = highest - 1, bit 0 of
 * `far` = highest - 33). Two 32-bit numbers, since BigInt allocates and this is on the path of each DIGEST request.
 */
export class Window {
  expiresAt: number;
  #highest: number;
  #near = 0;
  #far = 0;

  constructor(first: number, expiresAt: number) {
    this.#highest = first;
    this.expiresAt = expiresAt;
  }

  take(value: number, width: number): 'fresh' | 'seen' {
    const below = this.#highest - value;
    if (below < 0) return this.#rise(-below, value);
    if (below === 0 || below > width) return 'seen';
    return below <= 32 ? this.#takeNear(1 << (below - 1)) : this.#takeFar(1 << (below - 33));
  }

  #rise(by: number, to: number): 'fresh' {
    const near = this.#near;
    this.#highest = to;
    this.#near = shifted(near, by) | (by <= 32 ? 1 << (by - 1) : 0); // the old highest was taken
    this.#far = shifted(this.#far, by) | carried(near, by) | (by > 32 && by <= WIDEST ? 1 << (by - 33) : 0);
    return 'fresh';
  }

  #takeNear(bit: number): 'fresh' | 'seen' {
    if ((this.#near & bit) !== 0) return 'seen';
    this.#near |= bit;
    return 'fresh';
  }

  #takeFar(bit: number): 'fresh' | 'seen' {
    if ((this.#far & bit) !== 0) return 'seen';
    this.#far |= bit;
    return 'fresh';
  }
}

// JavaScript shifts by the lower five bits only: 32 and more must be said.
const shifted = (bits: number, by: number): number => (by < 32 ? bits << by : 0);
/** What leaves `near` upwards lands in `far`. */
const carried = (near: number, by: number): number => (by < 32 ? near >>> (32 - by) : by < WIDEST ? near << (by - 32) : 0);
