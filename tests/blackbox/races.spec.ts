import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, ask } from '../client.ts';
import { changeSpace, createSpace, PASSWORD } from '../population.ts';
import { type ServerProcess, startServer } from '../server-process.ts';

const PARALLEL = 64;
const times = <T>(work: (n: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: PARALLEL }, (_, n) => work(n)));
const count = (answers: readonly Answer[], status: number) => answers.filter((answer) => answer.status === status).length;

describe('64 at once', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer({ env: { ACCOUNT_PHONE_COUNTRIES: 'FR', ACCOUNT_EMAIL_UNIQUE: 'true' } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const create = (domain: string, username: string, fields: object = {}) =>
    ask(server, '/api/accounts', {
      method: 'POST',
      key: server.adminKey,
      body: { username, domain, password: PASSWORD, algorithm: 'MD5', ...fields },
    });
  const listed = async (domain: string): Promise<number> => {
    let found = 0;
    for (let page = 1, last = 1; page <= last; page++) {
      const { data, last_page } = (await ask(server, `/api/accounts?page=${page}`, { key: server.adminKey })).json;
      found += data.filter((account: { domain: string }) => account.domain === domain).length;
      last = last_page;
    }
    return found;
  };

  test('max_accounts holds; a deletion makes room for one', async () => {
    const domain = 'sip.full.org';
    await createSpace(server, domain, { max_accounts: 10 });
    const answers = await times((n) => create(domain, `crowd.${n}`));
    expect([count(answers, 200), count(answers, 403)]).toEqual([10, PARALLEL - 10]);
    expect(answers.find(({ status }) => status === 403)?.json).toEqual({ message: 'This action is unauthorized.' });
    expect(await listed(domain)).toBe(10);
    expect((await create(domain, 'x')).status).toBe(403); // full beats what is wrong with the body

    const { id } = answers.find(({ status }) => status === 200)?.json ?? {};
    await ask(server, `/api/accounts/${id}`, { method: 'DELETE', key: server.adminKey });
    const heirs = await times((n) => create(domain, `heirs.${n}`));
    expect([count(heirs, 200), count(heirs, 403)]).toEqual([1, PARALLEL - 1]);

    const lower = await changeSpace(server, domain, { max_accounts: 9 });
    expect([lower.status, lower.json.errors]).toEqual([422, { max_accounts: ['The max accounts must be at least 10.'] }]);
    expect((await changeSpace(server, domain, { max_accounts: 11 })).status).toBe(200);
    expect((await create(domain, 'eleventh')).status).toBe(200);
    expect((await create(domain, 'twelfth')).status).toBe(403);
  });

  test.each([
    ['user name', (_: number) => ({ username: 'the.same' })],
    ['e-mail', (n: number) => ({ username: `mailer.${n}`, email: 'the.same@example.org' })],
    ['phone', (n: number) => ({ username: `caller.${n}`, phone: '+33611223344' })],
  ])('one %s has one winner, the others are told what is taken', async (what, fields) => {
    const domain = `sip.${what.replaceAll(/\W/g, '')}.org`;
    await createSpace(server, domain);
    const answers = await times((n) => {
      const { username, ...rest } = fields(n);
      return create(domain, username, rest);
    });
    expect([count(answers, 200), count(answers, 422)]).toEqual([1, PARALLEL - 1]);
    expect(await listed(domain)).toBe(1);
    const field = { 'user name': 'username', 'e-mail': 'email', phone: 'phone' }[what] ?? '';
    for (const answer of answers.filter(({ status }) => status === 422)) {
      expect(answer.json.errors).toEqual({ [field]: [`The ${field} has already been taken.`] });
    }
  });

  test('one domain has one winner', async () => {
    const answers = await times((n) =>
      ask(server, '/api/spaces', { method: 'POST', key: server.adminKey, body: { name: `N${n}`, domain: 'sip.race.org' } }),
    );
    expect([count(answers, 201), count(answers, 422)]).toEqual([1, PARALLEL - 1]);
  });

  test('one creation token makes one account', async () => {
    const domain = 'sip.token.org';
    await createSpace(server, domain);
    const { token } = (await ask(server, '/api/account_creation_tokens', { method: 'POST', key: server.adminKey })).json;
    const answers = await times((n) =>
      ask(server, '/api/accounts/with-account-creation-token', {
        method: 'POST',
        host: domain,
        body: { username: `token.${n}`, password: PASSWORD, algorithm: 'MD5', account_creation_token: token },
      }),
    );
    expect([count(answers, 200), count(answers, 422)]).toEqual([1, PARALLEL - 1]);
    expect(await listed(domain)).toBe(1);
    // Names of the losers are free again.
    const loser = answers.findIndex(({ status }) => status === 422);
    expect((await create(domain, `token.${loser}`)).status).toBe(200);
  });
});
