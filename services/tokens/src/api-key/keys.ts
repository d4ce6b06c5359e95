import { createHash } from 'node:crypto';
import type { KeyIdentity } from '@flexistream/contracts';
import { notFound } from '@flexistream/http';
import {
  type Command,
  type CommandContext,
  type Decider,
  derived,
  type Fact,
  handle,
  isRefusal,
  type Journal,
  load,
  NewerRelease,
  type Refusal,
  randomToken,
  refuse,
} from '@flexistream/kernel';
import { isDestroyed } from '@flexistream/key-store';
import type { Ports, ValuesOf } from '@flexistream/service-host';
import type { tokensSettings } from '../settings.ts';
import { adminKeysDecider } from './admin-keys.ts';
import { type ApiKey, type ApiKeyCommand, apiKeyDecider, type Purpose } from './api-key.ts';
import { adminKeysStream, apiKeyStream, keysSubject, userKeyStream } from './events.ts';
import { LastUses } from './last-uses.ts';
import { newestOnly } from './newest-only.ts';
import { userKeyDecider } from './user-key.ts';

const KEY_LENGTH = 40;

type MadeKey = Extract<ApiKey, { status: 'made' }>;

/**
 * Making, finding and ending API keys. Only keyed hashes are kept (`id`); the text of a key leaves once, in the answer.
 *
 * A key is made first and then named by its account's stream, and counts only while it is named there. So a crash in between leaves
 * a key that nobody knows and that never counts, and the one that counted before goes on.
 */
export class ApiKeys {
  readonly #ports: Ports;
  readonly #settings: ValuesOf<typeof tokensSettings>;
  readonly #uses: LastUses;
  readonly #userKeys: Journal;

  constructor(ports: Ports, settings: ValuesOf<typeof tokensSettings>) {
    this.#ports = ports;
    this.#settings = settings;
    this.#uses = new LastUses(ports.ephemeral);
    this.#userKeys = newestOnly(ports.journal);
  }

