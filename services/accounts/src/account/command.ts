import type { Call } from '@flexistream/http';
import { type CommandContext, type Handled, handle, isRefusal, type Refusal, randomToken, refuse } from '@flexistream/kernel';
import { isDestroyed } from '@flexistream/key-store';
import type { Parts } from '../parts.ts';
import { accountDecider } from './account.ts';
import { claimRules, type Naming } from './claim-rules.ts';
import type { AccountCommand, ProvisioningToken } from './commands.ts';
import { type AccountEvent, accountStream, type Requester } from './events.ts';
import { failureOf } from './failures.ts';
import type { Account, PresentAccount } from './state.ts';
import { accountView } from './view.ts';

export const requesterOf = ({ address, userAgent }: Pick<Call, 'address' | 'userAgent'>): Requester => ({
  ip: address,
  userAgent: userAgent ?? null,
});

/** Handles a command to an account and waits until its view has taken it in (design §5). `naming` where names may be claimed. */
export const tell = async (
  parts: Parts,
  id: number,
  command: AccountCommand,
  context: CommandContext,
  naming?: Naming,
): Promise<Handled<Account, AccountEvent> | Refusal> => {
  const stream = accountStream(id);
  const { journal } = parts.ports;
  const handled = await handle(journal, accountDecider, stream, command, {
    context,
    subject: stream,
    ...(naming === undefined ? {} : { claims: claimRules(parts, stream, naming, context) }),
  }).catch(gone);
  if (!isRefusal(handled) && handled.position !== undefined) await journal.whenProjected(accountView, handled.position);
  return handled;
};

/** Another process has deleted the account and destroyed its key since it was read here. */
const gone = (error: unknown): Refusal => {
  if (isDestroyed(error)) return refuse('account_unknown');
  throw error;
};

export interface Told {
  readonly account: PresentAccount;
  readonly events: readonly AccountEvent[];
}

/** As `tell`, for an account that stays. @throws Failure the answer to a refusal. */
export const command = async (parts: Parts, id: number, what: AccountCommand, context: CommandContext, naming?: Naming): Promise<Told> => {
  const handled = await tell(parts, id, what, context, naming);
  if (isRefusal(handled)) throw failureOf(handled);
  if (handled.state.status !== 'present') throw failureOf({ refused: 'account_unknown' });
  return { account: handled.state, events: handled.events };
};

const TOKEN_LENGTH = 13;

/** A fresh provisioning token (spec tokens.md §17). */
export const newProvisioningToken = ({ ports, settings }: Parts): ProvisioningToken => {
  const token = randomToken(TOKEN_LENGTH);
  const minutes = settings.APP_PROVISIONING_TOKEN_EXPIRATION_MINUTES;
  return {
    token,
    hash: ports.vault.hash('provisioning-token', token),
    expireAt: minutes === 0 ? null : new Date(ports.clock() + minutes * 60_000).toISOString(),
  };
};

/** What the gateway forgets before the next request. */
export const changedAccount = (id: number) => ({ changed: [`account:${id}`] });
