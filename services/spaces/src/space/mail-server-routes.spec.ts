import type { Json } from '@flexistream/http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openWorld, type World } from '../spec-support/world.ts';

const missing = { status: 404, body: { message: 'Missing elements to perform the request' } };
const server = {
  ...{ host: 'smtp.example.org', port: 587, username: 'mailer', password: ' s3cret ', from_address: 'noreply@example.org' },
  ...{ from_name: 'The Team', signature: 'Yours' },
};
const { password: _, ...shown } = server;
const moments = { created_at: '2026-01-01T00:00:00.000000Z', updated_at: '2026-01-01T00:00:00.000000Z' };

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.request('createSpace', { body: { name: 'A', domain: 'a.example.org', host: 'h.example.org' } });
});
afterAll(async () => world[Symbol.asyncDispose]());

const set = (body: Record<string, Json>, domain = 'a.example.org', language: 'en' | 'fr' = 'en') =>
  world.request('setMailServer', { params: { domain }, body, language });
const get = (domain = 'a.example.org') => world.request('readMailServer', { params: { domain } });
const remove = (domain = 'a.example.org') => world.request('removeMailServer', { params: { domain } });
const id = async () => (await world.resolve({ domain: 'a.example.org' }))?.id ?? '';
const stored = async () =>
  (await world.ports.journal.read(`space-${await id()}`)).at(-1)?.data as { personal: { password: string | null } };

describe('the mail server of a space', () => {
  test('is not there at first', async () => {
    expect(await get()).toEqual(missing);
    expect(await remove()).toEqual(missing);
  });

  test('is 201 the first time, in the order of GET, without password; updated_at of the space stays', async () => {
    world.host.clock.advance(1_000);
    const first = await set(server);
    expect(first).toMatchObject({ status: 201, changed: [`space:${await id()}`] });
    const at = '2026-01-01T00:00:01.000000Z';
    expect(JSON.stringify(first.body)).toBe(JSON.stringify({ id: 1, ...shown, created_at: at, updated_at: at }));
    expect((await stored()).personal.password).toBe(' s3cret ');
    const space = (await world.request('readSpace', { params: { domain: 'a.example.org' } })).body;
    expect(space).toMatchObject({ updated_at: moments.updated_at, email_server: first.body });
    expect(JSON.stringify((await world.request('listSpaces')).body)).not.toContain('s3cret');
  });

  test('is 200 when it replaces one, which keeps its id; sending back what GET shows keeps the password', async () => {
    world.host.clock.advance(1_000);
    const before = await get();
    expect(before.status).toBe(200);
    const after = await set({ ...before.body, port: '25' });
    expect(after).toMatchObject({ status: 200, body: { ...before.body, port: 25, updated_at: '2026-01-01T00:00:02.000000Z' } });
    expect((await stored()).personal.password).toBe(' s3cret ');
    expect((await get()).body).toEqual(after.body);
  });

  test('changes nothing when nothing differs', async () => {
    const before = await get();
    world.host.clock.advance(1_000);
    expect(await set(before.body)).toMatchObject({ status: 200, body: before.body });
  });

  test('loses its password to null, and what is absent becomes null', async () => {
    expect((await set({ host: 'smtp.example.org', port: 25, username: 'mailer', password: null })).body).toMatchObject({
      from_address: null,
      from_name: null,
      signature: null,
    });
    expect((await stored()).personal.password).toBeNull();
  });

  test('is gone once removed; the next one is another', async () => {
    expect(await remove()).toEqual({ status: 200, body: '1', changed: [`space:${await id()}`] });
    expect(await get()).toEqual(missing);
    const next = await set(server);
    expect(next.status).toBe(201);
    expect(next.body.id).toBeGreaterThan(1);
  });

  test('is asked for by domain, in any case, not by host', async () => {
    expect((await get('A.example.org')).status).toBe(200);
    expect(await get('h.example.org')).toEqual(missing);
    expect(await set(server, 'h.example.org')).toEqual(missing);
    expect(await remove('nobody.example.org')).toEqual(missing);
  });
});

describe('what is refused', () => {
  test('422 comes before 404, in the order of the fields', async () => {
    for (const domain of ['a.example.org', 'nobody.example.org']) {
      expect(await set({ from_address: 'nobody' }, domain)).toEqual({
        status: 422,
        body: {
          message: 'The host field is required. (and 2 more errors)',
          errors: {
            host: ['The host field is required.'],
            port: ['The port field is required.'],
            from_address: ['The from address must be a valid email address.'],
          },
        },
      });
    }
  });

  test.each<[string, Json, string, string]>([
    ['host', 'localhost', 'The host should be a valid domain', 'Le champ host doit être un domaine valide'],
    ['host', '192.0.2.1', 'The host should be a valid domain', 'Le champ host doit être un domaine valide'],
    [
      'host',
      `${'a'.repeat(61)}.org`,
      'The host may not be greater than 64 characters.',
      'Le texte de host ne peut contenir plus de 64 caractères.',
    ],
    ['port', 'smtp', 'The port must be an integer.', 'Le champ port doit être un entier (un nombre sans virgule).'],
    ['port', 0, 'The port must be at least 1.', 'La valeur de port ne peut être inférieure à 1.'],
    ['port', 65_536, 'The port may not be greater than 65535.', 'La valeur de port ne peut être supérieure à 65535.'],
    [
      'username',
      'x'.repeat(129),
      'The username may not be greater than 128 characters.',
      'Le texte de pseudo ne peut contenir plus de 128 caractères.',
    ],
    [
      'password',
      'x'.repeat(129),
      'The password may not be greater than 128 characters.',
      'Le texte de mot de passe ne peut contenir plus de 128 caractères.',
    ],
    ['password', {}, 'The password must be a string.', 'Le mot de passe doit être une chaîne.'],
    [
      'from_name',
      'x'.repeat(129),
      'The from name may not be greater than 128 characters.',
      'Le texte de from name ne peut contenir plus de 128 caractères.',
    ],
    [
      'signature',
      'x'.repeat(257),
      'The signature may not be greater than 256 characters.',
      'Le texte de signature ne peut contenir plus de 256 caractères.',
    ],
  ])('%s = %j', async (field, value, english, french) => {
    expect((await set({ ...server, [field]: value })).body).toEqual({ message: english, errors: { [field]: [english] } });
    expect((await set({ ...server, [field]: value }, 'a.example.org', 'fr')).body.errors).toEqual({ [field]: [french] });
  });
});
