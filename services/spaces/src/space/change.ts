import type { RegisteredEvent, SpaceEvent } from './events.ts';
import { appFeatures, provisioningEntries, provisioningSwitches, type SpaceSettings, texts, webAccess } from './space-settings.ts';

/** The settings that an event changed; undefined when it changed none. An erased text stays what it was. */
export const changeOf = (event: SpaceEvent): Partial<SpaceSettings> | undefined => {
  switch (event.type) {
    case 'SpaceRenamed':
      return { name: event.data.name };
    case 'SpaceMoved':
      return { host: event.data.host };
    case 'SpaceMadeSuper':
      return { super: true };
    case 'SpaceMadeNormal':
      return { super: false };
    case 'AppFeaturesSet':
    case 'WebAccessSet':
      return event.data.changed as Partial<SpaceSettings>;
    case 'ProvisioningSet':
      return { ...event.data.changed, ...opened(event.data.personal) } as Partial<SpaceSettings>;
    case 'TextsSet':
      return opened(event.data.personal) as Partial<SpaceSettings>;
    case 'RealmSet':
      return { account_realm: event.data.account_realm };
    case 'AccountLimitSet':
      return { max_accounts: event.data.max_accounts };
    case 'ExpirySet':
      return { expire_at: event.data.expire_at };
    case 'ExpiryLifted':
      return { expire_at: null };
    default:
      return undefined;
  }
};

const opened = <T extends object>(personal: T | 'erased'): Partial<T> => (personal === 'erased' ? {} : personal);

type About = { readonly space: string; readonly at: string };

/** The facts that lead from one set of settings to another: one for each group that differs, in the order of spec spaces.md §12. */
export const factsBetween = (before: SpaceSettings, after: SpaceSettings, about: About): readonly RegisteredEvent[] => {
  const facts: RegisteredEvent[] = [];
  const differs = (name: keyof SpaceSettings): boolean => before[name] !== after[name];
  if (differs('name')) facts.push({ type: 'SpaceRenamed', data: { ...about, name: after.name, former: before.name } });
  if (differs('host')) facts.push({ type: 'SpaceMoved', data: { ...about, host: after.host, former: before.host } });
  if (differs('super')) facts.push({ type: after.super ? 'SpaceMadeSuper' : 'SpaceMadeNormal', data: { ...about } });
  const features = differing(appFeatures.shape, before, after);
  if (features) facts.push({ type: 'AppFeaturesSet', data: { ...about, changed: features } });
  const switches = differing(provisioningSwitches.shape, before, after);
  const entries = differing(provisioningEntries.shape, before, after);
  if (switches || entries) facts.push({ type: 'ProvisioningSet', data: { ...about, changed: switches ?? {}, personal: entries ?? {} } });
  const written = differing(texts.shape, before, after);
  if (written) facts.push({ type: 'TextsSet', data: { ...about, personal: written } });
  if (differs('account_realm')) facts.push({ type: 'RealmSet', data: { ...about, account_realm: after.account_realm } });
  const access = differing(webAccess.shape, before, after);
  if (access) facts.push({ type: 'WebAccessSet', data: { ...about, changed: access } });
  if (differs('max_accounts')) facts.push({ type: 'AccountLimitSet', data: { ...about, max_accounts: after.max_accounts } });
  if (differs('expire_at')) facts.push(expiry(after.expire_at, about));
  return facts;
};

const expiry = (moment: string | null, about: About): RegisteredEvent =>
  moment === null ? { type: 'ExpiryLifted', data: { ...about } } : { type: 'ExpirySet', data: { ...about, expire_at: moment } };

const differing = <N extends keyof SpaceSettings>(
  names: Readonly<Record<N, unknown>>,
  before: SpaceSettings,
  after: SpaceSettings,
): { [K in N]?: SpaceSettings[K] } | undefined => {
  const changed = (Object.keys(names) as N[]).filter((name) => before[name] !== after[name]);
  if (changed.length === 0) return undefined;
  return Object.fromEntries(changed.map((name) => [name, after[name]])) as { [K in N]?: SpaceSettings[K] };
};
