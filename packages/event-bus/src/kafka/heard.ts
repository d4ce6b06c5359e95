import { type Place, placeName } from './topics.ts';

/** How far a listener has heard. A place goes back only with its partition: when the topic was made anew. */
export class Heard {
  readonly #places = new Map<string, Place>();
  #changed = Promise.withResolvers<void>();

  constructor(ends: readonly Place[]) {
    for (const end of ends) this.#places.set(placeName(end), end);
  }

  get places(): Iterable<Place> {
    return this.#places.values();
  }

  reach(place: Place): void {
    this.#places.set(placeName(place), place);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  /** A partition that ends before what was heard of it when its end was asked is another one: all that it holds is new. */
  async noticeEnds(ask: () => Promise<readonly Place[]>): Promise<void> {
    const before = new Map(this.#places);
    for (const end of await ask()) {
      if (end.offset < (before.get(placeName(end))?.offset ?? 0)) this.#places.set(placeName(end), { ...end, offset: 0 });
    }
  }

  async whenReached(ends: readonly Place[]): Promise<void> {
    while (!ends.every((end) => this.#offsetOf(end) >= end.offset)) await this.#changed.promise;
  }

  #offsetOf(place: Place): number {
    return this.#places.get(placeName(place))?.offset ?? 0;
  }
}
