import type { Verifier } from '@flexistream/contracts';
import { describe, expect, test } from '@jest/globals';
import { type Asked, digestResponse, judge } from './verdict.ts';

// spec auth-and-errors.md §6.4
const vector = {
  nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c0',
  nc: '00000001',
  cnonce: '0a4f113b',
  qop: 'auth',
  method: 'GET',
  uri: '/api/accounts/me',
};
const md5: Verifier = { algorithm: 'MD5', realm: 'sip.example.org', username: 'foobar', ha1: 'df5db956e6b045bdafe8e6c930d6ef6a' };
const sha256: Verifier = {
  algorithm: 'SHA-256',
  realm: 'sip.example.org',
  username: 'foobar',
  ha1: '6d5259aefa2d2ad1b8ce33abaca0fa3ddcb14bf07f9e14f8eb9a60c0629ed751',
};
const MD5_RESPONSE = 'ea956847965fbc6472cce3e824041268';
const SHA_RESPONSE = '931bf5d8d88e3d9d3603918c62ba3d012dea89dde080249e201bf36e388531d2';

describe('the hash of an answer', () => {
  test('is that of the test vectors', () => {
    expect(digestResponse({ ...vector, algorithm: 'MD5', ha1: md5.ha1 })).toBe(MD5_RESPONSE);
    expect(digestResponse({ ...vector, algorithm: 'SHA-256', ha1: sha256.ha1 })).toBe(SHA_RESPONSE);
  });

  test('is that of RFC 7616 §3.9.1', () => {
    const rfc = {
      nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
      nc: '00000001',
      qop: 'auth',
      method: 'GET',
      uri: '/dir/index.html',
    };
    const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
    expect(digestResponse({ ...rfc, cnonce, algorithm: 'MD5', ha1: '3d78807defe7de2157e2b0b6573a855f' })).toBe(
      '8ca523f5e9506fed4657c9700eebdbec',
    );
  });
});

const asked: Asked = {
  verifiers: [md5, sha256],
  username: 'foobar',
  nonce: 'good',
  opaque: 'op',
  method: 'GET',
  target: { path: '/api/accounts/me', query: 'a=1', authority: undefined },
  checksUri: true,
};
const answer: Record<string, string> = {
  username: 'foobar',
  realm: 'sip.example.org',
  nonce: vector.nonce,
  uri: vector.uri,
  nc: vector.nc,
  cnonce: vector.cnonce,
  qop: 'auth',
  opaque: 'op',
  algorithm: 'SHA-256',
  response: SHA_RESPONSE,
};
const judged = (changes: Record<string, string | undefined>, more: Partial<Asked> = {}) => {
  const parameters = Object.entries({ ...answer, ...changes }).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return judge(new Map(parameters), { ...asked, ...more });
};

describe('judging an answer', () => {
  test.each([
    ['as sent', {}],
    ['in upper-case hex', { response: SHA_RESPONSE.toUpperCase() }],
    ['of MD5 by default', { algorithm: undefined, response: MD5_RESPONSE }],
  ])('accepts it %s', (_name, changes) => expect(judged(changes)).toEqual({ fault: undefined, right: true }));

  test.each([
    ['uri', '/api/accounts/me'],
    ['uri', '/api/accounts/me?a=1'],
    ['uri', 'https://sip.example.org/api/accounts/me'],
  ])('accepts %s %s for the request’s own', (_name, uri) => {
    const response = digestResponse({ ...vector, uri, algorithm: 'SHA-256', ha1: sha256.ha1 });
    expect(judged({ uri, response })).toEqual({ fault: undefined, right: true });
  });

  test.each(['/api/accounts/7', '/api/accounts/me?a=2', '/api/accounts/me/'])(
    'refuses the uri %s of another request, unless told not to look',
    (uri) => {
      const response = digestResponse({ ...vector, uri, algorithm: 'SHA-256', ha1: sha256.ha1 });
      expect(judged({ uri, response })).toEqual({ fault: 'response', right: true });
      expect(judged({ uri, response }, { checksUri: false }).fault).toBeUndefined();
    },
  );

  test.each([
    ['incomplete', { nonce: undefined }],
    ['incomplete', { nc: undefined }],
    ['incomplete', { response: undefined }],
    ['incomplete', { uri: undefined }],
    ['mismatch', { opaque: 'other' }],
    ['mismatch', { opaque: undefined }],
    ['mismatch', { qop: 'auth-int' }],
    ['mismatch', { qop: undefined }],
    ['mismatch', { realm: 'other' }],
    ['mismatch', { cnonce: undefined }],
    ['mismatch', { nc: 'zzzzzzzz' }],
    ['mismatch', { nc: '00000000' }],
    ['mismatch', { algorithm: 'MD5-sess' }],
    ['mismatch', { algorithm: 'SHA-512-256' }],
    ['mismatch', { username: 'somebody' }],
    ['response', { response: MD5_RESPONSE }],
    ['response', { response: '' }],
    ['response', { cnonce: 'other' }],
  ])('finds %s in %j', (fault, changes) => expect(judged(changes).fault).toBe(fault));

  test('finds no password of that algorithm', () => expect(judged({}, { verifiers: [md5] })).toEqual({ fault: 'algorithm', right: false }));

  test('finds an unusable nonce before what else is wrong, and tells whether the password was right', () => {
    expect(judged({ opaque: 'other' }, { nonce: 'unknown' })).toEqual({ fault: 'nonce', right: true });
    expect(judged({ response: MD5_RESPONSE }, { nonce: 'expired' })).toEqual({ fault: 'nonce', right: false });
  });

  test('understands a verifier of a former name', () => {
    const former = { ...sha256, username: 'foobar' };
    expect(judged({}, { verifiers: [former], username: 'renamed' }).fault).toBeUndefined();
  });
});
