import { streamPrefixes } from '@flexistream/contracts';
import type { Ports, Service } from '@flexistream/service-host';
import { accountAnswers } from './account/answers.ts';
import { publishAccount } from './account/publishes.ts';
import { accountRoutes } from './account/routes.ts';
import { accountView } from './account/view.ts';
import { pendingView } from './claims/pending.ts';
import { sweepPending } from './claims/sweep.ts';
import { makeParts } from './parts.ts';
import { accountsReactions } from './reactions.ts';
import type { AccountsSettings } from './settings.ts';
import { sweepClosedSpaces } from './space/closing.ts';

export { accountsSettings } from './settings.ts';

/** Accounts, their claims, places and tombstones. */
export const accountsService = (ports: Ports, settings: AccountsSettings): Service<'accounts'> => {
  const parts = makeParts(ports, settings);
  return {
    name: 'accounts',
    prefixes: streamPrefixes.accounts,
    handlers: accountRoutes(parts),
    answers: accountAnswers(parts),
    projections: [accountView, pendingView],
    publishes: publishAccount,
    reactions: accountsReactions(parts),
    schedules: [
      { name: 'sweep-claims', everySeconds: 30, run: (context) => sweepPending(parts, context) },
      { name: 'sweep-closed-spaces', everySeconds: 60, run: (context) => sweepClosedSpaces(parts, context) },
    ],
  };
};
