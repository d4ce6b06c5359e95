import type { Verifier } from '@flexistream/contracts';
import type { AccountClaims } from './events.ts';
import { sameVerifier } from './verifiers.ts';

/** Each once: a user name that is the account's own phone number is one claim. */
export const heldBy = ({ name, email, phone }: AccountClaims): string[] => [
  ...new Set([name, email, phone].filter((claim) => claim !== null)),
];

/** One verifier per account: setting it ends all former ones. */
export const differs = (verifiers: readonly Verifier[], next: Verifier): boolean => {
  const [only, ...more] = verifiers;
  return only === undefined || more.length > 0 || !sameVerifier(only, next);
};
