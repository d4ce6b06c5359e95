import type { Published, Relay } from '@flexistream/service-host';
import { accountEvents } from './events.ts';

/** What others hear of accounts: ids only, never a personal value (design §6). Private facts stay private. */
export const publishAccount: Relay = (stored) => {
  const event = stored.type in accountEvents.types ? accountEvents.read(stored) : undefined;
  switch (event?.type) {
    case 'AccountCreated': {
      const { id, spaceId, creationToken } = event.data;
      const data = { accountId: id, spaceId, ...(creationToken === undefined ? {} : { creationToken }) };
      return [{ type: 'account.created.v1', subject: String(id), data }];
    }
    case 'PasswordSet':
      return event.data.cause === 'creation' ? [] : [accessChanged(event.data)];
    case 'AdminRightsGranted':
    case 'AdminRightsWithdrawn':
    case 'AccountBlocked':
    case 'AccountUnblocked':
    case 'AccountRenamed':
    case 'AccountMoved':
      return [accessChanged(event.data)];
    case 'AccountDeleted': {
      const { id, spaceId } = event.data;
      return [{ type: 'account.deleted.v1', subject: String(id), data: { accountId: id, spaceId } }];
    }
    default:
      return [];
  }
};

const accessChanged = ({ id, spaceId }: { readonly id: number; readonly spaceId: string }): Published => ({
  type: 'account.access-changed.v1',
  subject: String(id),
  data: { accountId: id, spaceId },
});
