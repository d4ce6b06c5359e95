import type { Sample } from './load.ts';

export interface Setting {
  /** Short runs: to see that everything works, not to tell numbers. */
  readonly quick: boolean;
  readonly runs: number;
  /** Of one run. */
  readonly seconds: number;
  /** A new folder in the folder of this benchmark; removed with it at the end. */
  folder(name: string): Promise<string>;
  /** Prepared data: made once by `make`, then reused, also by later benchmarks where a folder was named. Not to be written to. */
  prepared(name: string, make: (folder: string) => Promise<void>): Promise<string>;
  say(text: string): void;
}

/** What was measured against one budget. */
export interface Finding {
  readonly name: string;
  readonly budget: string;
  readonly value: number;
  /** Lowest and highest of the runs. */
  readonly spread?: Sample;
  readonly unit: string;
  /** Undefined: there is no budget, the number is told. */
  readonly holds: boolean | undefined;
  /** The numbers behind it, in words. */
  readonly details: string;
}

export interface Benchmark {
  readonly name: string;
  readonly title: string;
  run(setting: Setting): Promise<readonly Finding[]>;
}

export const atLeast = (limit: number, value: number): boolean => value >= limit;
export const atMost = (limit: number, value: number): boolean => value <= limit;

export const rounded = (value: number): string =>
  Math.abs(value) >= 100
    ? Math.round(value).toLocaleString('en')
    : value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 1 });

/** `8,021 (7,900–8,100)` */
export const told = ({ median, min, max }: Sample): string => `${rounded(median)} (${rounded(min)}–${rounded(max)})`;
