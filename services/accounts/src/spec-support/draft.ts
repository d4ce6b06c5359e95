import type { Draft } from '../account/creation.ts';
import { makeVerifier } from '../account/verifiers.ts';
import { one } from './open-accounts.ts';

/** What a creation in the space `one` asks for. */
export const draft: Draft = {
  spaceId: 'one',
  domain: one.domain,
  origin: 'admin',
  username: 'alice1',
  displayName: null,
  email: 'a@example.org',
  phone: null,
  dtmfProtocol: null,
  dictionary: [],
  admin: false,
  activated: false,
  verifier: makeVerifier('MD5', 'alice1', one.domain, 's3cret!'),
  by: { ip: '203.0.113.5', userAgent: 'a client' },
};
