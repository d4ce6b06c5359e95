import type { AccountIdentity, KeyIdentity, SpaceIdentity } from '@flexistream/contracts';
import { type Clock, type CommandContext, isoMoment, uuidv7 } from '@flexistream/kernel';
import { currentTraceparent } from '@flexistream/observability';
import type { AskService } from '@flexistream/service-host';
import type { Host } from '../request/host.ts';
import { type Look, OwnerCache, Ticks } from './owner-cache.ts';

const STAND_IN = '';

/** What a name led to, and the name that its owner holds it under: once that is another one, the name leads nowhere. */
interface Named<Id> {
  readonly id: Id;
  readonly as: string;
}

/**
 * Credentials and rights, asked of their owners: nothing is replicated. A name only leads to an id; what is known of an id stands in
 * one place, so that evicting it is enough.
 */
export class Identities {
  readonly #ask: AskService;
  readonly #clock: Clock;
  readonly #ticks = new Ticks();
  readonly #keys: OwnerCache<string, KeyIdentity | null>;
  readonly #accounts: OwnerCache<number, AccountIdentity | undefined>;
  readonly #accountNames: OwnerCache<string, readonly Named<number>[]>;
  readonly #spaces: OwnerCache<string, SpaceIdentity | null>;
  readonly #spaceNames: OwnerCache<string, Named<string> | undefined>;

  constructor({ ask, clock, limit = 20_000 }: { ask: AskService; clock: Clock; limit?: number }) {
    this.#ask = ask;
    this.#clock = clock;
    const options = { clock, ticks: this.#ticks, limit };
    this.#keys = new OwnerCache(options);
    this.#accounts = new OwnerCache(options);
    this.#accountNames = new OwnerCache(options);
    this.#spaces = new OwnerCache(options);
    this.#spaceNames = new OwnerCache(options);
  }

  /** For a request that arrives now. */
  look(patient: boolean): Look {
    return { arrival: this.#ticks.next(), again: false, patient, old: false };
  }

  /** The same request, for which no cached answer will do. */
  lookAgain({ arrival, patient }: Look): Look {
    return { arrival, again: true, patient, old: false };
  }

  /** `hash` is the lower-case hex SHA-256 of the presented key. */
  key(hash: string, look: Look): KeyIdentity | null | Promise<KeyIdentity | null> {
    return this.#keys.get(hash, look, () => this.#ask('tokens.resolveKey', { key: hash }, this.context()));
  }

  account(id: number, look: Look): AccountIdentity | undefined | Promise<AccountIdentity | undefined> {
    return this.#accounts.get(id, look, async () => (await this.#ask('accounts.resolve', { id }, this.context()))[0]);
  }

  async accountByName(spaceId: string, username: string, look: Look): Promise<AccountIdentity | undefined> {
    const [named] = await this.#accountNames.get(`${spaceId}\n${username}`, look, () => this.#named({ spaceId, username }));
    const account = named && (await this.account(named.id, look));
    return account?.spaceId === spaceId && account.username === named?.as ? account : undefined;
  }

  /** Of any space. */
  async accountsByEmail(email: string, look: Look): Promise<readonly AccountIdentity[]> {
    const named = await this.#accountNames.get(email, look, () => this.#named({ email }));
    const accounts = await Promise.all(named.map(({ id }) => this.account(id, look)));
    return accounts.filter((account) => account !== undefined);
  }

  space(id: string, look: Look): SpaceIdentity | null | Promise<SpaceIdentity | null> {
    return this.#spaces.get(id, look, () => this.#ask('spaces.resolve', { id }, this.context()));
  }

  spaceOfHost({ name, standsIn }: Host, look: Look): Promise<SpaceIdentity | undefined> {
    return standsIn
      ? this.#spaceOf(STAND_IN, { standIn: true }, ({ id }) => id, look)
      : this.#spaceOf(name, { host: name }, ({ host }) => host, look);
  }

  spaceOfDomain(domain: string, look: Look): Promise<SpaceIdentity | undefined> {
    return this.#spaceOf(`@${domain}`, { domain }, (space) => space.domain, look);
  }

  lastUseOf(keyId: string): Promise<{ at: number }> {
    return this.#ask('tokens.keyLastUse', { keyId }, this.context());
  }

  rememberUse(keyId: string, at: number): Promise<unknown> {
    return this.#ask('tokens.keyUsed', { keyId, at }, this.context());
  }

  /** `account:<id>`, `account-keys:<id>`, `space:<id>`, `key:<sha-256 hex>`; what else there may be is none of ours. */
  evict(names: readonly string[]): void {
    for (const name of names) {
      const [kind, id = ''] = name.split(':', 2);
      if (kind === 'account') this.#accounts.evict(Number(id));
      else if (kind === 'account-keys') this.#keys.evictWhere((key) => key?.accountId === Number(id));
      else if (kind === 'space') this.#spaces.evict(id);
      else if (kind === 'key') this.#keys.evict(id);
    }
  }

  async #named(question: { spaceId: string; username: string } | { email: string }): Promise<readonly Named<number>[]> {
    const when = { asked: this.#clock(), tick: this.#ticks.next() };
    const accounts = await this.#ask('accounts.resolve', question, this.context());
    for (const account of accounts) this.#accounts.offer(account.id, account, when);
    return accounts.map(({ id, username }) => ({ id, as: username }));
  }

  async #spaceOf(
    name: string,
    question: { standIn: true } | { host: string } | { domain: string },
    nameOf: (space: SpaceIdentity) => string,
    look: Look,
  ): Promise<SpaceIdentity | undefined> {
    const named = await this.#spaceNames.get(name, look, async () => {
      const when = { asked: this.#clock(), tick: this.#ticks.next() };
      const space = await this.#ask('spaces.resolve', question, this.context());
      if (space !== null) this.#spaces.offer(space.id, space, when);
      return space === null ? undefined : { id: space.id, as: nameOf(space) };
    });
    const space = named && (await this.space(named.id, look));
    return space && nameOf(space) === named?.as ? space : undefined;
  }

  /** Questions are of the gateway's own: nobody's command. */
  context(): CommandContext {
    const now = this.#clock();
    const id = uuidv7(now);
    const traceparent = currentTraceparent();
    return { id, correlation: id, actor: 'system:gateway', at: isoMoment(now), ...(traceparent === undefined ? {} : { traceparent }) };
  }
}
