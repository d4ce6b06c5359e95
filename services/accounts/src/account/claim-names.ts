import { isPhoneNumber, phoneNumberOf } from '@flexistream/http';
import type { Vault } from '@flexistream/key-store';
import type { AccountClaims } from './events.ts';

/** The streams of claims: keyed hashes, since a name cannot be erased (design §4). */
export interface ClaimNames {
  /** Of a user name in a space. One that is a phone number shares the namespace of the space's phones. */
  name(spaceId: string, username: string): string;
  /** Of an E.164 number in a space. */
  phone(spaceId: string, number: string): string;
  /** Of an address in the whole instance, compared in lower case. */
  email(address: string): string;
  all(spaceId: string, of: { username: string; email: string | null; phone: string | null }): AccountClaims;
  /** Under the domain, which outlives the space. */
  tombstone(domain: string, username: string): string;
}

export const claimNames = (vault: Pick<Vault, 'hash'>): ClaimNames => {
  const claim = (purpose: string, value: string): string => `accountclaim-${vault.hash(purpose, value)}`;
  const names: ClaimNames = {
    name: (spaceId, username) =>
      isPhoneNumber(username)
        ? names.phone(spaceId, phoneNumberOf(username)?.number ?? username)
        : claim('username', `${spaceId}\n${username.toLowerCase()}`),
    phone: (spaceId, number) => claim('phone', `${spaceId}\n${number}`),
    email: (address) => claim('email', address.toLowerCase()),
    all: (spaceId, { username, email, phone }) => ({
      name: names.name(spaceId, username),
      email: email === null ? null : names.email(email),
      phone: phone === null ? null : names.phone(spaceId, phone),
    }),
    tombstone: (domain, username) => `accounttombstone-${vault.hash('tombstone', `${domain.toLowerCase()}\n${username.toLowerCase()}`)}`,
  };
  return names;
};
