import type { Caller, SpaceIdentity } from '@flexistream/contracts';
import { type Call, Failure, type Handler, notFound, ok, page, pageNumber, perPage, sipAddressOf } from '@flexistream/http';
import type { Parts } from '../parts.ts';
import { accountNamed, accountsAtEmail, idOf, reaches, spaceOf } from './find.ts';
import type { Profile } from './profile.ts';
import { adminView, listView, ownView } from './serialiser.ts';
import type { PresentAccount } from './state.ts';
import { accountView, type Count, counts, everywhere, profiles } from './view.ts';

/** `GET /accounts/me`: one document, and the realm of the caller's space. */
export const readMe =
  (parts: Parts): Handler<Caller> =>
  async ({ caller, context }) => {
    const profile = await profileOf(parts, caller.accountId);
    if (profile === undefined) throw notFound();
    const space = await spaceOf(parts, caller, profile.spaceId, context);
    if (space === undefined) throw notFound();
    return ok(ownView(profile, space.realm));
  };

/** `GET /accounts/{id}` (spec accounts.md §8): with the codes, for admins. */
export const readAccount =
  (parts: Parts): Handler<Caller> =>
  async ({ caller, context, params }) => {
    const id = idOf(params.id);
    const profile = id === undefined ? undefined : await profileOf(parts, id);
    if (profile === undefined || !reaches(caller, profile.spaceId)) throw notFound();
    const space = await spaceOf(parts, caller, profile.spaceId, context);
    if (space === undefined) throw notFound();
    return ok(adminView(profile, space.realm));
  };

const profileOf = ({ ports }: Parts, id: number): Promise<Profile | undefined> => ports.views.get<Profile>(accountView, profiles, id);

/** `GET /accounts`: the caller's space, or everything for super admins; 20 a page by id. */
export const listAccounts =
  (parts: Parts): Handler<Caller> =>
  async (call) => {
    const { caller, query, origin, path, language } = call;
    const { views } = parts.ports;
    const number = pageNumber(query.page);
    const [count, found] = await Promise.all([
      views.get<Count>(accountView, counts, caller.superAdmin ? everywhere : caller.space.id),
      views.find<Profile>(accountView, profiles, {
        ...(caller.superAdmin ? {} : { where: { spaceId: caller.space.id } }),
        order: { by: ['id'], direction: 'ascending' },
        offset: (number - 1) * perPage,
        limit: perPage,
      }),
    ]);
    const items = await withRealms(parts, call, found);
    return ok(page(items, { total: count?.accounts ?? 0, page: number, url: `${origin}${path}`, language }));
  };

/** Accounts of a space that is deleted are on their way out: they are not shown. */
const withRealms = async (parts: Parts, { caller, context }: Call<Caller>, found: readonly Profile[]) => {
  const ids = [...new Set(found.map(({ spaceId }) => spaceId))];
  const spaces = await Promise.all(ids.map((id) => spaceOf(parts, caller, id, context)));
  const known = new Map<string, SpaceIdentity>();
  for (const space of spaces) if (space !== undefined) known.set(space.id, space);
  return found.flatMap((profile) => {
    const space = known.get(profile.spaceId);
    return space === undefined ? [] : [listView(profile, space.realm)];
  });
};

const addressUnknown = (): Failure => new Failure(404, { key: 'sip_address_not_found' });
const emailUnknown = (): Failure => new Failure(404, { key: 'email_address_not_found' });

/** `GET /accounts/{sip}/search`. */
export const searchAccount =
  (parts: Parts): Handler<Caller> =>
  async ({ caller, context, params }) => {
    const address = sipAddressOf(params.sip ?? '');
    if (address === undefined) throw addressUnknown();
    const own = address.domain === caller.space.domain.toLowerCase();
    const space = own ? caller.space : caller.superAdmin ? await parts.spaces.byDomain(address.domain, context) : null;
    const account = space === null ? undefined : await accountNamed(parts, space.id, address.username);
    if (space === null || account === undefined) throw addressUnknown();
    return ok(ownView(account.profile, space.realm));
  };

/** `GET /accounts/{email}/search-by-email`: the lowest id in reach. */
export const searchAccountByEmail =
  (parts: Parts): Handler<Caller> =>
  async ({ caller, context, params }) => {
    for (const { profile } of await accountsAtEmail(parts, params.email ?? '')) {
      const space = reaches(caller, profile.spaceId) ? await spaceOf(parts, caller, profile.spaceId, context) : undefined;
      if (space !== undefined) return ok(ownView(profile, space.realm));
    }
    throw emailUnknown();
  };

/** `GET /accounts/{sip}/info`, for anybody: accounts of the host's space only. */
export const accountInfo =
  (parts: Parts): Handler<Caller | undefined> =>
  async ({ hostSpace, params }) => {
    const address = sipAddressOf(params.sip ?? '');
    const here = hostSpace !== undefined && address?.domain === hostSpace.domain.toLowerCase() ? hostSpace : undefined;
    const account = here && address && (await accountNamed(parts, here.id, address.username));
    if (here === undefined || account === undefined) throw notFound();
    return ok(infoOf(account, here));
  };

const infoOf = ({ profile }: PresentAccount, { realm }: SpaceIdentity) => ({ activated: profile.activated, realm });
