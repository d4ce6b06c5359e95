import { bodyOf, check, invalid } from '@flexistream/http';
import { readSettings } from '@flexistream/service-host';
import { describe, expect, test } from '@jest/globals';
import { accountsSettings } from '../service.ts';
import { accountFields } from './fields.ts';

const good = { username: 'alice1', password: 's3cret!', algorithm: 'SHA-256' };

const errors = (
  body: Record<string, unknown>,
  environment: Record<string, string> = {},
  { language = 'en', kind = 'byAdmin' }: { language?: 'en' | 'fr'; kind?: 'byAdmin' | 'byToken' } = {},
) => {
  const fields = accountFields(readSettings(accountsSettings, environment));
  const { problems } = check(fields[kind], { ...good, ...body });
  return problems.size === 0 ? {} : (bodyOf(invalid(problems), language).errors ?? {});
};

describe('the fields of an account', () => {
  test.each<[string, Record<string, unknown>, Record<string, string[]>, Record<string, string[]>]>([
    ['username', { username: null }, { username: ['The username field is required.'] }, { username: ['Le champ pseudo est obligatoire.'] }],
    [
      'username',
      { username: 'Bob' },
      {
        username: [
          'The username must be at least 6 characters.',
          'No uppercase letters are allowed.',
          'The username should be a valid SIP username',
        ],
      },
      {
        username: [
          'Le texte du champ pseudo doit contenir au moins 6 caractères.',
          'Les majuscules ne sont pas autorisées.',
          "Le champ pseudo doit être un nom d'utilisateur SIP valide",
        ],
      },
    ],
    [
      'username',
      { username: 'x'.repeat(65) },
      { username: ['The username may not be greater than 64 characters.'] },
      { username: ['Le texte de pseudo ne peut contenir plus de 64 caractères.'] },
    ],
    ['username', { username: ['a'] }, { username: ['The username must be a string.'] }, { username: ['Le pseudo doit être une chaîne.'] }],
    [
      'username',
      { username: '+33612121212' },
      { username: ['The username should not be a phone number'] },
      { username: ['Le champ pseudo ne peut pas être un numéro de téléphone'] },
    ],
    [
      'dictionary',
      { dictionary: { a: 1 } },
      { dictionary: ['The dictionary must be an associative dictionary of strings'] },
      { dictionary: ['Le dictionnaire doit associer des chaînes à des chaînes'] },
    ],
    [
      'dictionary',
      { dictionary: null },
      { dictionary: ['The dictionary must be an associative dictionary of strings'] },
      { dictionary: ['Le dictionnaire doit associer des chaînes à des chaînes'] },
    ],
    [
      'password',
      { password: null },
      { password: ['The password field is required.'] },
      { password: ['Le champ mot de passe est obligatoire.'] },
    ],
    [
      'password',
      { password: '12345' },
      { password: ['The password must be at least 6 characters.'] },
      { password: ['Le texte du champ mot de passe doit contenir au moins 6 caractères.'] },
    ],
    [
      'email',
      { email: 'blabla' },
      { email: ['The email must be a valid email address.'] },
      { email: ['Le champ email doit être une adresse email valide.'] },
    ],
    [
      'dtmf_protocol',
      { dtmf_protocol: 'SIPINFO' },
      { dtmf_protocol: ['The selected dtmf protocol is invalid.'] },
      { dtmf_protocol: ['Le champ dtmf protocol est invalide.'] },
    ],
    [
      'phone',
      { phone: '0612121212' },
      { phone: ['The phone field contains an invalid number.', 'The phone number must belong to an authorized country.'] },
      { phone: ['Le champ téléphone contient un numéro invalide.', 'Le numéro de téléphone doit appartenir à un pays autorisé.'] },
    ],
    [
      'phone',
      { phone: '+33612121212' },
      { phone: ['The phone number must belong to an authorized country.'] },
      { phone: ['Le numéro de téléphone doit appartenir à un pays autorisé.'] },
    ],
    [
      'algorithm',
      { algorithm: null },
      { algorithm: ['The algorithm field is required.'] },
      { algorithm: ['Le champ algorithm est obligatoire.'] },
    ],
    [
      'algorithm',
      { algorithm: 'md5' },
      { algorithm: ['The password algorithm must be in MD5, SHA-256'] },
      { algorithm: ["L'algorithme du mot de passe doit être parmi MD5, SHA-256"] },
    ],
    [
      'admin',
      { admin: 'yes' },
      { admin: ['The admin field must be true or false.'] },
      { admin: ['Le champ admin doit être vrai ou faux.'] },
    ],
    [
      'activated',
      { activated: 2 },
      { activated: ['The activated field must be true or false.'] },
      { activated: ['Le champ activated doit être vrai ou faux.'] },
    ],
    [
      'display_name',
      { display_name: {} },
      { display_name: ['The display name must be a string.'] },
      { display_name: ['Le display name doit être une chaîne.'] },
    ],
  ])('%s: %j', (_field, body, english, french) => {
    expect(errors(body)).toEqual(english);
    expect(errors(body, {}, { language: 'fr' })).toEqual(french);
  });

  test('are taken in all their forms', () => {
    const numbers = { username: 123456, password: 123456, display_name: 7 };
    expect(
      errors({ ...numbers, dictionary: [], admin: '0', activated: 1, email: 'a@b', dtmf_protocol: 'sipmessage', domain: null }),
    ).toEqual({});
  });

  test('are listed in the order of the rules', () => {
    const all = {
      username: null,
      domain: {},
      dictionary: 1,
      password: null,
      email: 'x',
      dtmf_protocol: 'x',
      phone: 'x',
      algorithm: null,
      admin: 'x',
      activated: 'x',
    };
    expect(Object.keys(errors(all))).toEqual([
      'username',
      'domain',
      'dictionary',
      'password',
      'email',
      'dtmf_protocol',
      'phone',
      'algorithm',
      'admin',
      'activated',
    ]);
  });

  test('follow the settings', () => {
    expect(errors({ username: 'bob', password: 'test' }, { ACCOUNT_USERNAME_MIN_LENGTH: '3', ACCOUNT_PASSWORD_MIN_LENGTH: '4' })).toEqual(
      {},
    );
    expect(errors({ username: 'myadmin2' }, { ACCOUNT_BLACKLISTED_USERNAMES: 'admin,' })).toEqual({ username: ['Username already used.'] });
    expect(errors({ username: 'myadmin2' }, { ACCOUNT_BLACKLISTED_USERNAMES: '' })).toEqual({});
    expect(errors({ username: 'alice1' }, { ACCOUNT_USERNAME_REGEX: '^[a-z]*$' })).toEqual({
      username: ['The username should be a valid SIP username'],
    });
    expect(errors({ username: '+33612121212' }, { APP_ALLOW_PHONE_NUMBER_USERNAME_ADMIN_API: 'true' })).toEqual({});
    expect(errors({ phone: '+33612121212' }, { ACCOUNT_PHONE_COUNTRIES: 'de, fr' })).toEqual({});
    expect(errors({ phone: '+33612121212' }, { ACCOUNT_PHONE_COUNTRIES: '*' })).toEqual({});
  });

  test('of the public creation hold no privilege', () => {
    const body = { account_creation_token: 'x', admin: false, activated: true, asAdmin: true };
    expect(errors(body, {}, { kind: 'byToken' })).toEqual({
      admin: ['The selected admin is invalid.'],
      activated: ['The selected activated is invalid.'],
    });
    expect(errors({}, {}, { kind: 'byToken' })).toEqual({ account_creation_token: ['The account creation token field is required.'] });
    expect(
      errors(
        { account_creation_token: 'x', username: '+33612121212' },
        { APP_ALLOW_PHONE_NUMBER_USERNAME_ADMIN_API: 'true' },
        { kind: 'byToken' },
      ),
    ).toEqual({
      username: ['The username should not be a phone number'],
    });
  });
});

test('a pattern that cannot be run in linear time is refused at the start', () =>
  expect(() => readSettings(accountsSettings, { ACCOUNT_USERNAME_REGEX: '(a)\\1', ACCOUNT_PHONE_COUNTRIES: 'FRA' })).toThrow(
    expect.objectContaining({
      faults: expect.arrayContaining([
        expect.stringContaining('ACCOUNT_USERNAME_REGEX'),
        expect.stringContaining('ACCOUNT_PHONE_COUNTRIES'),
      ]),
    }),
  ));
