import { describe, expect, test } from '@jest/globals';
import { body, idIn, openAccounts } from '../spec-support/open-accounts.ts';

const taken = (field: string, text: string) => ({ status: 422, json: { message: text, errors: { [field]: [text] } } });

describe('a user name', () => {
  test('is unique in its space only', async () => {
    await using accounts = await openAccounts();
    const { ask, admin, otherAdmin } = accounts;
    await ask('createAccount', { caller: admin, body: body('alice1') });
    expect(await ask('createAccount', { caller: admin, body: body('alice1') })).toMatchObject(
      taken('username', 'The username has already been taken.'),
    );
    expect(await ask('createAccount', { caller: admin, body: body('alice1'), language: 'fr' })).toMatchObject(
      taken('username', 'Le pseudo a déjà été pris.'),
    );
    expect((await ask('createAccount', { caller: otherAdmin, body: body('alice1') })).status).toBe(200);
  });

  test('is given to one of 64 who ask at once', async () => {
    await using accounts = await openAccounts();
    const tries = await Promise.all(
      Array.from({ length: 64 }, () => accounts.ask('createAccount', { caller: accounts.admin, body: body('alice1') })),
    );
    expect(tries.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(tries.filter(({ status }) => status === 422)).toHaveLength(63);
    expect((await accounts.ask('listAccounts', { caller: accounts.admin })).json).toMatchObject({ total: 1 });
  });

  test('that is a phone number is compared with phones, both ways', async () => {
    await using accounts = await openAccounts({ APP_ALLOW_PHONE_NUMBER_USERNAME_ADMIN_API: 'true', ACCOUNT_PHONE_COUNTRIES: '*' });
    const { ask, admin } = accounts;
    await ask('createAccount', { caller: admin, body: body('alice1', { phone: '+33 6 12 12 12 12' }) });
    expect(await ask('createAccount', { caller: admin, body: body('+33612121212') })).toMatchObject({
      status: 422,
      json: { errors: { username: ['The username has already been taken.'] } },
    });
    await ask('createAccount', { caller: admin, body: body('+33612121213') });
    expect(await ask('createAccount', { caller: admin, body: body('alice2', { phone: '+33612121213' }) })).toMatchObject(
      taken('phone', 'The phone has already been taken.'),
    );
    expect((await ask('createAccount', { caller: admin, body: body('+33612121214', { phone: '+33612121214' }) })).status).toBe(200);
  });
});

describe('a phone', () => {
  test('is unique in its space, however it is written', async () => {
    await using accounts = await openAccounts({ ACCOUNT_PHONE_COUNTRIES: 'FR' });
    const { ask, admin, otherAdmin } = accounts;
    await ask('createAccount', { caller: admin, body: body('alice1', { phone: '+33612121212' }) });
    expect(
      await ask('createAccount', { caller: admin, body: body('alice2', { phone: '+33 6 12 12 12 12' }), language: 'fr' }),
    ).toMatchObject(taken('phone', 'Le téléphone a déjà été pris.'));
    expect((await ask('createAccount', { caller: otherAdmin, body: body('alice2', { phone: '+33612121212' }) })).status).toBe(200);
  });
  test('that is taken and of no authorised country says both, in that order', async () => {
    await using accounts = await openAccounts({ APP_ALLOW_PHONE_NUMBER_USERNAME_ADMIN_API: 'true' });
    const { ask, admin } = accounts;
    await ask('createAccount', { caller: admin, body: body('+33612121212') });
    expect((await ask('createAccount', { caller: admin, body: body('alice2', { phone: '+33612121212' }) })).json).toMatchObject({
      message: 'The phone has already been taken. (and 1 more error)',
      errors: { phone: ['The phone has already been taken.', 'The phone number must belong to an authorized country.'] },
    });
  });
});

describe('an e-mail', () => {
  test('may be shared unless the instance says otherwise', async () => {
    await using accounts = await openAccounts();
    const { ask, admin } = accounts;
    const first = idIn(await ask('createAccount', { caller: admin, body: body('alice1', { email: 'a@example.org' }) }));
    expect((await ask('createAccount', { caller: admin, body: body('alice2', { email: 'A@example.org' }) })).status).toBe(200);
    const found = await ask('searchAccountByEmail', { caller: admin, params: { email: 'a@EXAMPLE.org' } });
    expect(idIn(found)).toBe(first);
  });
  test('is unique in the whole instance where it says so, without case', async () => {
    await using accounts = await openAccounts({ ACCOUNT_EMAIL_UNIQUE: 'true' });
    const { ask, admin, otherAdmin } = accounts;
    await ask('createAccount', { caller: admin, body: body('alice1', { email: 'a@example.org' }) });
    expect(await ask('createAccount', { caller: otherAdmin, body: body('alice2', { email: 'A@example.org' }) })).toMatchObject(
      taken('email', 'The email has already been taken.'),
    );
    expect(
      await ask('createAccount', { caller: otherAdmin, body: body('alice2', { email: 'A@example.org' }), language: 'fr' }),
    ).toMatchObject(taken('email', 'Le email a déjà été pris.'));
  });
});

test('one 422 lists everything, in the order of the fields', async () => {
  await using accounts = await openAccounts({ ACCOUNT_EMAIL_UNIQUE: 'true' });
  const { ask, admin } = accounts;
  await ask('createAccount', { caller: admin, body: body('alice1', { email: 'a@example.org' }) });
  const answer = await ask('createAccount', {
    caller: admin,
    body: { username: 'alice1', email: 'a@example.org', domain: 'nowhere.example' },
  });
  expect(answer.json).toEqual({
    message: 'The username has already been taken. (and 4 more errors)',
    errors: {
      username: ['The username has already been taken.'],
      domain: ['The selected domain is invalid.'],
      password: ['The password field is required.'],
      email: ['The email has already been taken.'],
      algorithm: ['The algorithm field is required.'],
    },
  });
  expect(Object.keys((answer.json as { errors: object }).errors)).toEqual(['username', 'domain', 'password', 'email', 'algorithm']);
  expect((await ask('createAccount', { caller: admin, body: { email: 'blabla' } })).json).toMatchObject({
    message: 'The username field is required. (and 3 more errors)',
  });
});

test('a space never holds more accounts than its limit, whoever asks at once', async () => {
  await using accounts = await openAccounts();
  const { ask, host, admin } = accounts;
  await ask('createAccount', { caller: admin, body: body('alice0') });
  const limited = (limit: number) =>
    host.services.ask('accounts.setPlaces', { spaceId: 'one', limit, atLeastPresent: true }, host.context());
  expect(await limited(10)).toEqual({ set: true });
  const tries = await Promise.all(Array.from({ length: 64 }, (_, n) => ask('createAccount', { caller: admin, body: body(`account${n}`) })));
  expect(tries.filter(({ status }) => status === 200)).toHaveLength(9);
  expect(tries.filter(({ status }) => status === 403)).toHaveLength(55);
  expect((await ask('listAccounts', { caller: admin })).json).toMatchObject({ total: 10 });
  expect(await limited(9)).toEqual({ set: false, present: 10 });
  expect(await limited(10)).toEqual({ set: true });
  expect(await limited(0)).toEqual({ set: true });
  expect((await ask('createAccount', { caller: admin, body: body('another1') })).status).toBe(200);
});
