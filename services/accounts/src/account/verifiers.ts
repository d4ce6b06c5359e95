import { createHash, timingSafeEqual } from 'node:crypto';
import type { Algorithm, Verifier } from '@flexistream/contracts';

const hashes = { MD5: 'md5', 'SHA-256': 'sha256' } as const satisfies Record<Algorithm, string>;

/** HA1 = H(username:realm:password), lower-case hex over UTF-8 (RFC 7616 §3.4.2), with what it was made from. */
export const makeVerifier = (algorithm: Algorithm, username: string, realm: string, password: string): Verifier => ({
  algorithm,
  realm,
  username,
  ha1: createHash(hashes[algorithm]).update(`${username}:${realm}:${password}`, 'utf8').digest('hex'),
});

const equal = (a: string, b: string): boolean => {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
};

export const sameVerifier = (a: Verifier, b: Verifier): boolean =>
  equal(a.ha1, b.ha1) && a.algorithm === b.algorithm && a.realm === b.realm && a.username === b.username;

/** Whether a password is the one behind any stored verifier; all are tried, so the time tells nothing. */
export const matchesAny = (verifiers: readonly Verifier[], password: string): boolean =>
  verifiers.map(({ algorithm, realm, username, ha1 }) => equal(ha1, makeVerifier(algorithm, username, realm, password).ha1)).includes(true);
