import type { AccountIdentity } from '@flexistream/contracts';
import { isRefusal } from '@flexistream/kernel';
import type { AnswersOf } from '@flexistream/service-host';
import type { Parts } from '../parts.ts';
import { setPlaces } from '../places/limit.ts';
import { tell } from './command.ts';
import { failureOf } from './failures.ts';
import { accountNamed, accountsAtEmail, presentAccount } from './find.ts';
import { createFirstAdmin } from './first-admin.ts';
import type { PresentAccount } from './state.ts';
import { accountView, profiles } from './view.ts';

/** What other services ask of accounts (packages/contracts). */
export const accountAnswers = (parts: Parts): AnswersOf<'accounts'> => ({
  'accounts.resolve': async (input, context) => {
    const found =
      'id' in input
        ? [await presentAccount(parts, input.id)]
        : 'email' in input
          ? await accountsAtEmail(parts, input.email)
          : [await accountNamed(parts, input.spaceId, input.username)];
    const identities: AccountIdentity[] = [];
    for (const account of found) {
      if (account === undefined) continue;
      const space = await parts.spaces.byId(account.profile.spaceId, context);
      if (space !== null) identities.push(identityOf(account));
    }
    return identities;
  },
  'accounts.setPlaces': (input, context) => setPlaces(parts, input, context),
  'accounts.hasAdmin': async ({ spaceIds }) => {
    const found = await Promise.all(
      spaceIds.map((spaceId) => parts.ports.views.find(accountView, profiles, { where: { spaceId, admin: true }, limit: 1 })),
    );
    return { hasAdmin: found.some((admins) => admins.length > 0) };
  },
  'accounts.createFirstAdmin': (input, context) => createFirstAdmin(parts, input, context),
  'accounts.fence': async ({ accountId }, context) => {
    const handled = await tell(parts, accountId, { type: 'FenceCreation', data: {}, now: context.at }, context);
    if (isRefusal(handled)) throw failureOf(handled);
    return { state: handled.state.status === 'fenced' ? 'fenced' : 'created' };
  },
});

const identityOf = ({ profile, credentialVersion, verifiers }: PresentAccount): AccountIdentity => ({
  id: profile.id,
  spaceId: profile.spaceId,
  username: profile.username,
  domain: profile.domain,
  admin: profile.admin,
  blocked: profile.blocked,
  credentialVersion,
  verifiers: [...verifiers],
});
