import type { Caller } from '@flexistream/contracts';
import { type Call, check, Failure, type Handler, type ProblemList, textOf } from '@flexistream/http';
import { type CommandContext, derived, isRefusal, refuse } from '@flexistream/kernel';
import type { Parts } from '../parts.ts';
import { realmOf } from '../space/known-spaces.ts';
import { creatorOf, made, openSpace, refuseFull } from './create.ts';
import { createAccount, type Reservation } from './creation.ts';
import { failureOf } from './failures.ts';
import { doneBefore } from './repeat.ts';
import { acceptUntaken, takenBy } from './taken.ts';
import { makeVerifier } from './verifiers.ts';

const tokenUnknown = [{ key: 'account_creation_token' }, { key: 'token_expired' }] as const;

/**
 * `POST /accounts/with-account-creation-token`: the one command that spans two services (design §6). Killed between any two steps it
 * ends in one account and a used token, or none and a usable one:
 * 1. everything is validated, the token's state asked, so that one 422 lists all; 2. the id is taken; 3. tokens reserves the token for
 * that id, one winner; 4. the account is claimed and created, the fact carries the token's id (a refusal releases the token);
 * 5. tokens marks it used: at once, else when it hears of the account.
 */
export const createWithToken =
  (parts: Parts): Handler<Caller | undefined> =>
  async (call) => {
    const { body, context, hostSpace } = call;
    const space = await openSpace(parts, hostSpace, context);
    const before = await doneBefore(parts, space.id, body, context);
    if (before?.made) return made(before.account, space);
    if (before !== undefined) await freeToken(parts, body, before.id, context);
    await refuseFull(parts, space.id);
    const checked = check(parts.fields.byToken, body);
    const found = await takenBy(parts, { space, body, context });
    await tokenProblems(parts, body, found, context);
    const value = acceptUntaken(checked, found);
    const { reservation, finish } = reserving(parts, value.account_creation_token, call);
    const account = await createAccount(
      parts,
      {
        spaceId: space.id,
        domain: space.domain,
        origin: 'token',
        username: value.username,
        displayName: null,
        email: null,
        phone: null,
        dtmfProtocol: value.dtmf_protocol ?? null,
        dictionary: [],
        admin: false,
        activated: false,
        verifier: makeVerifier(value.algorithm, value.username, realmOf(space), value.password),
        by: creatorOf(call, space),
      },
      context,
      { reservation, after: before?.attempt },
    );
    if (isRefusal(account)) throw account.refused === 'token_gone' ? tokenGone() : failureOf(account);
    await finish(account.profile.id);
    return made(account, space);
  };

/** From the reservation for an id that no account will ever have. */
const freeToken = async (
  { ports }: Parts,
  { account_creation_token }: Call['body'],
  id: number,
  context: CommandContext,
): Promise<void> => {
  const token = textOf(account_creation_token);
  if (token === undefined) return;
  const held = await ports.ask('tokens.reserve', { token, accountId: id }, derived(context, 'reservation before'));
  if (held.reserved) await ports.ask('tokens.release', { tokenId: held.tokenId, accountId: id }, derived(context, 'release before'));
};

const tokenProblems = async ({ ports }: Parts, body: Call['body'], found: ProblemList, context: CommandContext): Promise<void> => {
  const token = textOf(body.account_creation_token);
  if (token === undefined) return;
  const { state } = await ports.ask('tokens.creationTokenState', { token }, context);
  if (state === 'unknown') found.add('account_creation_token', ...tokenUnknown);
  if (state === 'expired') found.add('account_creation_token', { key: 'token_expired' });
};

/** Somebody else was faster with the same token. */
const tokenGone = (): Failure => new Failure(422, undefined, { errors: new Map([['account_creation_token', tokenUnknown]]) });

const reserving = ({ ports }: Parts, token: string, { context }: Pick<Call, 'context'>) => {
  let tokenId: string | undefined;
  const reservation: Reservation = {
    take: async (accountId, at) => {
      const reserved = await ports.ask('tokens.reserve', { token, accountId }, derived(at, 'reservation'));
      if (!reserved.reserved) return refuse('token_gone');
      tokenId = reserved.tokenId;
      return { creationToken: reserved.tokenId };
    },
    giveBack: async (accountId, at) => {
      if (tokenId === undefined) return;
      await ports.ask('tokens.release', { tokenId, accountId }, derived(at, 'release of the token'));
    },
  };
  /** Best effort: the account stands, and tokens hears of it by `account.created.v1` too. */
  const finish = async (accountId: number): Promise<void> => {
    if (tokenId === undefined) return;
    await ports
      .ask('tokens.markUsed', { tokenId, accountId }, derived(context, 'use of the token'))
      .catch((error: unknown) => ports.log.warn({ error }, 'a creation token will be marked used later'));
  };
  return { reservation, finish };
};
