import { describe, expect, test } from '@jest/globals';
import { bodyOf, type ErrorBody } from './error-body.ts';
import { Failure, invalid, invalidField } from './failure.ts';
import { accept, check, type Fields, parse } from './fields/check.ts';
import { expiryDate, isoDate } from './fields/dates.ts';
import { dictionary } from './fields/dictionary.ts';
import { domainName } from './fields/domain-name.ts';
import { email } from './fields/email.ts';
import { ini } from './fields/ini.ts';
import { nested } from './fields/nested.ts';
import { notPhoneNumber, phone } from './fields/phone.ts';
import { ProblemList } from './fields/problems.ts';
import { boolean, integer, oneOf } from './fields/scalars.ts';
import { alphaDash, alphaNum, digits, matches, notUnchanged, noUppercase, text } from './fields/text.ts';
import { notBlacklisted, sipUsername } from './fields/username.ts';
import { tidy } from './tidy.ts';

/** The 422 examples of the contract's pages, each on fields as its route defines them. */

const required = { required: true } as const;
const algorithm = oneOf(['MD5', 'SHA-256'], required, { key: 'password_algorithm' });

const account = {
  username: text({ required: true, min: 6, max: 64, rules: [noUppercase, notPhoneNumber, notBlacklisted('admin'), sipUsername()] }),
  domain: text(),
  dictionary: dictionary(),
  password: text({ required: true, min: 6 }),
  email: email(),
  dtmf_protocol: oneOf(['sipinfo', 'rfc2833', 'sipmessage']),
  phone: phone({ countries: new Set(['FR']) }),
  algorithm,
  admin: boolean(),
  activated: boolean(),
};
const good = { username: 'foobar', password: 'secret', algorithm: 'SHA-256' };

const flags = (names: string) => Object.fromEntries(names.split(' ').map((name) => [name, boolean(required)]));
const spaceUpdate = {
  super: boolean(required),
  ...flags('disable_chat_feature disable_meetings_feature disable_broadcast_feature hide_settings hide_account_settings'),
  ...flags('disable_call_recordings_feature only_display_sip_uri_username assistant_hide_create_account'),
  ...flags('assistant_disable_qr_code assistant_hide_third_party_account'),
  max_account: integer(required),
  max_accounts: integer(required),
  ...flags('custom_provisioning_overwrite_all provisioning_use_linphone_provisioning_header custom_theme web_panel public_registration'),
  ...flags('phone_registration intercom_features'),
};
const space = {
  name: text({ required: true, max: 255 }),
  domain: domainName({ required: true, max: 64 }),
  host: domainName({ max: 255 }),
  max_accounts: integer({ min: 0 }),
  expire_at: expiryDate({ now: Date.UTC(2026, 10, 24) }),
  custom_provisioning_entries: ini(),
};
const goodSpace = { name: 'Example', domain: 'sip.example.org' };

const accountType = { key: text({ required: true, rules: [alphaDash, noUppercase] }) };
const action = { ...accountType, code: text({ required: true, rules: [alphaNum] }) };
const ascii = (pattern: RegExp, key: 'push_param' | 'push_prid' | 'call_id') => text({ rules: [matches(pattern, { key })] });
const push = {
  pn_provider: oneOf(['apns.dev', 'apns', 'fcm'], required, { key: 'push_provider' }),
  pn_param: ascii(/^[A-Za-z0-9_.]+$/, 'push_param'),
  pn_prid: ascii(/^[A-Za-z0-9_:-]+$/, 'push_prid'),
};
const notification = { ...push, type: oneOf(['background', 'message', 'call'], required), call_id: ascii(/^[A-Za-z0-9_~-]+$/, 'call_id') };
const goodPush = { pn_provider: 'fcm', pn_param: 'a.b', pn_prid: 'c:d' };
const device = { invite_terminated: nested({ at: isoDate({ requiredWith: ['state'] }), state: text({ requiredWith: ['at'] }) }) };
const external = {
  realm: text(),
  domain: domainName(),
  password: text({ requiredWith: ['realm'] }),
  protocol: oneOf(['UDP', 'TCP', 'TLS'], required),
};

