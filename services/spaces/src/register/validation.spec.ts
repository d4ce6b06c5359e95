import type { Json } from '@flexistream/http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openWorld, putBody, type World } from '../spec-support/world.ts';

/** The texts of spec spaces.md §5, §6 through the handlers, in both languages. The clock stands at 2026-01-01T00:00Z. */

let world: World;
beforeAll(async () => {
  world = await openWorld();
  const spaces: Record<string, Json>[] = [
    { name: 'Example', domain: 'sip.example.org', host: 'fam.example.org' },
    { name: 'Stale', domain: 'stale.example.org', expire_at: '2026-01-02 10:00' },
    { name: 'Victim', domain: 'victim.example.org' },
  ];
  for (const body of spaces) expect(await world.request('createSpace', { body })).toMatchObject({ status: 201 });
});
afterAll(async () => world[Symbol.asyncDispose]());

const post = (body: Record<string, Json>, language: 'en' | 'fr' = 'en') => world.request('createSpace', { body, language });
const put = (domain: string, body: Record<string, Json>, language: 'en' | 'fr' = 'en') =>
  world.request('updateSpace', { params: { domain }, body, language });

const flags = [
  ...['disable_chat_feature', 'disable_meetings_feature', 'disable_broadcast_feature', 'hide_settings', 'hide_account_settings'],
  ...['disable_call_recordings_feature', 'only_display_sip_uri_username', 'assistant_hide_create_account'],
  ...['assistant_disable_qr_code', 'assistant_hide_third_party_account'],
];
const otherFlags = [
  ...['custom_provisioning_overwrite_all', 'provisioning_use_linphone_provisioning_header', 'custom_theme', 'web_panel'],
  ...['public_registration', 'phone_registration', 'intercom_features'],
];
const words = (field: string) => field.replaceAll('_', ' ');
const long = (n: number) => 'x'.repeat(n);
const requiredText = (field: string) => `The ${words(field)} field is required.`;
const booleanText = (field: string) => `The ${words(field)} field must be true or false.`;
const presentText = (field: string) => `The ${words(field)} field must be present.`;

type Faulty = readonly [field: string, value: Json, english: readonly string[], french: readonly string[]];

const notADomain = (field: string, value: string): Faulty => [
  field,
  value,
  [`The ${words(field)} should be a valid domain`],
  [`Le champ ${words(field)} doit être un domaine valide`],
];
const notAnInteger = (field: string, value: Json): Faulty => [
  field,
  value,
  [`The ${words(field)} must be an integer.`],
  [`Le champ ${words(field)} doit être un entier (un nombre sans virgule).`],
];
const tooLong = (field: string, value: string, n: number): Faulty => [
  field,
  value,
  [`The ${words(field)} may not be greater than ${n} characters.`],
  [`Le texte de ${field === 'name' ? 'nom' : words(field)} ne peut contenir plus de ${n} caractères.`],
];
const notAText = (field: string, value: Json): Faulty => [
  field,
  value,
  [`The ${words(field)} must be a string.`],
  [`Le ${field === 'name' ? 'nom' : words(field)} doit être une chaîne.`],
];
const noDate: [string[], string[]] = [
  ['The expire at is not a valid date.', 'The expire at must be a date after or equal to today.'],
  ["Le champ expire at n'est pas une date valide.", 'Le champ expire at doit être une date après ou égale à today.'],
];
const past: [string[], string[]] = [noDate[0].slice(1), noDate[1].slice(1)];
const reserved = 'The following settings cannot be set, they are already handled by the platform: hide_settings, max_account';
const reservedFrench =
  'Les paramètres suivants ne peuvent être définis, ils sont déjà gérés par la plateforme : hide_settings, max_account';

