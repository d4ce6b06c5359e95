import { Failure, invalidField, notFound, type Text, unauthorizedAction, unavailable } from '@flexistream/http';
import type { Refusal } from '@flexistream/kernel';

const taken: Text = { key: 'unique' };

/** From refusal to answer: the one table of this aggregate. */
const failures = {
  account_unknown: notFound,
  name_taken: () => invalidField('username', taken),
  email_taken: () => invalidField('email', taken),
  phone_taken: () => invalidField('phone', taken),
  too_many_accounts: unauthorizedAction,
  space_gone: unauthorizedAction,
  fenced: () => unavailable(),
  old_password_missing: () => invalidField('old_password', { key: 'required' }),
  old_password_wrong: () => invalidField('old_password', { key: 'old_password' }),
} as const satisfies Record<string, () => Failure>;

/** A refusal that no client is to see is a fault of ours: it goes on as an unknown error. */
export const failureOf = ({ refused }: Refusal): Error =>
  refused in failures ? failures[refused as keyof typeof failures]() : new Error(`no answer for the refusal ${refused}`);

/** 403: the space is over (spec spaces.md §3). */
export const spaceExpired = (): Failure => new Failure(403, { key: 'space_expired' });
