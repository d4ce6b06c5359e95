/** What can be made to go wrong, and with which calls. */
export type Operation = 'append' | 'delete' | 'read' | 'subscribe';

export type Fault =
  /** Waits, then does as ever. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Does it and never answers: as the server drops a repeat that is not replicated yet (IdempotentNotReady, StorageWriterService.cs). */
  | { readonly kind: 'silence' }
  /** Cuts every connection: before it is done, or after it is done and before the answer. */
  | { readonly kind: 'cut'; readonly done: boolean }
  /** Answers so, whatever stands in the log. */
  | { readonly kind: 'wrong-expected-version' }
  | { readonly kind: 'not-ready' }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'deadline-exceeded'; readonly done: boolean }
  /** Names the double itself as the leader, by another name of this machine where `host` says so. */
  | { readonly kind: 'not-leader'; readonly host: string };

/** Faults that wait for their turn: each strikes the next call of its operation, once. */
export class Faults {
  readonly #waiting = new Map<Operation, Fault[]>();
  #struck = 0;

  next(operation: Operation, ...faults: readonly Fault[]): void {
    this.#waiting.set(operation, [...(this.#waiting.get(operation) ?? []), ...faults]);
  }

  /** How many have struck. */
  get struck(): number {
    return this.#struck;
  }

  take(operation: Operation): Fault | undefined {
    const fault = this.#waiting.get(operation)?.shift();
    if (fault !== undefined) this.#struck++;
    return fault;
  }
}
