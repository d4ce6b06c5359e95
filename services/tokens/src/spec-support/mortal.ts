import type { ServiceJournal } from '@flexistream/service-host';

export class Killed extends Error {}

/** Counts the steps of a process that may be killed: a step is the moment before or after an append or a call to another service. */
export class Life {
  #steps = 0;
  #stepsToLive = Number.POSITIVE_INFINITY;

  killAfter(steps: number): void {
    this.#steps = 0;
    this.#stepsToLive = steps;
  }

  /** A new process in its place. Answers whether the former one was killed. */
  restart(): boolean {
    const killed = this.#steps > this.#stepsToLive;
    this.killAfter(Number.POSITIVE_INFINITY);
    return killed;
  }

  async survive<T>(work: () => Promise<T>): Promise<T> {
    this.#step();
    const result = await work();
    this.#step();
    return result;
  }

  #step(): void {
    this.#steps++;
    if (this.#steps > this.#stepsToLive) throw new Killed('killed');
  }
}

/** The journal as a mortal process writes it; what it asks for besides is done. */
export const mortalJournal = (journal: ServiceJournal, life: Life): ServiceJournal => ({
  read: (stream, options) => journal.read(stream, options),
  last: (stream) => journal.last(stream),
  append: (stream, events, options) => life.survive(() => journal.append(stream, events, options)),
  remove: (stream) => journal.remove(stream),
  expire: (stream, at) => life.survive(() => journal.expire(stream, at)),
  head: () => journal.head(),
  whenProjected: (projection, position, atMostMs) => journal.whenProjected(projection, position, atMostMs),
});
