import type { Caller } from '@flexistream/contracts';
import { type Call, empty, type Handler, notFound, ok, one } from '@flexistream/http';
import type { Parts } from '../parts.ts';
import { changedAccount, command, newProvisioningToken, requesterOf } from './command.ts';
import type { SwitchAccount } from './commands.ts';
import { idOf, reach, spaceOf } from './find.ts';
import { removeAccount } from './removal.ts';
import { ownView } from './serialiser.ts';

/** `POST /accounts/{id}/activate`, `deactivate`, `block`, `unblock` (spec accounts.md §11). */
export const switchAccount =
  (parts: Parts, type: SwitchAccount['type']): Handler<Caller> =>
  async (call) => {
    const { caller, context } = call;
    const { account, space } = await reach(parts, caller, idOf(call.params.id), context);
    const { id } = account.profile;
    const told = await command(parts, id, { type, data: { by: requesterOf(call) }, now: context.at }, context);
    return ok(ownView(told.account.profile, space.realm), changedAccount(id));
  };

/** `GET /accounts/{id}/provision` (spec tokens.md §17). */
export const provisionAccount =
  (parts: Parts): Handler<Caller> =>
  async (call) => {
    const { account } = await reach(parts, call.caller, idOf(call.params.id), call.context);
    return provision(parts, call, account.profile.id, 'admin');
  };

/** `GET /accounts/me/provision`. */
export const provisionMe =
  (parts: Parts): Handler<Caller> =>
  (call) =>
    provision(parts, call, call.caller.accountId, 'user');

const provision = async (parts: Parts, call: Call<Caller>, id: number, cause: 'user' | 'admin') => {
  const { caller, context } = call;
  const data = { ...newProvisioningToken(parts), cause, by: requesterOf(call) };
  const { account } = await command(parts, id, { type: 'IssueProvisioningToken', data, now: context.at }, context);
  const space = await spaceOf(parts, caller, account.profile.spaceId, context);
  if (space === undefined) throw notFound();
  return ok(ownView(account.profile, space.realm), changedAccount(id));
};

/** `DELETE /accounts/{id}`: an empty answer. An admin may delete itself. */
export const deleteAccount =
  (parts: Parts): Handler<Caller> =>
  async ({ caller, context, params }) => {
    const { account } = await reach(parts, caller, idOf(params.id), context);
    const { id } = account.profile;
    if (!(await removeAccount(parts, id, 'admin', context))) throw notFound();
    return empty(changedAccount(id));
  };

/** `DELETE /accounts/me`: the body is `1`. */
export const deleteMe =
  (parts: Parts): Handler<Caller> =>
  async ({ caller: { accountId }, context }) => {
    if (!(await removeAccount(parts, accountId, 'self', context))) throw notFound();
    return one(changedAccount(accountId));
  };
