/** An instance that did not answer is asked after the others for so long. */
const AILING_MS = 5_000;

/** The instances of one service: asked by turns, those that failed lately last. */
export class Instances {
  readonly #addresses: readonly string[];
  readonly #ailingUntil = new Map<string, number>();
  #turn = 0;

  constructor(addresses: readonly string[]) {
    this.#addresses = addresses;
  }

  /** Every instance once, in the order in which to ask them. */
  inTurn(now: number): readonly string[] {
    const first = this.#turn++ % Math.max(1, this.#addresses.length);
    const turned = [...this.#addresses.slice(first), ...this.#addresses.slice(0, first)];
    const isAiling = (address: string): boolean => (this.#ailingUntil.get(address) ?? 0) > now;
    return [...turned.filter((address) => !isAiling(address)), ...turned.filter(isAiling)];
  }

  failed(address: string, now: number): void {
    this.#ailingUntil.set(address, now + AILING_MS);
  }

  answered(address: string): void {
    this.#ailingUntil.delete(address);
  }
}
