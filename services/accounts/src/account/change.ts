import type { Caller, SpaceIdentity } from '@flexistream/contracts';
import { type Call, check, type Handler, notFound, ok, textOf, unauthorizedAction, type ValueOf } from '@flexistream/http';
import type { Parts } from '../parts.ts';
import { isFull } from '../places/places.ts';
import { realmOf } from '../space/known-spaces.ts';
import { changedAccount, command, requesterOf } from './command.ts';
import type { UpdateAccount } from './commands.ts';
import type { AccountFields } from './fields.ts';
import { idOf, type Reached, reach } from './find.ts';
import { completeMove } from './move.ts';
import { adminView } from './serialiser.ts';
import { acceptUntaken, takenBy } from './taken.ts';
import { makeVerifier } from './verifiers.ts';

/** `PUT /accounts/{id}`: a replacement (spec accounts.md §7). What is wrong with the body comes before the 404 of the account. */
export const updateAccount =
  (parts: Parts): Handler<Caller> =>
  async (call) => {
    const { body, caller, context } = call;
    const id = idOf(call.params.id);
    const reached = await reach(parts, caller, id, context).catch((error: unknown) => ({ error }));
    const current = 'account' in reached ? reached : undefined;
    const sameName = current !== undefined && textOf(body.username) === current.account.profile.username;
    const checked = check(sameName ? parts.fields.byAdminSameName : parts.fields.byAdmin, body);
    if (current === undefined) {
      acceptUntaken(checked, await takenBy(parts, { space: caller.space, body: { domain: body.domain ?? null }, context }));
      throw 'error' in reached ? reached.error : notFound();
    }
    const { profile } = current.account;
    const space = await targetOf(parts, call, current);
    const self = { id: profile.id, username: profile.username, spaceId: profile.spaceId };
    const value = acceptUntaken(checked, await takenBy(parts, { space, body, context, self }));
    if (space.id !== profile.spaceId) await expectRoom(parts, space);
    const what = updateOf(parts, call, value, space);
    const naming = { domain: space.domain, username: value.username };
    const { account, events } = await command(parts, profile.id, what, context, naming);
    if (events.some(({ type }) => type === 'AccountMoved')) await completeMove(parts, profile.id, events, context);
    return ok(adminView(account.profile, space.realm), changedAccount(profile.id));
  };

type Value = ValueOf<AccountFields['byAdmin']>;

const updateOf = ({ names }: Parts, call: Call<Caller>, value: Value, space: SpaceIdentity): UpdateAccount => {
  const { username, email = null, phone = null, dictionary } = value;
  return {
    type: 'UpdateAccount',
    data: {
      spaceId: space.id,
      domain: space.domain,
      username,
      email,
      phone,
      displayName: value.display_name ?? null,
      dtmfProtocol: value.dtmf_protocol ?? null,
      dictionary: dictionary && Object.entries(dictionary),
      admin: value.admin ?? false,
      activated: value.activated ?? undefined,
      verifier: makeVerifier(value.algorithm, username, realmOf(space), value.password),
      claims: names.all(space.id, { username, email, phone }),
      by: requesterOf(call),
    },
    now: call.context.at,
  };
};

/** A super admin moves the account by `domain`; for all others it stays. An unknown domain is found by `takenBy`. */
const targetOf = async ({ spaces }: Parts, { body, caller, context }: Call<Caller>, { space }: Reached): Promise<SpaceIdentity> => {
  const domain = caller.superAdmin ? textOf(body.domain) : undefined;
  if (domain === undefined || domain.toLowerCase() === space.domain.toLowerCase()) return space;
  return (await spaces.byDomain(domain, context)) ?? space;
};

const expectRoom = async ({ places }: Parts, space: SpaceIdentity): Promise<void> => {
  const state = await places.of(space.id);
  if (state.closed || isFull(state)) throw unauthorizedAction();
};
