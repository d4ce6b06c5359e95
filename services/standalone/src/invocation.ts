import type { Log } from '@flexistream/observability';
import type { Infrastructure } from '@flexistream/service-host';
import type { StandaloneValues } from './settings.ts';

/** What a command is run with. */
export interface Invocation {
  readonly values: StandaloneValues;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  readonly log: Log;
  /** Opens the engines; a command that works otherwise does not call it. */
  readonly open: () => Promise<Infrastructure>;
}

export const say = (text: string): void => void process.stderr.write(`${text}\n`);
