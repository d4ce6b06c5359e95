import { createSecretKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Nonces } from './nonces.ts';

const nonces = new Nonces({ key: createSecretKey(Buffer.alloc(32, 1)), lifeMinutes: 60 });
const scope = { accountId: 7, credentialVersion: 1, epoch: 'a' };
const now = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

describe('a nonce', () => {
  test('has 32 characters of A-Z a-z 0-9, never the same', () => {
    const made = Array.from({ length: 100 }, () => nonces.make(scope, now));
    expect(made.every((nonce) => /^[A-Za-z0-9]{32}$/.test(nonce))).toBe(true);
    expect(new Set(made).size).toBe(100);
  });

  test('is good for an hour', () => {
    const nonce = nonces.make(scope, now);
    expect(nonces.inspect(nonce, scope, now + HOUR)).toBe('good');
    expect(nonces.inspect(nonce, scope, now + HOUR + 1000)).toBe('expired');
  });

  test.each([
    ['another account', { ...scope, accountId: 8 }],
    ['other passwords', { ...scope, credentialVersion: 2 }],
    ['a store that lost its counters', { ...scope, epoch: 'b' }],
  ])('is unknown to %s', (_name, other) => expect(nonces.inspect(nonces.make(scope, now), other, now)).toBe('unknown'));

  test('cannot be made younger', () => {
    const nonce = nonces.make(scope, now);
    const younger = nonces.make(scope, now + HOUR).slice(0, 6) + nonce.slice(6);
    expect(nonces.inspect(younger, scope, now + HOUR)).toBe('unknown');
  });

  test.each(['', 'x', 'é'.repeat(32), '0'.repeat(33)])('%j is none', (text) => expect(nonces.inspect(text, scope, now)).toBe('unknown'));

  test('cannot be used with another key', () => {
    const others = new Nonces({ key: createSecretKey(Buffer.alloc(32, 2)), lifeMinutes: 60 });
    expect(others.inspect(nonces.make(scope, now), scope, now)).toBe('unknown');
  });
});
