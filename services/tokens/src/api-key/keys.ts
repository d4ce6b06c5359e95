import { createHash } from 'node:crypto';
import type { KeyIdentity } from '@flexistream/contracts';
import { notFound } from '@flexistream/http';
import { type CommandContext, derived, handle, isRefusal, load, randomToken } from '@flexistream/kernel';
import type { Ports, ValuesOf } from '@flexistream/service-host';
import type { tokensSettings } from '../settings.ts';
import { type AccountKeys, accountKeysDecider, counts } from './account-keys.ts';
import { apiKeyDecider } from './api-key.ts';
import { accountKeysStream, apiKeyStream } from './events.ts';

const KEY_LENGTH = 40;
const MINUTE = 60_000;
/** Last uses are remembered this long when keys do not expire by themselves. */
const REMEMBERED_MS = 400 * 24 * 60 * MINUTE;

const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');

/** Making, finding and ending API keys. Only keyed hashes are kept; the text of a key leaves once, in the answer. */
export class ApiKeys {
  readonly #ports: Ports;
  readonly #settings: ValuesOf<typeof tokensSettings>;

  constructor(ports: Ports, settings: ValuesOf<typeof tokensSettings>) {
    this.#ports = ports;
    this.#settings = settings;
  }

  /**
   * A fresh user key, bound to the address and to the account's present credentials. Order: the new key is made but does not count
   * yet, the account switches to it, the former one is revoked; a crash in between leaves exactly one that counts.
   */
  async renewUserKey(accountId: number, address: string, context: CommandContext): Promise<string> {
    const [account] = await this.#ports.ask('accounts.resolve', { id: accountId }, context);
    if (account === undefined) throw notFound();
    const key = randomToken(KEY_LENGTH);
    const hash = this.#hash(sha256(key));
    await this.#make(
      hash,
      { accountId, kind: 'user', expiresAfterMinutes: null, credentialVersion: account.credentialVersion, address },
      context,
    );
    const former = (await this.#keysOf(accountId)).user;
    const set = await handle(
      this.#ports.journal,
      accountKeysDecider,
      accountKeysStream(accountId),
      { type: 'SetUserKey', data: { key: hash }, now: context.at },
      { context },
    );
    if (isRefusal(set)) throw notFound();
    if (former !== undefined && former !== hash) await this.#revoke(former, context);
    return key;
  }

  /** An admin key of the given text; false when one of that text stands already. A creation that a crash cut off is completed. */
  async createAdminKey(accountId: number, key: string, context: CommandContext): Promise<boolean> {
    const hash = this.#hash(sha256(key));
    const made = await this.#make(
      hash,
      { accountId, kind: 'admin', expiresAfterMinutes: 0, credentialVersion: null, address: null },
      context,
    );
    const owner = (await this.#keyOf(hash)).accountId;
    if (owner !== accountId) return false;
    const command = { type: 'AddAdminKey', data: { key: hash }, now: context.at } as const;
    await handle(this.#ports.journal, accountKeysDecider, accountKeysStream(accountId), command, { context });
    return made;
  }

  /** `digest` is the lower-case hex SHA-256 of the key. Undefined: unknown, revoked, replaced, or of an account that is gone. */
  async resolve(digest: string): Promise<KeyIdentity | undefined> {
    const id = this.#hash(digest);
    const { state: key } = await load(this.#ports.journal, apiKeyDecider, apiKeyStream(id));
    if (key.status !== 'made' || !counts(await this.#keysOf(key.accountId), id)) return undefined;
    return {
      id,
      accountId: key.accountId,
      kind: key.kind,
      address: key.address,
      createdAt: Date.parse(key.at),
      expiresAfterMinutes: key.expiresAfterMinutes ?? this.#settings.APP_API_KEY_EXPIRATION_MINUTES,
      credentialVersion: key.credentialVersion,
    };
  }

  async moveTo(id: string, credentialVersion: number, context: CommandContext): Promise<void> {
    const command = { type: 'MoveApiKey', data: { credentialVersion }, now: context.at } as const;
    await handle(this.#ports.journal, apiKeyDecider, apiKeyStream(id), command, { context });
  }

  /** At most once a minute a key, in the ephemeral store: never an event (spec statistics.md §3). */
  async used(id: string, at: number): Promise<void> {
    const { ephemeral } = this.#ports;
    if (await ephemeral.once(`key-used:${id}`, MINUTE))
      await ephemeral.set(`key-use:${id}`, String(at), { ttl: REMEMBERED_MS, durable: true });
  }

  async lastUse(id: string): Promise<number> {
    const used = await this.#ports.ephemeral.get(`key-use:${id}`);
    if (used !== undefined) return Number(used);
    const { state: key } = await load(this.#ports.journal, apiKeyDecider, apiKeyStream(id));
    return key.status === 'absent' ? 0 : Date.parse(key.at);
  }

  /** The account is gone: none of its keys counts from the first append on; the rest tidies up and may be repeated. */
  async endAll(accountId: number, context: CommandContext): Promise<void> {
    const { journal, vault } = this.#ports;
    const keys = await this.#keysOf(accountId);
    await handle(journal, accountKeysDecider, accountKeysStream(accountId), { type: 'EndKeys', data: {}, now: context.at }, { context });
    for (const key of [...keys.admin, ...(keys.user === undefined ? [] : [keys.user])]) await this.#revoke(key, context);
    await vault.erase(accountKeysStream(accountId));
  }

  #hash(digest: string): string {
    return this.#ports.vault.hash('api-key', digest);
  }

  async #make(hash: string, data: Parameters<typeof makeCommand>[0], context: CommandContext): Promise<boolean> {
    const subject = accountKeysStream(data.accountId);
    const made = await handle(this.#ports.journal, apiKeyDecider, apiKeyStream(hash), makeCommand(data, context.at), { context, subject });
    return !isRefusal(made);
  }

  async #revoke(key: string, context: CommandContext): Promise<void> {
    const command = { type: 'RevokeApiKey', data: {}, now: context.at } as const;
    await handle(this.#ports.journal, apiKeyDecider, apiKeyStream(key), command, { context: derived(context, `revocation of ${key}`) });
  }

  async #keysOf(accountId: number): Promise<AccountKeys> {
    return (await load(this.#ports.journal, accountKeysDecider, accountKeysStream(accountId))).state;
  }

  async #keyOf(hash: string): Promise<{ readonly accountId: number | undefined }> {
    const { state } = await load(this.#ports.journal, apiKeyDecider, apiKeyStream(hash));
    return { accountId: state.status === 'absent' ? undefined : state.accountId };
  }
}

const makeCommand = (
  data: {
    accountId: number;
    kind: 'user' | 'admin';
    expiresAfterMinutes: number | null;
    credentialVersion: number | null;
    address: string | null;
  },
  now: string,
) => ({ type: 'MakeApiKey', data, now }) as const;
