import type { RouteId, SpaceIdentity } from '@flexistream/contracts';
import { type Answer, bodyOf, type Call, isFailure, type Json, tidy } from '@flexistream/http';
import { Unavailable } from '@flexistream/kernel';
import type { AnyService, Definition, Ports, ServiceJournal } from '@flexistream/service-host';
import { callerOf, hostForTests, type TestHost } from '@flexistream/service-host/for-tests';
import { spacesService } from '../service.ts';
import type { SpacesSettings } from '../settings.ts';

/** What a client reads. */
export interface Read {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a client reads is looked at member by member
  readonly body: any;
  readonly changed?: readonly string[];
}

/** A stand-in for accounts: it knows how many accounts a space has, which limit holds, and where admins are. */
export class Accounts {
  readonly limits = new Map<string, number>();
  readonly present = new Map<string, number>();
  readonly withoutAdmin = new Set<string>();
  unreachable = false;
  /** What happens between the question and its effect. */
  beforeSet: (limit: number) => Promise<void> = async () => {};

  readonly definition: Definition = {
    name: 'accounts',
    make: () =>
      ({
        name: 'accounts',
        prefixes: ['account-'],
        handlers: {},
        answers: {
          'accounts.setPlaces': (input: { spaceId: string; limit: number; atLeastPresent: boolean }) => this.#setPlaces(input),
          'accounts.hasAdmin': async ({ spaceIds }: { spaceIds: string[] }) => {
            this.#answer();
            return { hasAdmin: spaceIds.some((id) => !this.withoutAdmin.has(id)) };
          },
        },
        projections: [],
        publishes: () => [],
        reactions: [],
        schedules: [],
      }) as AnyService,
  };

  async #setPlaces({ spaceId, limit, atLeastPresent }: { spaceId: string; limit: number; atLeastPresent: boolean }) {
    this.#answer();
    const present = this.present.get(spaceId) ?? 0;
    if (limit > 0 && atLeastPresent && limit < present) return { set: false, present };
    await this.beforeSet(limit);
    this.limits.set(spaceId, limit);
    return { set: true };
  }

  #answer(): void {
    if (this.unreachable) throw new Unavailable('out of reach');
  }
}

export interface World extends AsyncDisposable {
  readonly host: TestHost;
  readonly accounts: Accounts;
  readonly ports: Ports;
  request(route: RouteId, call?: Partial<Call> & { readonly body?: Record<string, Json> }): Promise<Read>;
  runSchedules(): Promise<void>;
  resolve(wanted: Parameters<typeof find>[1]): Promise<SpaceIdentity | null>;
}

export interface WorldOptions {
  readonly settings?: Partial<SpacesSettings>;
  readonly journal?: (journal: ServiceJournal) => ServiceJournal;
}

const noSettings: SpacesSettings = { APP_ROOT_HOST: '', DEFAULT_SPACE: '' };

const find = (host: TestHost, wanted: { host: string } | { domain: string } | { id: string } | { standIn: true }) =>
  host.services.ask('spaces.resolve', wanted, host.context('system:gateway'));

/** The spaces service on its real embedded adapters, with a first super space `super.example.org`. */
export const openWorld = async ({ settings, journal = (own) => own }: WorldOptions = {}): Promise<World> => {
  const accounts = new Accounts();
  let ports: Ports | undefined;
  const definition: Definition = {
    name: 'spaces',
    make: (given) => {
      ports = given;
      return spacesService({ ...given, journal: journal(given.journal) }, { ...noSettings, ...settings }) as AnyService;
    },
  };
  const host = await hostForTests([definition, accounts.definition]);
  const first = { domain: 'super.example.org', host: 'super.example.org', name: 'super.example.org' };
  const space = await host.services.ask('spaces.createFirst', first, host.context('system:gateway'));
  const caller = callerOf(space, 1, { admin: true, superAdmin: true });
  return {
    host,
    accounts,
    get ports() {
      if (ports === undefined) throw new Error('not started');
      return ports;
    },
    request: async (route, call = {}) =>
      read(() => host.call(route, { caller, ...call, body: tidy({ ...call.body }) }), call.language ?? 'en'),
    runSchedules: async () => {
      for (const { run } of host.services.running.get('spaces')?.service.schedules ?? []) await run(host.context('system:spaces'));
    },
    resolve: (wanted) => find(host, wanted),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
};

const read = async (answer: () => Promise<Answer>, language: 'en' | 'fr'): Promise<Read> => {
  try {
    const { status, json, text, changed } = await answer();
    // As it is sent: members that JSON does not have are not there.
    const body = json === undefined ? text : JSON.parse(JSON.stringify(json));
    return changed === undefined ? { status, body } : { status, body, changed };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { status: error.status, body: bodyOf(error, language) };
  }
};

/** What PUT takes: everything but what is read only. */
export const putBody = (name: string, more: Record<string, Json> = {}): Record<string, Json> => ({
  name,
  super: false,
  disable_chat_feature: false,
  disable_meetings_feature: false,
  disable_broadcast_feature: true,
  hide_settings: false,
  hide_account_settings: false,
  disable_call_recordings_feature: false,
  only_display_sip_uri_username: false,
  assistant_hide_create_account: false,
  assistant_disable_qr_code: false,
  assistant_hide_third_party_account: false,
  max_account: 0,
  max_accounts: 0,
  expire_at: null,
  copyright_text: null,
  intro_registration_text: null,
  newsletter_registration_address: null,
  account_proxy_registrar_address: null,
  account_realm: null,
  custom_provisioning_entries: null,
  custom_provisioning_overwrite_all: false,
  provisioning_use_linphone_provisioning_header: true,
  custom_theme: false,
  web_panel: true,
  public_registration: true,
  phone_registration: true,
  intercom_features: false,
  ...more,
});