type Example = readonly [
  fields: Fields,
  body: Record<string, unknown>,
  errors: Record<string, string[]>,
  french?: Record<string, string[]>,
];

const examples: readonly Example[] = [
  // auth-and-errors.md §10, accounts.md §3
  [
    account,
    {},
    {
      username: ['The username field is required.'],
      password: ['The password field is required.'],
      algorithm: ['The algorithm field is required.'],
    },
    {
      username: ['Le champ pseudo est obligatoire.'],
      password: ['Le champ mot de passe est obligatoire.'],
      algorithm: ['Le champ algorithm est obligatoire.'],
    },
  ],
  [
    account,
    { email: 'blabla' },
    {
      username: ['The username field is required.'],
      password: ['The password field is required.'],
      email: ['The email must be a valid email address.'],
      algorithm: ['The algorithm field is required.'],
    },
  ],
  [
    account,
    { ...good, username: 'Bob' },
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
    account,
    { ...good, username: '+33612121212' },
    { username: ['The username should not be a phone number'] },
    { username: ['Le champ pseudo ne peut pas être un numéro de téléphone'] },
  ],
  [account, { ...good, username: 'myadmin2' }, { username: ['Username already used.'] }, { username: ["Nom d'utilisateur déjà utilisé."] }],
  [account, { ...good, username: 'x'.repeat(65) }, { username: ['The username may not be greater than 64 characters.'] }],
  [
    account,
    { ...good, username: { a: 1 } },
    { username: ['The username must be a string.'] },
    { username: ['Le pseudo doit être une chaîne.'] },
  ],
  [
    account,
    { ...good, password: 'abc' },
    { password: ['The password must be at least 6 characters.'] },
    { password: ['Le texte du champ mot de passe doit contenir au moins 6 caractères.'] },
  ],
  [
    account,
    { ...good, dictionary: { a: 1 } },
    { dictionary: ['The dictionary must be an associative dictionary of strings'] },
    { dictionary: ['Le dictionnaire doit associer des chaînes à des chaînes'] },
  ],
  [
    account,
    { ...good, dtmf_protocol: 'x' },
    { dtmf_protocol: ['The selected dtmf protocol is invalid.'] },
    { dtmf_protocol: ['Le champ dtmf protocol est invalide.'] },
  ],
  [
    account,
    { ...good, phone: 'x' },
    { phone: ['The phone field contains an invalid number.', 'The phone number must belong to an authorized country.'] },
    { phone: ['Le champ téléphone contient un numéro invalide.', 'Le numéro de téléphone doit appartenir à un pays autorisé.'] },
  ],
  [account, { ...good, algorithm: 'md5' }, { algorithm: ['The password algorithm must be in MD5, SHA-256'] }],
  [
    account,
    { ...good, admin: 'yes' },
    { admin: ['The admin field must be true or false.'] },
    { admin: ['Le champ admin doit être vrai ou faux.'] },
  ],
  // accounts.md §13, tokens.md §10
  [
    { email: email({ required: true, rules: [notUnchanged('a@b')] }) },
    { email: 'a@b' },
    { email: ['The selected email is invalid.'] },
    { email: ["Le champ email sélectionné n'est pas valide."] },
  ],
  [
    { code: text({ required: true, rules: [digits(4)] }) },
    { code: 123 },
    { code: ['The code must be 4 digits.'] },
    { code: ['Le champ code doit avoir 4 chiffres.'] },
  ],
  [
    { old_password: text(required) },
    {},
    { old_password: ['The old password field is required.'] },
    { old_password: ['Le champ old password est obligatoire.'] },
  ],
  // spaces.md §6
  [
    space,
    {},
    { name: ['The name field is required.'], domain: ['The domain field is required.'] },
    { name: ['Le champ nom est obligatoire.'], domain: ['Le champ domain est obligatoire.'] },
  ],
  [
    space,
    { ...goodSpace, domain: 'nodot' },
    { domain: ['The domain should be a valid domain'] },
    { domain: ['Le champ domain doit être un domaine valide'] },
  ],
  [
    space,
    { ...goodSpace, expire_at: 'someday' },
    { expire_at: ['The expire at is not a valid date.', 'The expire at must be a date after or equal to today.'] },
    { expire_at: ["Le champ expire at n'est pas une date valide.", 'Le champ expire at doit être une date après ou égale à today.'] },
  ],
  [
    space,
    { ...goodSpace, custom_provisioning_entries: '[ui]\nhide_settings=1\nmax_account=2' },
    {
      custom_provisioning_entries: [
        'Invalid ini format. The following settings cannot be set, they are already handled by the platform: hide_settings, max_account',
      ],
    },
    {
      custom_provisioning_entries: [
        'Format ini invalide. Les paramètres suivants ne peuvent être définis, ils sont déjà gérés par la plateforme : hide_settings, max_account',
      ],
    },
  ],
  [space, { ...goodSpace, max_accounts: 'many' }, { max_accounts: ['The max accounts must be an integer.'] }],
  [
    space,
    { ...goodSpace, max_accounts: -1 },
    { max_accounts: ['The max accounts must be at least 0.'] },
    { max_accounts: ['La valeur de max accounts ne peut être inférieure à 0.'] },
  ],
  [
    { copyright_text: text({ present: true }) },
    {},
    { copyright_text: ['The copyright text field must be present.'] },
    { copyright_text: ['Le champ copyright text doit être present.'] },
  ],
  // account-resources.md §1.1, §7, §8
  [
    accountType,
    { key: 'Abc 1' },
    { key: ['The key may only contain letters, numbers, dashes and underscores.', 'No uppercase letters are allowed.'] },
    { key: ['Le champ key doit seulement contenir des lettres, des chiffres et des tirets.', 'Les majuscules ne sont pas autorisées.'] },
  ],
  [
    action,
    { key: 'abc', code: '*1' },
    { code: ['The code may only contain letters and numbers.'] },
    { code: ['Le champ code doit seulement contenir des chiffres et des lettres.'] },
  ],
  [
    { value: text(required) },
    { value: '  ' },
    { value: ['The value field is required.'] },
    { value: ['Le champ valeur est obligatoire.'] },
  ],
  [
    external,
    { realm: 'x', protocol: 'SCTP' },
    { password: ['The password field is required when realm is present.'], protocol: ['The selected protocol is invalid.'] },
    { password: ['Le champ mot de passe est obligatoire quand realm est présent.'], protocol: ['Le champ protocol est invalide.'] },
  ],
  // tokens.md §5, notifications.md §3
  [push, {}, { pn_provider: ['The pn provider field is required.'] }],
  [push, { ...goodPush, pn_provider: 'x' }, { pn_provider: ['The pn provider should be in apns.dev, apns, fcm'] }],
  [
    push,
    { ...goodPush, pn_param: '✨' },
    { pn_param: ['The pn param should be null or contain only alphanumeric, dots and underscore characters'] },
  ],
  [
    push,
    { ...goodPush, pn_prid: 'a.b' },
    { pn_prid: ['The pn prid should be null or contain only alphanumeric, dashes, underscore and colon characters'] },
  ],
  [
    notification,
    { ...goodPush, type: 'x', call_id: 'é' },
    {
      type: ['The selected type is invalid.'],
      call_id: ['The call id should only contain only alphanumeric, tilde and dashes characters'],
    },
  ],
  // statistics.md §4.4, §5
  [
    device,
    { invite_terminated: { at: '2025-06-17T09:27:02Z' } },
    { 'invite_terminated.state': ['The invite terminated.state field is required when invite terminated.at is present.'] },
  ],
  [
    { sent_at: isoDate(required) },
    { sent_at: '21/07/2017' },
    { sent_at: ['The sent at must be a valid ISO 8601 date.'] },
    { sent_at: ['Le champ sent at doit être une date ISO 8601 valide.'] },
  ],
];

