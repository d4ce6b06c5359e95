import { type Call, phoneNumberOf, textOf } from '@flexistream/http';
import { type CommandContext, derived } from '@flexistream/kernel';
import { sweepOne } from '../claims/sweep.ts';
import type { Parts } from '../parts.ts';
import { placesStream } from '../places/events.ts';
import { ATTEMPTS, attemptAt } from './creation.ts';
import { accountIdOf } from './events.ts';
import { presentAccount } from './find.ts';
import type { PresentAccount } from './state.ts';
import { accountView } from './view.ts';

/** What a creation came to that comes again: an account, or at that attempt an id that no account will ever have. */
export type Before =
  | { readonly made: true; readonly account: PresentAccount }
  | { readonly made: false; readonly id: number; readonly attempt: number }
  | undefined;

/**
 * The gateway sends a command again, to another instance, when whoever handled it first died or seemed to (design §4): what it made is
 * the answer, what it left half done is fenced and let go, so that it can be made. Found by the claim of the name, which is taken first.
 */
export const doneBefore = async (parts: Parts, spaceId: string, body: Call['body'], context: CommandContext): Promise<Before> => {
  const username = textOf(body.username);
  if (username === undefined) return undefined;
  const name = parts.names.name(spaceId, username);
  const { journal } = parts.ports;
  const last = await journal.last(name);
  const attempt = last?.type === 'ClaimTaken' ? attemptOf(context, last.metadata.command) : undefined;
  if (last === undefined || attempt === undefined) return undefined;
  const { owner } = last.data as { owner: string };
  for (const claim of claimsIn(parts, spaceId, body, name)) {
    await sweepOne(parts, { claim, owner }, derived(context, `repeat ${claim}`));
  }
  const id = accountIdOf(owner);
  const account = await presentAccount(parts, id);
  if (account === undefined) return { made: false, id, attempt };
  await journal.whenProjected(accountView, await journal.head()); // whoever made it has not answered: nobody has waited for it
  return { made: true, account };
};

const attemptOf = (context: CommandContext, command: string): number | undefined => {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) if (attemptAt(context, attempt).id === command) return attempt;
  return undefined;
};

/** A creation may have got as far as any of them. */
const claimsIn = ({ names }: Parts, spaceId: string, { email, phone }: Call['body'], name: string): readonly string[] => {
  const [address, number] = [textOf(email), phoneNumberOf(textOf(phone) ?? '')?.number];
  return [
    name,
    ...(address === undefined ? [] : [names.email(address)]),
    ...(number === undefined ? [] : [names.phone(spaceId, number)]),
    placesStream(spaceId),
  ];
};
