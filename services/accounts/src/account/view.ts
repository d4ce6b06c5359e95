import { add, type Collection, drop, inlineProjection, patch, put } from '@flexistream/read-models';
import { type AccountEvent, accountEvents } from './events.ts';
import { newProfile, profileChange } from './profile.ts';

/** Profiles by id. */
export const profiles: Collection = {
  name: 'profiles',
  indexes: [['id'], ['spaceId', 'id'], ['spaceId', 'admin']],
};

/** How many accounts there are: by space id, and of all spaces under `all`. Kept, not counted. */
export const counts: Collection = { name: 'counts', indexes: [] };
export const everywhere = 'all';
export type Count = { readonly accounts: number };

const counted = (spaceId: string, by: number) => [
  add(counts.name, spaceId, { accounts: by }),
  add(counts.name, everywhere, { accounts: by }),
];

const change = (event: AccountEvent & { readonly data: { readonly id: number } }) =>
  patch(profiles.name, event.data.id, profileChange(event));

/** What clients are shown of accounts. An account whose personal part is erased has no document; it is counted until its deletion all the same. */
export const accountView = inlineProjection<AccountEvent>({ name: 'account', version: 1, collections: [profiles, counts] }, accountEvents, {
  AccountCreated: (event) => {
    const profile = newProfile(event);
    const { id, spaceId } = event.data;
    return [profile === undefined ? drop(profiles.name, id) : put(profiles.name, id, profile), ...counted(spaceId, 1)];
  },
  PasswordSet: change,
  AccountRenamed: change,
  AccountMoved: (event) => [
    change(event),
    add(counts.name, event.data.fromSpaceId, { accounts: -1 }),
    add(counts.name, event.data.spaceId, { accounts: 1 }),
  ],
  DetailsChanged: change,
  EmailSet: change,
  PhoneSet: change,
  DictionaryReplaced: change,
  AdminRightsGranted: change,
  AdminRightsWithdrawn: change,
  AccountActivated: change,
  AccountDeactivated: change,
  AccountBlocked: change,
  AccountUnblocked: change,
  ProvisioningTokenIssued: change,
  AccountDeleted: ({ data: { id, spaceId } }) => [drop(profiles.name, id), ...counted(spaceId, -1)],
});