/** Wrong in POST and in PUT alike. */
const faulty: readonly Faulty[] = [
  tooLong('name', long(256), 255),
  notAText('name', ['Example']),
  notAText('name', true),
  ...['LOCAL.example.org', 'localhost', '192.0.2.1', 'a_b.example.org', 'example.org.', 'x.xn--p1ai', 'a.b:80', '-a.org'].map((value) =>
    notADomain('host', value),
  ),
  ...['many', '07', '7.0', 7.5, true].map((value) => notAnInteger('max_account', value)),
  ['max_account', -1, ['The max account must be at least 0.'], ['La valeur de max account ne peut être inférieure à 0.']],
  ['max_accounts', '-1', ['The max accounts must be at least 0.'], ['La valeur de max accounts ne peut être inférieure à 0.']],
  ...['someday', '2026-02-30', '2026', 'tomorrow', '+1 week', '31-01-2026', '01/31/2026', '@1800000000'].map(
    (value): Faulty => ['expire_at', value, ...noDate],
  ),
  ...['2025-12-31', '2025-12-31 23:59:59', '2026-01-01T00:30:00+01:00'].map((value): Faulty => ['expire_at', value, ...past]),
  ['custom_provisioning_entries', '; nothing', ['Invalid ini format.'], ['Format ini invalide.']],
  ['custom_provisioning_entries', 'a=b', ['Invalid ini format.'], ['Format ini invalide.']],
  ['custom_provisioning_entries', '[a]\nb[]=c', ['Invalid ini format.'], ['Format ini invalide.']],
  [
    'custom_provisioning_entries',
    '[ui]\nhide_settings=1\n[misc]\nmax_account=2\nhide_settings=0',
    [`Invalid ini format. ${reserved}`],
    [`Format ini invalide. ${reservedFrench}`],
  ],
  tooLong('copyright_text', 'é'.repeat(32_768), 65_535),
  tooLong('intro_registration_text', long(65_536), 65_535),
  notAText('intro_registration_text', {}),
  [
    'newsletter_registration_address',
    'nobody',
    ['The newsletter registration address must be a valid email address.'],
    ['Le champ newsletter registration address doit être une adresse email valide.'],
  ],
  tooLong('account_proxy_registrar_address', long(256), 255),
  notADomain('account_realm', 'a"realm.org'),
];

describe('POST /spaces', () => {
  const good = { name: 'New', domain: 'new.example.org' };

  test('of nothing names what is required, without host', async () => {
    expect(await post({})).toEqual({
      status: 422,
      body: {
        message: 'The name field is required. (and 1 more error)',
        errors: { name: ['The name field is required.'], domain: ['The domain field is required.'] },
      },
    });
    expect((await post({ name: '', domain: null }, 'fr')).body).toEqual({
      message: 'Le champ nom est obligatoire. (et 1 autre erreur)',
      errors: { name: ['Le champ nom est obligatoire.'], domain: ['Le champ domain est obligatoire.'] },
    });
  });

  const values = [...faulty, notADomain('domain', 'LOCALHOST'), tooLong('domain', `${long(60)}.org.x`.replace('.x', 'anization'), 64)];
  test.each(values)('refuses %s = %j', async (field, value, english, french) => {
    expect(await post({ ...good, [field]: value })).toEqual({
      status: 422,
      body: { message: english.length > 1 ? `${english[0]} (and 1 more error)` : english[0], errors: { [field]: english } },
    });
    expect((await post({ ...good, [field]: value }, 'fr')).body.errors).toEqual({ [field]: french });
  });

  test.each([...['super'], ...flags, ...otherFlags])('takes no %s that is not a boolean', async (field) => {
    for (const value of ['false', 'no', 2, null, '']) {
      expect((await post({ ...good, [field]: value })).body.errors).toEqual({ [field]: [booleanText(field)] });
    }
    expect((await post({ ...good, [field]: 'no' }, 'fr')).body.errors).toEqual({
      [field]: [`Le champ ${words(field)} doit être vrai ou faux.`],
    });
  });

  test('lists what is wrong by itself and what others have together, in the order of the fields', async () => {
    const body = { name: 'EXAMPLE', domain: 'sip.example.org', host: 'fam.example.org', super: 'yes', max_accounts: 'many', web_panel: 3 };
    expect((await post(body)).body).toEqual({
      message: 'The name has already been taken. (and 5 more errors)',
      errors: {
        name: ['The name has already been taken.'],
        domain: ['The domain has already been taken.'],
        host: ['The host has already been taken.'],
        super: [booleanText('super')],
        max_accounts: ['The max accounts must be an integer.'],
        web_panel: [booleanText('web_panel')],
      },
    });
    expect((await post(body, 'fr')).body.errors).toMatchObject({
      name: ['Le nom a déjà été pris.'],
      domain: ['Le domain a déjà été pris.'],
      host: ['Le host a déjà été pris.'],
    });
  });

  test('refuses a host that another space has, also when it was taken from the domain', async () => {
    expect((await post({ name: 'New', domain: 'fam.example.org' })).body.errors).toEqual({ host: ['The host has already been taken.'] });
  });
});

