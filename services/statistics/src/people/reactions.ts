import type { Reaction } from '@flexistream/service-host';
import type { AccountTies } from './account-ties.ts';

/**
 * What becomes of an account: created or renamed, it takes its address's past with it; deleted, it is erased in both directions (spec
 * statistics.md §9). Documents hold numbers, and texts are put in when they are read: they need no rewriting, the other party's row
 * shows a pseudonym at once.
 */
export const followAccounts = (ties: AccountTies): Reaction => ({
  topics: ['accounts'],
  handle: async (event, context) => {
    switch (event.type) {
      case 'account.created.v1':
      case 'account.access-changed.v1':
        return ties.tieAddressOf(event.data.accountId, context);
      case 'account.deleted.v1':
        return ties.erase(event.data.accountId);
      default:
        return;
    }
  },
});
