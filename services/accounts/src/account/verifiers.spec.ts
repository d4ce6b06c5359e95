import { expect, test } from '@jest/globals';
import { makeVerifier, matchesAny, sameVerifier } from './verifiers.ts';

test.each([
  ['MD5', 'df5db956e6b045bdafe8e6c930d6ef6a'],
  ['SHA-256', '6d5259aefa2d2ad1b8ce33abaca0fa3ddcb14bf07f9e14f8eb9a60c0629ed751'],
] as const)('%s gives the HA1 of the test vector (spec auth-and-errors.md §6.4)', (algorithm, ha1) =>
  expect(makeVerifier(algorithm, 'foobar', 'sip.example.org', 'secret').ha1).toBe(ha1),
);

test('a password is hashed as UTF-8', () => expect(makeVerifier('MD5', 'jane', 'r', 'ä').ha1).toBe('f7d71440465c6ee1decb33091cf3bdcd'));

test('any stored verifier will do', () => {
  const stored = [makeVerifier('MD5', 'jane', 'r', 'one'), makeVerifier('SHA-256', 'jane', 'other', 'two')];
  expect(['one', 'two', 'three'].map((password) => matchesAny(stored, password))).toEqual([true, true, false]);
  expect(matchesAny([], '')).toBe(false);
});

test('verifiers are the same only with the same algorithm, realm and name', () => {
  const verifier = makeVerifier('MD5', 'jane', 'r', 'one');
  expect(sameVerifier(verifier, { ...verifier })).toBe(true);
  for (const other of [{ realm: 's' }, { username: 'joan' }, { algorithm: 'SHA-256' as const }, { ha1: 'x' }]) {
    expect(sameVerifier(verifier, { ...verifier, ...other })).toBe(false);
  }
});