const answer = (act: () => unknown, language: 'en' | 'fr'): ErrorBody | undefined => {
  try {
    act();
    return undefined;
  } catch (error) {
    return bodyOf(error, language);
  }
};

/** First text, and how many more: worded here once more, so that the rule is not checked against itself. */
const body = (errors: Record<string, string[]>, suffixes: readonly [one: string, several: string]): ErrorBody => {
  const texts = Object.values(errors).flat();
  const more = texts.length - 1;
  const suffix = more === 0 ? '' : ` (${(more === 1 ? suffixes[0] : suffixes[1]).replace('N', String(more))})`;
  return { message: `${texts[0]}${suffix}`, errors };
};

describe('documented validation failures', () => {
  const named = examples.map(([fields, given, english, french]) => ({ name: JSON.stringify(given), fields, given, english, french }));
  test.each(named)('%#: $name', ({ fields, given, english, french }) => {
    const act = () => parse(fields, tidy(structuredClone(given) as never));
    const inEnglish = answer(act, 'en');
    expect(inEnglish).toEqual(body(english, ['and 1 more error', 'and N more errors']));
    expect(Object.keys(inEnglish?.errors ?? {})).toEqual(Object.keys(english));
    if (french !== undefined) expect(answer(act, 'fr')).toEqual(body(french, ['et 1 autre erreur', 'et N autres erreurs']));
  });

  test('an empty body for a space names the first field and 19 more errors', () =>
    expect(answer(() => parse(spaceUpdate, {}), 'en')?.message).toBe('The super field is required. (and 19 more errors)'));

  test('what look-ups find: taken names, a limit that is too low, equal fields', () => {
    const more = new ProblemList().add('username', { key: 'unique' }).add('domain', { key: 'exists' });
    expect(answer(() => accept(check(account, good), more), 'fr')).toEqual(
      body({ username: ['Le pseudo a déjà été pris.'], domain: ['Le champ domain sélectionné est invalide.'] }, ['et 1 autre erreur', '']),
    );
    expect(answer(() => accept(check(account, good), new ProblemList().add('email', { key: 'unique' })), 'fr')?.message).toBe(
      'Le email a déjà été pris.',
    );
    expect(
      answer(() => {
        throw invalidField('max_accounts', { key: 'min_number', values: { n: 2 } });
      }, 'en'),
    ).toEqual({
      message: 'The max accounts must be at least 2.',
      errors: { max_accounts: ['The max accounts must be at least 2.'] },
    });
    expect(
      answer(() => {
        throw invalidField('outbound_proxy', { key: 'different', values: { other: 'domain' } });
      }, 'fr')?.message,
    ).toBe('Les champs outbound proxy et domain doivent être différents.');
  });

  test('tokens, passwords and cards that do not fit', () => {
    const both = invalid(new Map([['account_creation_token', [{ key: 'account_creation_token' }, { key: 'token_expired' }]]]));
    expect(bodyOf(both, 'en')).toEqual({
      message: 'Please provide a valid account_creation_token (and 1 more error)',
      errors: { account_creation_token: ['Please provide a valid account_creation_token', 'The provided token is expired'] },
    });
    expect(bodyOf(invalidField('old_password', { key: 'old_password' }), 'en')).toEqual({
      message: 'Incorrect old password',
      errors: { old_password: ['Incorrect old password'] },
    });
    expect(bodyOf(invalidField('vcard', { key: 'vcard_uuid' }), 'en')).toEqual({
      message: 'UUID should be the same',
      errors: { vcard: ['UUID should be the same'] },
    });
  });

  test('a request token that is unknown has errors, one that is not yet validated has none', () => {
    const key = 'account_creation_request_token';
    const unknown = new Failure(404, undefined, { errors: new Map([[key, [{ key }]]]) });
    expect(bodyOf(unknown, 'en').errors).toEqual({ [key]: ['Please provide a valid account_creation_request_token'] });
    expect(bodyOf(new Failure(404), 'en')).toEqual({ message: '' });
  });
});
