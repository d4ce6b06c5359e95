import type { SpaceIdentity } from '@flexistream/contracts';
import type { Language } from '@flexistream/http';
import type { Look } from './identity/owner-cache.ts';
import type { Once } from './login/attempt.ts';
import type { Arrival } from './request/arrival.ts';
import type { Incoming, Outgoing } from './request/incoming.ts';
import type { Target } from './routing/path.ts';
import type { Row } from './routing/route-table.ts';

/** One request on its way through the checks, and what its answer will carry. */
export interface Exchange {
  readonly request: Incoming;
  readonly response: Outgoing;
  readonly started: number;
  readonly target: Target;
  readonly arrival: Arrival;
  /** UUID v7: the id of the command that this request is. */
  readonly commandId: string;
  /** What the client is told; a trusted proxy may have given it. */
  readonly requestId: string;
  readonly once: Once;
  look: Look;
  row: Row | undefined;
  /** From all limits: an API key at a door that must not be slowed down. Keys cannot be guessed, passwords can. */
  spared: boolean;
  /** Until it is chosen (step 6) errors are English. */
  language: Language;
  limit: Readonly<Record<string, string>> | undefined;
  hostSpace: SpaceIdentity | undefined;
  accountId: number | undefined;
  via: 'digest' | 'key' | 'jwt' | undefined;
}

export const beginExchange = (parts: Pick<Exchange, 'request' | 'response' | 'target' | 'arrival' | 'commandId' | 'look'>): Exchange => ({
  ...parts,
  started: performance.now(),
  requestId: parts.arrival.requestId ?? parts.commandId,
  once: {},
  row: undefined,
  spared: false,
  language: 'en',
  limit: undefined,
  hostSpace: undefined,
  accountId: undefined,
  via: undefined,
});
