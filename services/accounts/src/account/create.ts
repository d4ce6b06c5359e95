import type { Caller, SpaceIdentity } from '@flexistream/contracts';
import { type Answer, type Call, check, type Handler, ok, textOf, unauthorizedAction } from '@flexistream/http';
import { type CommandContext, isRefusal } from '@flexistream/kernel';
import type { Parts } from '../parts.ts';
import { isFull } from '../places/places.ts';
import { isExpired, realmOf } from '../space/known-spaces.ts';
import { changedAccount } from './command.ts';
import { createAccount } from './creation.ts';
import { failureOf, spaceExpired } from './failures.ts';
import { doneBefore } from './repeat.ts';
import { ownView } from './serialiser.ts';
import type { PresentAccount } from './state.ts';
import { acceptUntaken, takenBy } from './taken.ts';
import { makeVerifier } from './verifiers.ts';

/** `POST /accounts` (spec accounts.md §6). */
export const createByAdmin =
  (parts: Parts): Handler<Caller> =>
  async (call) => {
    const { body, context } = call;
    const space = await openSpace(parts, await targetOf(parts, call), context);
    const before = await doneBefore(parts, space.id, body, context);
    if (before?.made) return made(before.account, space);
    await refuseFull(parts, space.id);
    const checked = check(parts.fields.byAdmin, body);
    const value = acceptUntaken(checked, await takenBy(parts, { space, body, context }));
    const account = await createAccount(
      parts,
      {
        spaceId: space.id,
        domain: space.domain,
        origin: 'admin',
        username: value.username,
        displayName: value.display_name ?? null,
        email: value.email ?? null,
        phone: value.phone ?? null,
        dtmfProtocol: value.dtmf_protocol ?? null,
        dictionary: Object.entries(value.dictionary ?? {}),
        admin: value.admin ?? false,
        activated: value.activated ?? false,
        verifier: makeVerifier(value.algorithm, value.username, realmOf(space), value.password),
        by: creatorOf(call, space),
      },
      context,
      { after: before?.attempt },
    );
    if (isRefusal(account)) throw failureOf(account);
    return made(account, space);
  };

export const made = ({ profile }: PresentAccount, { realm }: SpaceIdentity): Answer =>
  ok(ownView(profile, realm), changedAccount(profile.id));

/** A super admin chooses by `domain`, else by the host; all others create in their own space (spec README.md, decision 1). */
const targetOf = async ({ spaces }: Parts, { body, caller, hostSpace, context }: Call<Caller>): Promise<SpaceIdentity | null> => {
  if (!caller.superAdmin) return caller.space;
  const domain = textOf(body.domain);
  return domain === undefined ? (hostSpace ?? caller.space) : spaces.byDomain(domain, context);
};

/**
 * The space that a new account goes to, before anything else of the request is looked at. No refusal on what was remembered: the
 * owner is asked first (design §7).
 * @throws Failure 403: there is none, or it has expired.
 */
export const openSpace = async (
  { ports, spaces }: Parts,
  given: SpaceIdentity | null | undefined,
  context: CommandContext,
): Promise<SpaceIdentity> => {
  if (given === null || given === undefined) throw unauthorizedAction();
  const doubtful = isExpired(given, ports.clock());
  const space = doubtful ? await spaces.fresh(given.id, context) : given;
  if (space === null) throw unauthorizedAction();
  if (isExpired(space, ports.clock())) throw spaceExpired();
  return space;
};

/** @throws Failure 403 */
export const refuseFull = async ({ places }: Parts, spaceId: string): Promise<void> => {
  const state = await places.of(spaceId);
  if (state.closed || isFull(state)) throw unauthorizedAction();
};

export const creatorOf = ({ address, userAgent }: Pick<Call, 'address' | 'userAgent'>, { name }: SpaceIdentity) => ({
  ip: address,
  userAgent: userAgent ?? name,
});
