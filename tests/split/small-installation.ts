import { ask } from '../client.ts';
import { askByDigest } from '../digest.ts';
import { type Account, createAccount, createSpace, keyOf, type Platform } from '../population.ts';

/** What is remembered of an installation, to ask it for the same elsewhere. */
export interface Inhabitants {
  readonly accounts: readonly Account[];
  readonly deleted: Account;
  /** Of the first account. */
  readonly userKey: string;
  /** Of nobody yet. */
  readonly creationToken: string;
}

export const domain = 'sip.moving.org';
const otherDomain = 'sip.other.org';

/** Something of everything that the API takes. */
export const populate = async (server: Platform, accounts = 4): Promise<Inhabitants> => {
  const admin = async (method: string, path: string, body?: unknown) => {
    const answer = await ask(server, path, { method, key: server.adminKey, body });
    if (answer.status >= 300) throw new Error(`${method} ${path} answered with ${answer.status}: ${answer.text}`);
    return answer;
  };
  await createSpace(server, domain, { max_accounts: 500 });
  await createSpace(server, otherDomain);
  await createSpace(server, 'sip.closed.org');
  await admin('POST', `/api/spaces/${domain}/email`, { host: 'smtp.moving.org', port: 25, username: 'smtp', password: 's3cret-mail' });
  const made: Account[] = [];
  for (let n = 0; n < accounts; n++) {
    const fields = { display_name: `Nº ${n} "€"`, email: `person${n}@moving.org`, dictionary: { '$odd.name': `${n}`, plain: 'ü' } };
    made.push(await createAccount(server, { username: `person${n}`, domain: n % 2 === 0 ? domain : otherDomain, ...fields }));
  }
  const [first, second] = made;
  if (first === undefined || second === undefined) throw new Error('two accounts are needed');
  const deleted = await createAccount(server, { username: 'leaving', domain });
  await createAccount(server, { username: 'closing', domain: 'sip.closed.org' });
  const userKey = await keyOf(server, first);
  const creationToken = (await admin('POST', '/api/account_creation_tokens')).json.token as string;
  const used = (await admin('POST', '/api/account_creation_tokens')).json.token as string;
  const byToken = { username: 'by_token', password: 's3cret-token', algorithm: 'SHA-256', domain, account_creation_token: used };
  const created = await ask(server, '/api/accounts/with-account-creation-token', { method: 'POST', body: byToken });
  if (created.status !== 200) throw new Error(`a creation by token answered with ${created.status}: ${created.text}`);
  for (let n = 0; n < 12; n++) {
    const at = `2026-03-12T14:53:${10 + n}Z`;
    const [from, to] = n % 3 === 0 ? [deleted, first] : [first, second];
    const parties = { from: `${from.username}@${from.domain}`, to: `${to.username}@${to.domain}` };
    await admin('POST', '/api/statistics/calls', { id: `call-${n}`, ...parties, initiated_at: at });
    await admin('PATCH', `/api/statistics/calls/call-${n}/devices/phone;x=${n % 2}`, { rang_at: at });
    if (n % 2 === 0) await admin('PATCH', `/api/statistics/calls/call-${n}`, { ended_at: at });
    await admin('POST', '/api/statistics/messages', { id: `message-${n}`, from: parties.from, sent_at: at, encrypted: n % 2 === 0 });
    const received = { last_status: 200, received_at: at };
    await admin('PATCH', `/api/statistics/messages/message-${n}/to/${parties.to}/devices/d`, received);
  }
  await admin('DELETE', `/api/accounts/${deleted.id}`);
  await admin('DELETE', '/api/spaces/sip.closed.org');
  return { accounts: made, deleted, userKey, creationToken };
};

/** The bytes of what is read back; addresses of the server itself are left out. */
export const answersOf = async (server: Platform, { accounts, deleted, userKey }: Inhabitants): Promise<readonly string[]> => {
  const paths = [
    '/api/spaces',
    `/api/spaces/${domain}`,
    '/api/accounts',
    ...[...accounts, deleted].flatMap(({ id }) => [`/api/accounts/${id}`, `/api/accounts/${id}/statistics/calls`]),
  ];
  const texts: string[] = [];
  const take = (path: string, { status, text }: { status: number; text: string }) =>
    texts.push(`${path} ${status} ${text.replaceAll(server.url, '')}`);
  for (const path of paths) take(path, await ask(server, path, { key: server.adminKey }));
  take('/api/accounts/me', await ask(server, '/api/accounts/me', { key: userKey }));
  for (const account of accounts) take(`${account.username} by DIGEST`, await askByDigest(server, account, '/api/accounts/me'));
  return texts;
};
