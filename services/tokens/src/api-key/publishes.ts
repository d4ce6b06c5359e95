import type { Published, Relay } from '@flexistream/service-host';
import { adminKeysEvents, userKeyEvents } from './events.ts';

/** Others learn which keys ended, so that gateways forget them sooner than by themselves. */
export const publishKeys: Relay = (stored) => {
  const fact = userKeyEvents.read(stored) ?? adminKeysEvents.read(stored);
  switch (fact?.type) {
    case 'UserKeySet':
    case 'UserKeyEnded':
      return fact.data.former === null ? [] : [revoked(fact.data.former, fact.data.accountId)];
    case 'AdminKeyEnded':
      return [revoked(fact.data.key, fact.data.accountId)];
    default:
      return [];
  }
};

const revoked = (keyId: string, accountId: number): Published => ({
  type: 'token.key-revoked.v1',
  subject: keyId,
  data: { keyId, accountId },
});
