import type { Setting } from './budget.ts';
import { deviceOf } from './calls.ts';
import { type InProcess, inParallel, openInProcess } from './in-process.ts';
import { accountBody, sipAddressOf, usernameOf } from './population.ts';

const AT_ONCE = 300;
const EVENTS_OF_A_CALL = 4;
/** With its claims, its share of a space's events and, of every tenth, its deletion; what it really came to is told with the numbers. */
const EVENTS_OF_AN_ACCOUNT = 5.5;
const ACCOUNTS_OF_A_SPACE = 100;
const TENTH = 10;

const addressOf = (person: number): string => sipAddressOf(person).slice('sip:'.length);
const any = (below: number): number => Math.floor(Math.random() * below);

/**
 * A data folder whose log is half calls, half accounts and spaces. A tenth of the accounts is deleted, so that what is sealed of them
 * can be read no more, and the addresses and devices of their calls neither.
 */
export const folderWithLog = ({ prepared, say }: Setting, accounts: number): Promise<string> =>
  prepared(`log-${accounts}`, async (folder) => {
    const platform = await openInProcess(folder, { passive: false });
    say(`preparing a log: ${accounts} accounts`);
    await inParallel(accounts / ACCOUNTS_OF_A_SPACE, 10, (index) => createSpace(platform, `space${index}.example.org`));
    const ids = await createAccounts(platform, accounts);
    const calls = Math.round((accounts * EVENTS_OF_AN_ACCOUNT) / EVENTS_OF_A_CALL);
    say(`preparing a log: ${calls} calls`);
    await inParallel(calls, AT_ONCE, (index) => makeCall(platform, `call${index}`, accounts));
    say('preparing a log: erasing a tenth');
    await inParallel(accounts / TENTH, AT_ONCE, (index) => platform.call('deleteAccount', { params: { id: String(ids[index * TENTH]) } }));
    await platform.services.caughtUp();
    await platform.stop();
  });

const createSpace = (platform: InProcess, domain: string) => platform.call('createSpace', { body: { name: domain, domain } });

const createAccounts = async (platform: InProcess, accounts: number): Promise<readonly number[]> => {
  const ids: number[] = [];
  await inParallel(accounts, AT_ONCE, async (index) => {
    const { json } = await platform.call('createAccount', { body: accountBody(usernameOf(index)) });
    ids[index] = (json as { id: number }).id;
  });
  return ids;
};

/** Announced, rung, answered, ended. */
const makeCall = async (platform: InProcess, id: string, people: number): Promise<void> => {
  const to = any(people);
  const device = deviceOf(to);
  const body = { id, from: addressOf(any(people)), to: addressOf(to), initiated_at: '2026-03-12T14:53:22Z', devices: { [device]: null } };
  await platform.call('announceCall', { body });
  const onDevice = { call: id, device };
  await platform.call('reportCallDevice', { params: onDevice, body: { rang_at: '2026-03-12T14:53:23Z' } });
  const accepted = { invite_terminated: { at: '2026-03-12T14:53:40Z', state: 'accepted' } };
  await platform.call('reportCallDevice', { params: onDevice, body: accepted });
  await platform.call('endCall', { params: { call: id }, body: { ended_at: '2026-03-12T14:58:02Z' } });
};
