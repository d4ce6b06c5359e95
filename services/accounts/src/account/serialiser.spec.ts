import { fold } from '@flexistream/kernel';
import { describe, expect, test } from '@jest/globals';
import { born, now } from '../spec-support/account-facts.ts';
import { accountDecider } from './account.ts';
import type { ChangeCode, Profile } from './profile.ts';
import { adminView, listView, ownView } from './serialiser.ts';

const state = fold(accountDecider, born);
if (state.status !== 'present') throw new Error('no account');
const code: ChangeCode = { code: '4821', value: 'x', createdAt: now, updatedAt: now, ip: '203.0.113.5', userAgent: 'a client' };
const profile: Profile = {
  ...state.profile,
  dtmfProtocol: 'sipinfo',
  provisioningTokenExpireAt: '2026-01-01T01:00:00.987Z',
  emailChangeCode: { ...code, value: 'new@example.org' },
  phoneChangeCode: { ...code, value: '+33612121212' },
  types: [{ id: 1, key: 'phone' }],
  actions: [{ id: 1, key: 'open', code: '1234' }],
};

const common =
  '{"id":7,"username":"jane","domain":"one.example.org","email":null,"activated":false,"ip_address":"203.0.113.5","user_agent":"a client","created_at":"2026-01-01T00:00:00.000000Z","display_name":null,"dtmf_protocol":"sipinfo","updated_at":"2026-01-01T00:00:00.000000Z","blocked":false,"admin":false,"phone":null,"realm":"r","provisioning_token":"Xb7hPq2LmZ9aT","provisioning_token_expire_at":"2026-01-01T01:00:00.000000Z","dictionary":{},';
const times =
  '"created_at":"2026-01-01T00:00:00.000000Z","updated_at":"2026-01-01T00:00:00.000000Z","ip":"203.0.113.5","user_agent":"a client"}';
const relations = '"types":[{"id":1,"key":"phone"}],"actions":[{"id":1,"key":"open","code":"1234"}]';

describe('an account, to the byte', () => {
  test('as its owner sees it: with passwords, without codes', () =>
    expect(JSON.stringify(ownView(profile, 'r'))).toBe(
      `${common}"passwords":[{"algorithm":"SHA-256"}],"email_change_code":{"email":"new@example.org",${times},${relations}}`,
    ));
  test('in a list: without passwords, both changes without their codes', () =>
    expect(JSON.stringify(listView(profile, 'r'))).toBe(
      `${common}"email_change_code":{"email":"new@example.org",${times},${relations},"phone_change_code":{"phone":"+33612121212",${times}}`,
    ));
  test('as an admin sees one: all of it, codes first', () =>
    expect(JSON.stringify(adminView(profile, 'r'))).toBe(
      `${common}"passwords":[{"algorithm":"SHA-256"}],"email_change_code":{"code":"4821","email":"new@example.org",${times},${relations},"phone_change_code":{"code":"4821","phone":"+33612121212",${times}}`,
    ));
});

test('nobody but an admin of one account gets a code', () => {
  expect(JSON.stringify([ownView(profile, null), listView(profile, null)])).not.toContain('4821');
});
test('actions are hidden while there is no DTMF protocol', () =>
  expect(ownView({ ...profile, dtmfProtocol: null }, null).actions).toEqual([]));
test('keys of a dictionary are ordinary, whatever they are', () => {
  const { dictionary } = ownView(
    {
      ...profile,
      dictionary: [
        ['__proto__', 'a'],
        ['0', 'b'],
      ],
    },
    null,
  );
  expect(JSON.stringify(dictionary)).toBe('{"0":"b","__proto__":"a"}');
});
