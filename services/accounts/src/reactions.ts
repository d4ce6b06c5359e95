import type { Reaction } from '@flexistream/service-host';
import { loadAccount } from './account/find.ts';
import { completeRemoval } from './account/removal.ts';
import type { Parts } from './parts.ts';
import { closeSpace } from './space/closing.ts';

/** A deletion that a crash cut off is completed when its own event comes round. */
const completeOwnRemovals = (parts: Parts): Reaction => ({
  topics: ['accounts'],
  handle: async (event, context) => {
    if (event.type !== 'account.deleted.v1') return;
    const account = await loadAccount(parts, event.data.accountId);
    if (account.status === 'deleted') await completeRemoval(parts, account, context);
  },
});

const followSpaces = (parts: Parts): Reaction => ({
  topics: ['spaces'],
  handle: async (event, context) => {
    parts.spaces.forget();
    if (event.type === 'space.deleted.v1') await closeSpace(parts, event.data.spaceId, context);
  },
});

export const accountsReactions = (parts: Parts): readonly Reaction[] => [completeOwnRemovals(parts), followSpaces(parts)];
