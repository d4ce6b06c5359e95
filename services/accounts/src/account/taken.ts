import type { SpaceIdentity } from '@flexistream/contracts';
import { accept, type Call, type Checked, type Fields, ProblemList, phoneNumberOf, textOf, type ValueOf } from '@flexistream/http';
import { type CommandContext, ownersOf } from '@flexistream/kernel';
import type { Parts } from '../parts.ts';
import { isKept } from './claim-rules.ts';
import { accountStream } from './events.ts';

export interface Wish {
  /** The space that the account is or will be in. */
  readonly space: SpaceIdentity;
  readonly body: Call['body'];
  readonly context: CommandContext;
  /** The account that is changed: what it has itself is not taken. */
  readonly self?: { readonly id: number; readonly username: string; readonly spaceId: string };
}

/**
 * What look-ups have against a body, so that one 422 lists everything; the claims decide all the same, when the account is made.
 * Look-ups go through claims, never a view.
 */
export const takenBy = async (parts: Parts, wish: Wish): Promise<ProblemList> => {
  const problems = new ProblemList();
  const [domain, username, email, phone] = await Promise.all([
    domainUnknown(parts, wish),
    usernameTaken(parts, wish),
    emailTaken(parts, wish),
    phoneTaken(parts, wish),
  ]);
  if (username) problems.add('username', { key: 'unique' });
  if (domain) problems.add('domain', { key: 'exists' });
  if (email) problems.add('email', { key: 'unique' });
  if (phone) problems.add('phone', { key: 'unique' });
  return problems;
};

const isOthers = async ({ ports }: Parts, claim: string, { self }: Wish): Promise<boolean> => {
  const owners = await ownersOf(ports.journal, claim);
  return owners.some((owner) => self === undefined || owner !== accountStream(self.id));
};

const domainUnknown = async ({ spaces }: Parts, wish: Wish): Promise<boolean> => {
  const domain = textOf(wish.body.domain);
  if (domain === undefined || domain.toLowerCase() === wish.space.domain.toLowerCase()) return false;
  return (await spaces.byDomain(domain, wish.context)) === null;
};

const usernameTaken = async (parts: Parts, wish: Wish): Promise<boolean> => {
  const username = textOf(wish.body.username);
  if (username === undefined) return false;
  const { self, space } = wish;
  if (await isOthers(parts, parts.names.name(space.id, username), wish)) return true;
  const same = self !== undefined && self.username === username && self.spaceId === space.id;
  return !same && isKept(parts, { domain: space.domain, username });
};

const emailTaken = async (parts: Parts, wish: Wish): Promise<boolean> => {
  const email = parts.settings.ACCOUNT_EMAIL_UNIQUE ? textOf(wish.body.email) : undefined;
  return email !== undefined && isOthers(parts, parts.names.email(email), wish);
};

const phoneTaken = async (parts: Parts, wish: Wish): Promise<boolean> => {
  const number = phoneNumberOf(textOf(wish.body.phone) ?? '')?.number;
  return number !== undefined && isOthers(parts, parts.names.phone(wish.space.id, number), wish);
};

/** The value, or the 422 of everything. A phone that is taken says so before it says what else is wrong with it (spec accounts.md §3). */
export const acceptUntaken = <F extends Fields>(checked: Checked<F>, found: ProblemList): ValueOf<F> => {
  const about = checked.problems.get('phone');
  if (about === undefined || !found.problems.has('phone')) return accept(checked, found);
  const others = new Map(checked.problems);
  others.delete('phone');
  return accept({ ...checked, problems: others }, found.add('phone', ...about));
};