  /**
   * A fresh user key, bound to the address and to the account's present credentials; the former one stops. Each asking makes another
   * one, a repeated command too: the text of the first is gone with its answer.
   * @throws Failure 404 when the account went meanwhile.
   */
  async renewUserKey(accountId: number, address: string, context: CommandContext): Promise<string> {
    const [account] = await this.#ports.ask('accounts.resolve', { id: accountId }, context);
    if (account === undefined) throw notFound();
    const text = randomToken(KEY_LENGTH);
    const key = this.#idOf(sha256(text));
    const own = derived(context, `user key ${key}`);
    const { credentialVersion } = account;
    const made = await this.#make(key, { accountId, kind: 'user', expiresAfterMinutes: null, credentialVersion, address }, own);
    if (isRefusal(made)) throw notFound();
    const command = { type: 'SetUserKey', data: { accountId, key }, now: context.at } as const;
    const set = await handle(this.#userKeys, userKeyDecider, userKeyStream(accountId), command, { context: own });
    if (isRefusal(set)) throw notFound();
    return text;
  }

  /**
   * An admin key of the given text: bound to no address and no credentials, without expiry. True when it counts from now on; false when
   * it did already or that text is another key's. What a crash cut off is completed.
   */
  async createAdminKey(accountId: number, text: string, context: CommandContext): Promise<boolean> {
    const key = this.#idOf(sha256(text));
    const own = derived(context, `admin key ${key}`);
    await this.#make(key, { accountId, kind: 'admin', expiresAfterMinutes: 0, credentialVersion: null, address: null }, own);
    const standing = await this.#known(apiKeyDecider, apiKeyStream(key));
    if (standing.status !== 'made' || standing.kind !== 'admin' || standing.accountId !== accountId) return false;
    const command = { type: 'AddAdminKey', data: { accountId, key }, now: context.at } as const;
    const added = await handle(this.#ports.journal, adminKeysDecider, adminKeysStream(accountId), command, { context: own });
    return !isRefusal(added) && added.events.length > 0;
  }

  /** `digest` is the lower-case hex SHA-256 of the key's text. Undefined: unknown, replaced, or of an account that is gone. */
  async resolve(digest: string): Promise<KeyIdentity | undefined> {
    const id = this.#idOf(digest);
    const key = await this.#counting(id);
    return (
      key && {
        id,
        accountId: key.accountId,
        kind: key.kind,
        address: key.address,
        createdAt: Date.parse(key.at),
        expiresAfterMinutes: this.#minutesOf(key),
        credentialVersion: key.credentialVersion,
      }
    );
  }

  /** The account's credentials were changed with that very key: it goes on under their new version. */
  async moveTo(id: string, credentialVersion: number, context: CommandContext): Promise<void> {
    const command = { type: 'MoveApiKey', data: { credentialVersion }, now: context.at } as const;
    await handle(this.#ports.journal, apiKeyDecider, apiKeyStream(id), command, { context });
  }

  /** `at`: ms since 1970. A use of a key that does not count any more is not kept. */
  async used(id: string, at: number): Promise<void> {
    const key = await this.#counting(id);
    if (key !== undefined) await this.#uses.remember(id, at, this.#minutesOf(key));
  }

  /** Ms since 1970; the creation when it was never used, 0 when it is unknown. */
  async lastUse(id: string): Promise<number> {
    const used = await this.#uses.of(id);
    if (used !== undefined) return used;
    const key = await this.#known(apiKeyDecider, apiKeyStream(id));
    return key.status === 'made' ? Date.parse(key.at) : 0;
  }

  /** The account is gone: its keys end for good, then what they hold of it is erased. May be repeated after a crash. */
  async endAll(accountId: number, context: CommandContext): Promise<void> {
    const { journal, vault } = this.#ports;
    const [data, now] = [{ accountId }, context.at];
    await handle(this.#userKeys, userKeyDecider, userKeyStream(accountId), { type: 'EndUserKey', data, now }, { context });
    await handle(journal, adminKeysDecider, adminKeysStream(accountId), { type: 'CloseAdminKeys', data, now }, { context });
    await vault.erase(keysSubject(accountId));
  }

  async #make(key: string, purpose: Purpose, context: CommandContext): Promise<undefined | Refusal> {
    const command: ApiKeyCommand = { type: 'MakeApiKey', data: purpose, now: context.at };
    const subject = keysSubject(purpose.accountId);
    try {
      const made = await handle(this.#ports.journal, apiKeyDecider, apiKeyStream(key), command, { context, subject });
      return isRefusal(made) ? made : undefined;
    } catch (error) {
      if (isDestroyed(error)) return refuse('account_gone');
      throw error;
    }
  }

  /** The key, if it counts. Its own stream is read first: a key is named by its account only after it was made. */
  async #counting(id: string): Promise<MadeKey | undefined> {
    const key = await this.#known(apiKeyDecider, apiKeyStream(id));
    if (key.status !== 'made') return undefined;
    const counts = key.kind === 'user' ? await this.#isUserKey(id, key.accountId) : await this.#isAdminKey(id, key.accountId);
    return counts ? key : undefined;
  }

  async #isUserKey(id: string, accountId: number): Promise<boolean> {
    const userKey = await this.#known(userKeyDecider, userKeyStream(accountId), this.#userKeys);
    return userKey.status === 'set' && userKey.key === id;
  }

  async #isAdminKey(id: string, accountId: number): Promise<boolean> {
    return (await this.#known(adminKeysDecider, adminKeysStream(accountId))).keys.includes(id);
  }

  /** Who lets in must know all: what a newer release wrote may have taken a key back. */
  async #known<S, C extends Command, E extends Fact>(
    decider: Decider<S, C, E>,
    stream: string,
    journal: Journal = this.#ports.journal,
  ): Promise<S> {
    const { state, skipped } = await load(journal, decider, stream);
    if (skipped) throw new NewerRelease('API keys were written by a newer release');
    return state;
  }

  #minutesOf(key: MadeKey): number {
    return key.expiresAfterMinutes ?? this.#settings.APP_API_KEY_EXPIRATION_MINUTES;
  }

  #idOf(digest: string): string {
    return this.#ports.vault.hash('api-key', digest);
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
