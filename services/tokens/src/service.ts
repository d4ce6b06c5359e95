import { streamPrefixes } from '@flexistream/contracts';
import type { Ports, Reaction, Service, ValuesOf } from '@flexistream/service-host';
import { ApiKeys } from './api-key/keys.ts';
import { publishKeys } from './api-key/publishes.ts';
import { createMyApiKey } from './api-key/routes.ts';
import { CreationTokens } from './creation-token/creation-tokens.ts';
import { createCreationToken } from './creation-token/routes.ts';
import { CreationTokenSweeps } from './creation-token/sweeps.ts';
import { creationTokenView } from './creation-token/view.ts';
import type { tokensSettings } from './settings.ts';

export { tokensSettings } from './settings.ts';

/** A client whose creation was cut off tries again soon. */
const ABANDONED_SECONDS = 10;
const LAPSED_SECONDS = 3_600;

/** What exists before or beside an account: API keys and creation tokens. */
export const tokensService = (ports: Ports, settings: ValuesOf<typeof tokensSettings>): Service<'tokens'> => {
  const keys = new ApiKeys(ports, settings);
  const tokens = new CreationTokens(ports, settings);
  const sweeps = new CreationTokenSweeps(ports, tokens);
  return {
    name: 'tokens',
    prefixes: streamPrefixes.tokens,
    handlers: { createMyApiKey: createMyApiKey(keys, settings), createCreationToken: createCreationToken(tokens) },
    answers: {
      'tokens.resolveKey': async ({ key }) => (await keys.resolve(key)) ?? null,
      'tokens.keyUsed': async ({ keyId, at }) => {
        await keys.used(keyId, at);
        return {};
      },
      'tokens.keyLastUse': async ({ keyId }) => ({ at: await keys.lastUse(keyId) }),
      'tokens.moveKey': async ({ keyId, credentialVersion }, context) => {
        await keys.moveTo(keyId, credentialVersion, context);
        return {};
      },
      'tokens.createAdminKey': async ({ accountId, key }, context) => ({ created: await keys.createAdminKey(accountId, key, context) }),
      'tokens.creationTokenState': async ({ token }) => ({ state: await tokens.state(token) }),
      'tokens.reserve': ({ token, accountId }, context) => tokens.reserve(token, accountId, context),
      'tokens.release': async ({ tokenId, accountId }, context) => {
        await tokens.release(tokenId, accountId, context);
        return {};
      },
      'tokens.markUsed': async ({ tokenId, accountId }, context) => {
        await tokens.markUsed(tokenId, accountId, context);
        return {};
      },
    },
    projections: [creationTokenView],
    publishes: publishKeys,
    reactions: [followAccounts(keys, tokens, sweeps)],
    schedules: [
      { name: 'end abandoned reservations', everySeconds: ABANDONED_SECONDS, run: (context) => sweeps.endAbandoned(context) },
      { name: 'forget lapsed creation tokens', everySeconds: LAPSED_SECONDS, run: (context) => sweeps.lapse(context) },
    ],
  };
};

const followAccounts = (keys: ApiKeys, tokens: CreationTokens, sweeps: CreationTokenSweeps): Reaction => ({
  topics: ['accounts'],
  handle: async (event, context) => {
    if (event.type === 'account.created.v1' && event.data.creationToken !== undefined) {
      await tokens.markUsed(event.data.creationToken, event.data.accountId, context);
    }
    if (event.type === 'account.deleted.v1') {
      await keys.endAll(event.data.accountId, context);
      await sweeps.forget(event.data.accountId);
    }
  },
});
