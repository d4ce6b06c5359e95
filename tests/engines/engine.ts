/** An engine that the suites of `npm run test:engines` may use. */
export interface Engine {
  readonly name: string;
  readonly version: string;
  /** `stand-in` speaks the protocol of an engine that cannot be had here; `missing` has no variables, so its suites are skipped. */
  readonly kind: 'real' | 'stand-in' | 'missing';
  /** Where it comes from, or why there is none. */
  readonly why?: string;
  /** The variables by which suites and services find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends it and removes what it wrote; does nothing to an engine that was there before. */
  stop(): Promise<void>;
}

const nothing = async (): Promise<void> => {};

/** One that somebody else runs: its address came from the environment. */
export const givenEngine = (name: string, version: string, env: Engine['env']): Engine => ({
  name,
  version,
  kind: 'real',
  why: `at the given ${Object.keys(env).join(', ')}`,
  env,
  stop: nothing,
});

export const missingEngine = (name: string, why: string): Engine => ({ name, version: '-', kind: 'missing', why, env: {}, stop: nothing });
