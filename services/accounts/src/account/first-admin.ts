import { setTimeout as pause } from 'node:timers/promises';
import type { InputOf, OutputOf } from '@flexistream/contracts';
import { type CommandContext, derived, isRefusal, ownersOf } from '@flexistream/kernel';
import { sweepOne } from '../claims/sweep.ts';
import type { Parts } from '../parts.ts';
import { realmOf } from '../space/known-spaces.ts';
import { createAccount, type Draft } from './creation.ts';
import { failureOf } from './failures.ts';
import { accountNamed } from './find.ts';
import { makeVerifier } from './verifiers.ts';

type Wish = InputOf<'accounts.createFirstAdmin'>;

/** Another instance that is at it needs a moment; after so many tries its claim is taken for one that a crash left behind. */
const PATIENCE = 5;
const ATTEMPTS = 10;

/**
 * The first admin, once, whoever asks and whatever was killed before: the account that stands is answered, and a claim whose account
 * never came to be is swept here, since a start cannot wait for the schedule.
 */
export const createFirstAdmin = async (
  parts: Parts,
  wish: Wish,
  context: CommandContext,
): Promise<OutputOf<'accounts.createFirstAdmin'>> => {
  const username = wish.username.toLowerCase();
  const draft = await draftOf(parts, { ...wish, username }, context);
  for (let attempt = 1; ; attempt++) {
    const standing = await accountNamed(parts, wish.spaceId, username);
    if (standing !== undefined) return { id: standing.profile.id, created: false };
    const created = await createAccount(parts, draft, derived(context, `first admin ${attempt}`));
    if (!isRefusal(created)) return { id: created.profile.id, created: true };
    if (created.refused !== 'name_taken' || attempt === ATTEMPTS) throw failureOf(created);
    await pause(10 * 2 ** Math.min(attempt, PATIENCE));
    if (attempt >= PATIENCE) await sweepName(parts, draft, context);
  }
};

const sweepName = async (parts: Parts, { spaceId, username }: Draft, context: CommandContext): Promise<void> => {
  const claim = parts.names.name(spaceId, username);
  for (const owner of await ownersOf(parts.ports.journal, claim)) {
    await sweepOne(parts, { claim, owner }, derived(context, `sweep of ${owner}`));
  }
};

/** Made on the command line: no rule of length, no address of a client (spec accounts.md §2). */
const draftOf = async ({ settings, spaces }: Parts, wish: Wish, context: CommandContext): Promise<Draft> => {
  const { spaceId, domain, username, password } = wish;
  return {
    spaceId,
    domain,
    origin: 'command',
    username,
    displayName: null,
    email: null,
    phone: null,
    dtmfProtocol: null,
    dictionary: [],
    admin: true,
    activated: true,
    verifier: makeVerifier(settings.ACCOUNT_DEFAULT_PASSWORD_ALGORITHM, username, realmOf(wish), password),
    by: { ip: '0.0.0.0', userAgent: (await spaces.byId(spaceId, context))?.name ?? domain },
  };
};
