import type { AccountIdentity, KeyIdentity, SpaceIdentity } from '@flexistream/contracts';
import { Failure, type Text } from '@flexistream/http';
import type { Look } from '../identity/owner-cache.ts';
import type { Arrival } from '../request/arrival.ts';
import type { Incoming } from '../request/incoming.ts';
import type { Target } from '../routing/path.ts';

/** One request that has to prove who sends it. */
export interface Attempt {
  readonly headers: Incoming['headers'];
  readonly method: string;
  readonly target: Target;
  readonly arrival: Arrival;
  readonly hostSpace: SpaceIdentity | undefined;
  readonly look: Look;
  /** Outlives a second look at the same request: what must happen only once. */
  readonly once: Once;
}

export interface Once {
  /** The nonce whose count this request has taken. */
  nonce?: string;
  /** `WWW-Authenticate` of whatever answer is given (spec auth-and-errors.md §6.3, 9). */
  challenge?: readonly string[];
  counted?: true;
}

export interface Login {
  readonly account: AccountIdentity;
  readonly via: 'digest' | 'key' | 'jwt';
  readonly key?: KeyIdentity;
}

interface HowFailed {
  /** As a try to guess (design §7). */
  readonly counts: boolean;
  /** No second look would change it. */
  readonly final?: boolean;
  readonly headers?: Record<string, string | readonly string[]>;
}

export class LoginFailed extends Failure {
  readonly counts: boolean;
  readonly final: boolean;
  constructor(status: number, text: Text | undefined, { counts, final = false, headers = {} }: HowFailed) {
    super(status, text, { headers });
    this.counts = counts;
    this.final = final;
  }
}

export const isLoginFailed = (error: unknown): error is LoginFailed => error instanceof LoginFailed;
