import { type CommandContext, derived } from '@flexistream/kernel';
import type { Profile } from '../account/profile.ts';
import { removeAccount } from '../account/removal.ts';
import { accountView, type Count, counts, profiles } from '../account/view.ts';
import { type ClosedSpace, closedSpaces, pendingView } from '../claims/pending.ts';
import type { Parts } from '../parts.ts';

const PAGE = 200;
const AT_ONCE = 20;

/** A space is deleted: nobody gets a place in it any more, and all of its accounts go, without tombstones (spec spaces.md §7). */
export const closeSpace = async (parts: Parts, spaceId: string, context: CommandContext): Promise<void> => {
  await parts.places.close(spaceId, context);
  await removeAccountsOf(parts, spaceId, context);
};

const removeAccountsOf = async (parts: Parts, spaceId: string, context: CommandContext): Promise<void> => {
  for (let from = 0; ; ) {
    const found = await parts.ports.views.find<Profile>(accountView, profiles, {
      where: { spaceId },
      range: { field: 'id', from },
      order: { by: ['id'], direction: 'ascending' },
      limit: PAGE,
    });
    const last = found.at(-1);
    if (last === undefined) return;
    from = last.id + 1;
    for (let start = 0; start < found.length; start += AT_ONCE) {
      const batch = found.slice(start, start + AT_ONCE);
      await Promise.all(batch.map(({ id }) => removeAccount(parts, id, 'space deleted', derived(context, `removal of account-${id}`))));
    }
  }
};

/** A creation that was in flight when its space was deleted may still have landed. */
export const sweepClosedSpaces = async (parts: Parts, context: CommandContext): Promise<void> => {
  const { views } = parts.ports;
  for (let from = ''; ; ) {
    const found = await views.find<ClosedSpace>(pendingView, closedSpaces, {
      range: { field: 'spaceId', from },
      order: { by: ['spaceId'], direction: 'ascending' },
      limit: PAGE,
    });
    for (const { spaceId } of found) {
      const count = await views.get<Count>(accountView, counts, spaceId);
      if ((count?.accounts ?? 0) > 0) await removeAccountsOf(parts, spaceId, derived(context, `closing of ${spaceId}`));
    }
    const last = found.at(-1);
    if (last === undefined || found.length < PAGE) return;
    from = `${last.spaceId}\u0000`;
  }
};
