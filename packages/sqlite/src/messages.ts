import type { Outcome } from './outcome.ts';

/** What the main thread asks of the writer thread; `call` numbers the answer. */
export type Request =
  | {
      readonly ask: 'open';
      readonly call: number;
      readonly id: number;
      readonly file: string;
      readonly program: string;
      readonly cacheKib: number;
    }
  | { readonly ask: 'run'; readonly items: readonly RunItem[] }
  | { readonly ask: 'truncate'; readonly call: number; readonly id: number }
  | { readonly ask: 'close'; readonly call: number; readonly id: number };

export interface RunItem {
  readonly call: number;
  /** The number of the file. */
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

/** Answers of one round, in one message. */
export type Answers = readonly (readonly [call: number, outcome: Outcome])[];
