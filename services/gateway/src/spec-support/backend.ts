import { hash } from 'node:crypto';
import type {
  AccountIdentity,
  Algorithm,
  InputOf,
  InternalCallName,
  KeyIdentity,
  OutputOf,
  SpaceIdentity,
  Verifier,
} from '@flexistream/contracts';
import { Unavailable } from '@flexistream/kernel';
import type { AskService } from '@flexistream/service-host';

type Question<N extends InternalCallName> = (input: InputOf<N>) => OutputOf<N>;

export const sha256 = (text: string): string => hash('sha256', text, 'hex');

export const verifierOf = (algorithm: Algorithm, realm: string, username: string, password: string): Verifier => ({
  algorithm,
  realm,
  username,
  ha1: hash(algorithm === 'MD5' ? 'md5' : 'sha256', `${username}:${realm}:${password}`, 'hex'),
});

/** The owners of identities, in memory: answers what the gateway asks, and counts how often it asked. */
export class Backend {
  readonly spaces: SpaceIdentity[] = [];
  readonly accounts: AccountIdentity[] = [];
  readonly emails = new Map<string, number[]>();
  readonly keys = new Map<string, KeyIdentity>();
  readonly lastUses = new Map<string, number>();
  readonly asked: InternalCallName[] = [];
  /** Held answers come when this is released. */
  hold: Promise<void> | undefined;
  down = false;

  addSpace(domain: string, more: Partial<SpaceIdentity> = {}): SpaceIdentity {
    const space = { id: `space-of-${domain}`, domain, host: domain, name: domain, realm: null, super: false, expireAt: null, ...more };
    this.spaces.push(space);
    return space;
  }

  addAccount(space: SpaceIdentity, username: string, more: Partial<AccountIdentity> = {}): AccountIdentity {
    const account = {
      id: this.accounts.length + 1,
      spaceId: space.id,
      username,
      domain: space.domain,
      admin: false,
      blocked: false,
      credentialVersion: 1,
      verifiers: [verifierOf('SHA-256', space.domain, username, 'secret')],
      ...more,
    };
    this.accounts.push(account);
    return account;
  }

  /** An admin key by default: the account's version binds user keys only. */
  addKey(text: string, account: AccountIdentity, more: Partial<KeyIdentity> = {}): KeyIdentity {
    const key = {
      id: `key-${this.keys.size + 1}`,
      accountId: account.id,
      kind: 'admin' as const,
      address: null,
      createdAt: 0,
      expiresAfterMinutes: 0,
      credentialVersion: null,
      ...more,
    };
    this.keys.set(sha256(text), key);
    return key;
  }

  /** Changes an account as its owner would. */
  change(account: AccountIdentity, changes: Partial<AccountIdentity>): void {
    const index = this.accounts.findIndex(({ id }) => id === account.id);
    this.accounts[index] = { ...account, ...this.accounts[index], ...changes };
  }

  changeSpace(space: SpaceIdentity, changes: Partial<SpaceIdentity>): void {
    const index = this.spaces.findIndex(({ id }) => id === space.id);
    this.spaces[index] = { ...space, ...this.spaces[index], ...changes };
  }

  removeAccount(account: AccountIdentity): void {
    this.accounts.splice(
      this.accounts.findIndex(({ id }) => id === account.id),
      1,
    );
  }

  timesAsked(name: InternalCallName): number {
    return this.asked.filter((asked) => asked === name).length;
  }

  readonly ask = (async (name: InternalCallName, input: never) => {
    this.asked.push(name);
    if (this.down) throw new Unavailable('down');
    const answer = this.#answers[name as keyof typeof this.answers] as ((input: never) => unknown) | undefined;
    if (answer === undefined) throw new Error(`nobody answers ${name}`);
    const read = answer(input); // an owner reads when it is asked, however long the answer takes
    await this.hold;
    return read;
  }) as unknown as AskService;

  get answers() {
    return this.#answers;
  }

  readonly #resolveSpace: Question<'spaces.resolve'> = (question) => {
    if ('standIn' in question) return this.spaces[0] ?? null;
    const [[name, value] = []] = Object.entries(question);
    return this.spaces.find((space) => space[name as 'id' | 'host' | 'domain'] === value) ?? null;
  };

  readonly #resolveAccount: Question<'accounts.resolve'> = (question) => {
    if ('id' in question) return this.accounts.filter(({ id }) => id === question.id);
    if ('email' in question) return this.accounts.filter(({ id }) => this.emails.get(question.email)?.includes(id) === true);
    return this.accounts.filter(({ spaceId, username }) => spaceId === question.spaceId && username === question.username);
  };

  readonly #answers = {
    'spaces.resolve': this.#resolveSpace,
    'accounts.resolve': this.#resolveAccount,
    'tokens.resolveKey': (({ key }) => this.keys.get(key) ?? null) satisfies Question<'tokens.resolveKey'>,
    'tokens.keyUsed': (({ keyId, at }) => {
      this.lastUses.set(keyId, at);
      return {};
    }) satisfies Question<'tokens.keyUsed'>,
    'tokens.keyLastUse': (({ keyId }) => ({ at: this.lastUses.get(keyId) ?? 0 })) satisfies Question<'tokens.keyLastUse'>,
  };
}
