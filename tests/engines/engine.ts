import type { Child } from './child.ts';

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

/** An engine that this process started: it may be broken, and keeps its address and its files. */
export interface OwnEngine extends Engine, Pick<Child, 'kill' | 'freeze' | 'thaw'> {
  /** After `kill`; resolves when it serves. */
  restart(): Promise<void>;
}

export const isOwn = (engine: Engine): engine is OwnEngine => 'restart' in engine;

/** `serves` resolves when the child that was just started serves. */
export const ownEngine = async (
  child: Child,
  serves: () => Promise<unknown>,
  facts: Pick<Engine, 'name' | 'version' | 'kind' | 'env'> & { readonly why: string },
): Promise<OwnEngine> => {
  try {
    await serves();
  } catch (error) {
    await child.stop();
    throw error;
  }
  return {
    ...facts,
    kill: () => child.kill(),
    restart: async () => {
      child.restart();
      await serves();
    },
    freeze: () => child.freeze(),
    thaw: () => child.thaw(),
    stop: () => child.stop(),
  };
};

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
