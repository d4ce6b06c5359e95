import type { Position } from '@flexistream/kernel';

/** Where each event of one log stands in the other. Both grow along the log. */
export class Positions {
  readonly #source: Position[] = [];
  readonly #target: Position[] = [];

  note(source: Position, target: Position): void {
    this.#source.push(source);
    this.#target.push(target);
  }

  /** The id of a positioned document as it is on the other side; undefined when no event stands there. */
  onTarget(id: string): string | undefined {
    return renumbered(id, this.#source, this.#target);
  }

  onSource(id: string): string | undefined {
    return renumbered(id, this.#target, this.#source);
  }
}

const DIGITS = 16;

const renumbered = (id: string, from: readonly Position[], to: readonly Position[]): string | undefined => {
  const position = to[indexOf(from, Number(id.slice(0, DIGITS)))];
  return position === undefined ? undefined : `${String(position).padStart(DIGITS, '0')}${id.slice(DIGITS)}`;
};

/** -1 when it is not among them. */
const indexOf = (sorted: readonly Position[], wanted: Position): number => {
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = sorted[middle] ?? 0;
    if (found === wanted) return middle;
    if (found < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
};
