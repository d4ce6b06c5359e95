import type { InputOf, OutputOf } from '@flexistream/contracts';
import { type CommandContext, derived } from '@flexistream/kernel';
import { accountStream } from '../account/events.ts';
import type { Profile } from '../account/profile.ts';
import { accountView, profiles } from '../account/view.ts';
import type { Parts } from '../parts.ts';

const PAGE = 1_000;

/**
 * Sets how many accounts a space may hold and counts those that are there. What is in flight when a space gets its first limit may
 * still land (design §4); an account that went while it was counted is taken out again.
 */
export const setPlaces = async (
  parts: Parts,
  { spaceId, limit, atLeastPresent }: InputOf<'accounts.setPlaces'>,
  context: CommandContext,
): Promise<OutputOf<'accounts.setPlaces'>> => {
  const present = limit === 0 ? [] : await ownersIn(parts, spaceId);
  const refusal = await parts.places.setLimit(spaceId, { limit, present, atLeastPresent }, context);
  if (refusal !== undefined) return { set: false, present: Number(refusal.details?.present ?? present.length) };
  if (limit > 0) await takeOutGone(parts, spaceId, present, context);
  return { set: true };
};

const ownersIn = async ({ ports }: Parts, spaceId: string): Promise<string[]> => {
  const owners: string[] = [];
  for (let from = 0; ; ) {
    const found = await ports.views.find<Profile>(accountView, profiles, {
      where: { spaceId },
      range: { field: 'id', from },
      order: { by: ['id'], direction: 'ascending' },
      limit: PAGE,
    });
    const last = found.at(-1);
    if (last === undefined) return owners;
    owners.push(...found.map(({ id }) => accountStream(id)));
    from = last.id + 1;
  }
};

const takeOutGone = async (parts: Parts, spaceId: string, counted: readonly string[], context: CommandContext): Promise<void> => {
  const present = new Set(await ownersIn(parts, spaceId));
  for (const owner of counted) {
    if (!present.has(owner)) await parts.places.release(spaceId, owner, derived(context, `recount of ${owner}`));
  }
};