describe('PUT /spaces/{domain}', () => {
  const required = ['name', 'super', ...flags, 'max_account', 'max_accounts'];
  const toBePresent = [
    ...['expire_at', 'custom_provisioning_entries', 'copyright_text', 'intro_registration_text', 'newsletter_registration_address'],
    ...['account_proxy_registrar_address', 'account_realm'],
  ];

  test('of nothing names everything that is required, in order, before an unknown domain is 404', async () => {
    for (const domain of ['victim.example.org', 'nobody.example.org']) {
      const { status, body } = await put(domain, {});
      expect(status).toBe(422);
      expect(body.message).toBe('The name field is required. (and 27 more errors)');
      expect(Object.entries(body.errors)).toEqual([
        ...required.map((field) => [field, [requiredText(field)]]),
        ...toBePresent.map((field) => [field, [presentText(field)]]),
        ...otherFlags.map((field) => [field, [requiredText(field)]]),
      ]);
    }
    const french = (await put('victim.example.org', {}, 'fr')).body;
    expect(french.message).toBe('Le champ nom est obligatoire. (et 27 autres erreurs)');
    expect(french.errors.expire_at).toEqual(['Le champ expire at doit être present.']);
    expect(french.errors.super).toEqual(['Le champ super est obligatoire.']);
  });

  test.each(faulty)('refuses %s = %j', async (field, value, english, french) => {
    const body = putBody('Victim', { [field]: value });
    expect((await put('victim.example.org', body)).body.errors).toEqual({ [field]: english });
    expect((await put('victim.example.org', body, 'fr')).body.errors).toEqual({ [field]: french });
  });

  test.each(['super', ...flags, ...otherFlags])('takes no %s that is not a boolean, and needs one', async (field) => {
    expect((await put('victim.example.org', putBody('Victim', { [field]: 'true' }))).body.errors).toEqual({
      [field]: [booleanText(field)],
    });
    expect((await put('victim.example.org', putBody('Victim', { [field]: null }))).body.errors).toEqual({ [field]: [requiredText(field)] });
  });

  test('of a good body to an unknown domain is 404', async () => {
    expect(await put('nobody.example.org', putBody('Nobody'))).toEqual({
      status: 404,
      body: { message: 'Missing elements to perform the request' },
    });
  });

  test('lists uniqueness and limit together, in the order of the fields, after all that needs no look-up', async () => {
    const id = (await world.resolve({ domain: 'victim.example.org' }))?.id ?? '';
    world.accounts.present.set(id, 3);
    const body = putBody('example', { host: 'fam.example.org', max_accounts: 2 });
    expect(await put('victim.example.org', body)).toEqual({
      status: 422,
      body: {
        message: 'The name has already been taken. (and 2 more errors)',
        errors: {
          name: ['The name has already been taken.'],
          host: ['The host has already been taken.'],
          max_accounts: ['The max accounts must be at least 3.'],
        },
      },
    });
    expect((await put('victim.example.org', body, 'fr')).body.errors.max_accounts).toEqual([
      'La valeur de max accounts ne peut être inférieure à 3.',
    ]);
    expect((await put('victim.example.org', { ...body, max_account: 'x' })).body.errors).toEqual({
      max_account: ['The max account must be an integer.'],
    });
  });

  test('takes an expiry that has passed when it is the one that holds, and no other', async () => {
    world.host.clock.advance(10 * 86_400_000);
    const stale = (await world.request('readSpace', { params: { domain: 'stale.example.org' } })).body;
    expect(stale.expire_at).toBe('2026-01-02T10:00:00.000000Z');
    expect(await put('stale.example.org', { ...stale, name: 'Staler' })).toMatchObject({ status: 200, body: { name: 'Staler' } });
    expect((await put('stale.example.org', { ...stale, expire_at: '2026-01-03' })).body.errors).toEqual({ expire_at: past[0] });
  });
});

describe('under a root host', () => {
  let rooted: World;
  beforeAll(async () => {
    rooted = await openWorld({ settings: { APP_ROOT_HOST: 'Example.org' } });
  });
  afterAll(async () => rooted[Symbol.asyncDispose]());
  const refused = { host: ['The host should be a valid domain'] };

  test.each(['evil-example.org', 'example.com', 'org.example'])('a given host %s is refused', async (host) => {
    expect((await rooted.request('createSpace', { body: { name: 'A', domain: 'a.example.com', host } })).body.errors).toEqual(refused);
  });

  test('the root host and what lies below are fine, and a host that is taken from the domain', async () => {
    for (const [name, more] of Object.entries({ a: { host: 'example.org' }, b: { host: 'b.c.example.org' }, c: {} })) {
      const body = { name, domain: `${name}.example.com`, ...more };
      expect(await rooted.request('createSpace', { body })).toMatchObject({ status: 201 });
    }
  });

  test('PUT takes back a host that lies elsewhere, and no new one', async () => {
    const params = { domain: 'd.example.com' };
    await rooted.request('createSpace', { body: { name: 'd', domain: 'd.example.com' } });
    const sent = (host: Json) => rooted.request('updateSpace', { params, body: putBody('d', { host }) });
    expect(await sent('d.example.com')).toMatchObject({ status: 200, body: { host: 'd.example.com' } });
    expect((await sent('e.example.com')).body.errors).toEqual(refused);
    expect(await sent('e.example.org')).toMatchObject({ status: 200, body: { host: 'e.example.org' } });
    expect(await sent(null)).toMatchObject({ status: 200, body: { host: 'e.example.org' } });
  });
});
