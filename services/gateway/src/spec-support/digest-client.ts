import { randomBytes } from 'node:crypto';
import type { Algorithm, Verifier } from '@flexistream/contracts';
import { parseCredentials } from '../login/digest/authorization.ts';
import { digestResponse } from '../login/digest/verdict.ts';
import type { Received } from './open-gateway.ts';

export interface Challenge {
  readonly realm: string;
  readonly algorithm: Algorithm;
  readonly nonce: string;
  readonly opaque: string;
  readonly stale: string | undefined;
}

export const challengesOf = ({ headers }: Received): Challenge[] =>
  [headers['www-authenticate'] ?? []].flat().map((line) => {
    const parameters = parseCredentials(line)?.parameters;
    const of = (name: string): string => parameters?.get(name) ?? '';
    return {
      realm: of('realm'),
      algorithm: of('algorithm') as Algorithm,
      nonce: of('nonce'),
      opaque: of('opaque'),
      stale: parameters?.get('stale'),
    };
  });

/** The `Authorization` with which a client that holds `verifier` answers a challenge. `changes` falsify it. */
export const digestAnswer = (
  verifier: Verifier,
  { nonce, opaque }: Pick<Challenge, 'nonce' | 'opaque'>,
  {
    method = 'GET',
    uri,
    count = 1,
    changes = {},
  }: { method?: string; uri: string; count?: number; changes?: Record<string, string | undefined> },
): string => {
  const nc = count.toString(16).padStart(8, '0');
  const cnonce = randomBytes(4).toString('hex');
  const { algorithm, realm, username, ha1 } = verifier;
  const response = digestResponse({ algorithm, ha1, nonce, nc, cnonce, qop: 'auth', method, uri });
  const parameters = { username, realm, nonce, uri, response, cnonce, nc, qop: 'auth', opaque, algorithm, ...changes };
  const written = Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${value}"`]));
  return `Digest ${written.join(', ')}`;
};
