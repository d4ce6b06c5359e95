import type { Caller } from '@flexistream/contracts';
import { type Handler, notFound, ok, parse, tooManyAttempts } from '@flexistream/http';
import { isRefusal } from '@flexistream/kernel';
import type { Parts } from '../parts.ts';
import { realmOf } from '../space/known-spaces.ts';
import { changedAccount, requesterOf, tell } from './command.ts';
import { failureOf } from './failures.ts';
import { presentAccount, spaceOf } from './find.ts';
import { ownView } from './serialiser.ts';
import { makeVerifier } from './verifiers.ts';

const WRONG_TRIES_A_MINUTE = 10;
const MINUTE_MS = 60_000;

/**
 * `POST /accounts/me/password` (spec accounts.md §9). Everything that was let in by the old password ends with it, but the key that made
 * this call, which tokens moves to the new version before the answer.
 */
export const changeMyPassword =
  (parts: Parts): Handler<Caller> =>
  async (call) => {
    const { body, caller, context } = call;
    const { ports, fields } = parts;
    const { algorithm, password } = parse(fields.newPassword, body);
    const account = await presentAccount(parts, caller.accountId);
    const space = account && (await spaceOf(parts, caller, account.profile.spaceId, context));
    if (account === undefined || space === undefined) throw notFound();
    const { id, username } = account.profile;
    const oldPassword = account.verifiers.length === 0 ? null : parse(fields.oldPassword, body).old_password;
    const tries = triesOf(parts, id);
    await tries.take();
    const verifier = makeVerifier(algorithm, username, realmOf(space), password);
    const data = { verifier, oldPassword, by: requesterOf(call) };
    const told = await tell(parts, id, { type: 'ChangePassword', data, now: context.at }, context);
    if (isRefusal(told)) throw failureOf(told);
    await tries.giveBack();
    if (told.state.status !== 'present') throw notFound();
    if (caller.keyKind === 'user' && caller.keyId !== undefined) {
      await ports.ask('tokens.moveKey', { keyId: caller.keyId, credentialVersion: told.state.credentialVersion }, context);
    }
    return ok(ownView(told.state.profile, space.realm), changedAccount(id));
  };

/**
 * Guessing the old password with a stolen key is stopped per account: a try is taken before it is looked at, so parallel ones count too,
 * and a good one is given back.
 */
const triesOf = ({ ports: { ephemeral } }: Parts, accountId: number) => {
  const key = `wrong-old-password:${accountId}`;
  return {
    take: async (): Promise<void> => {
      const { value, expiresIn } = await ephemeral.add(key, 1, MINUTE_MS);
      if (value > WRONG_TRIES_A_MINUTE) throw tooManyAttempts({ 'Retry-After': String(Math.ceil(expiresIn / 1_000)) });
    },
    giveBack: () => ephemeral.add(key, -1, MINUTE_MS),
  };
};
