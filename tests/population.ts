import { type Answer, ask } from './client.ts';
import { askByDigest, type Credentials } from './digest.ts';

/** Who and what a test needs, made as an operator would: by the API, with the key of the first admin. */
export interface Platform {
  readonly url: string;
  readonly adminKey: string;
}

export interface Account extends Credentials {
  readonly id: number;
}

const made = (answer: Answer, status: number): Answer => {
  if (answer.status !== status) throw new Error(`answered with ${answer.status}: ${answer.text}`);
  return answer;
};

export const createSpace = async (server: Platform, domain: string, fields: object = {}): Promise<void> => {
  const body = { name: domain, domain, ...fields };
  made(await ask(server, '/api/spaces', { method: 'POST', key: server.adminKey, body }), 201);
};

export const PASSWORD = 's3cret-of-the-tests';

export const createAccount = async (
  server: Platform,
  { username, domain, ...fields }: { username: string; domain: string; [field: string]: unknown },
): Promise<Account> => {
  const body = { password: PASSWORD, algorithm: 'SHA-256', ...fields, username, domain };
  const { json } = made(await ask(server, '/api/accounts', { method: 'POST', key: server.adminKey, body }), 200);
  return { id: json.id, username, domain, password: body.password };
};

/** A user key, as phones get it: by DIGEST. */
export const keyOf = async (server: Platform, account: Credentials): Promise<string> =>
  made(await askByDigest(server, account, '/api/accounts/me/api_key'), 200).text;

export const adminOf = async (server: Platform, domain: string, username = 'the-admin'): Promise<Account & { key: string }> => {
  const account = await createAccount(server, { username, domain, admin: true });
  return { ...account, key: await keyOf(server, account) };
};

/** The whole object of a space with some fields changed: PUT takes nothing less (spec spaces.md §7). */
export const changeSpace = async (server: Platform, domain: string, fields: object): Promise<Answer> => {
  const { json } = made(await ask(server, `/api/spaces/${domain}`, { key: server.adminKey }), 200);
  return ask(server, `/api/spaces/${domain}`, { method: 'PUT', key: server.adminKey, body: { ...json, ...fields } });
};
