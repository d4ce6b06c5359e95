import type { Verifier } from '@flexistream/contracts';
import { headerBytes } from '../../request/header-text.ts';

/**
 * One header line per stored password, in the order they were stored, the same nonce in all; quotes and commas exactly as clients
 * know them (spec auth-and-errors.md §6.2).
 */
export const challengeLines = (
  verifiers: readonly Pick<Verifier, 'realm' | 'algorithm'>[],
  nonce: string,
  opaque: string,
  { stale = false }: { stale?: boolean } = {},
): readonly string[] =>
  verifiers.map(
    ({ realm, algorithm }) =>
      `Digest realm="${quotable(realm)}",qop="auth",algorithm=${algorithm},nonce="${nonce}",opaque="${opaque}"${stale ? ',stale=true' : ''}`,
  );

const quotable = (text: string): string => headerBytes(text.replaceAll(/[\r\n\0]/g, '').replaceAll(/["\\]/g, '\\$&'));
