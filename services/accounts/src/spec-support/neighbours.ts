import type { SpaceIdentity } from '@flexistream/contracts';
import { type Decider, handle, isRefusal, type StoredEvent } from '@flexistream/kernel';
import type { AnyService, Definition, Ports } from '@flexistream/service-host';

export const space = (id: string, more: Partial<SpaceIdentity> = {}): SpaceIdentity => ({
  id,
  domain: `${id}.example.org`,
  host: `${id}.example.org`,
  name: `Space ${id}`,
  realm: null,
  super: false,
  expireAt: null,
  ...more,
});

/** The neighbours of accounts, by the contract of the internal calls, with what a spec can set and look at. */
export class Neighbours {
  readonly spaces = new Map<string, SpaceIdentity>();
  /** By text: the account that it is reserved for, and whether it is used. */
  readonly creationTokens = new Map<string, { state: 'usable' | 'expired'; reservedFor?: number; used?: true }>();
  readonly movedKeys: { readonly keyId: string; readonly credentialVersion: number }[] = [];
  /** Called before each answer of tokens; may throw, as an outage does. */
  beforeTokens: (call: string) => void = () => undefined;
  askedSpaces = 0;

  constructor(...spaces: readonly SpaceIdentity[]) {
    for (const one of spaces) this.spaces.set(one.id, one);
  }

  /** Stands for the deletion of a space: closed at once, then told to the others. */
  async deleteSpace(id: string, ports: () => Ports | undefined, context: Parameters<typeof handle>[4]['context']): Promise<void> {
    this.spaces.delete(id);
    const made = ports();
    if (made === undefined) throw new Error('the host is not started');
    const told = await handle(made.journal, gone, `space-${id}`, { type: 'Go', data: {}, now: context.at }, { context });
    if (isRefusal(told)) throw new Error('refused');
  }

  definitions(): { readonly definitions: readonly Definition[]; readonly spacesPorts: () => Ports | undefined } {
    let ports: Ports | undefined;
    return {
      definitions: [
        {
          name: 'spaces',
          make: (made) => {
            ports = made;
            return { ...nothing, name: 'spaces', prefixes: ['space-'], answers: this.#spaces(), publishes: spaceGone };
          },
        },
        { name: 'tokens', make: () => ({ ...nothing, name: 'tokens', prefixes: ['token-'], answers: this.#tokens() }) },
      ],
      spacesPorts: () => ports,
    };
  }

  #spaces(): AnyService['answers'] {
    return {
      'spaces.resolve': async (key: { id?: string; domain?: string }) => {
        this.askedSpaces++;
        for (const one of this.spaces.values()) if (one.id === key.id || one.domain === key.domain) return one;
        return null;
      },
    };
  }

  #tokens(): AnyService['answers'] {
    return {
      'tokens.creationTokenState': async ({ token }: { token: string }) => {
        this.beforeTokens('creationTokenState');
        const known = this.creationTokens.get(token);
        const usable = known?.state === 'usable' && known.reservedFor === undefined && known.used === undefined;
        return { state: usable ? 'usable' : known?.state === 'expired' ? 'expired' : 'unknown' };
      },
      'tokens.reserve': async ({ token, accountId }: { token: string; accountId: number }) => {
        this.beforeTokens('reserve');
        const known = this.creationTokens.get(token);
        const mine = known !== undefined && (known.reservedFor === undefined || known.reservedFor === accountId) && !known.used;
        if (mine) known.reservedFor = accountId;
        return { reserved: mine, tokenId: `id-of-${token}` };
      },
      'tokens.release': async ({ tokenId, accountId }: { tokenId: string; accountId: number }) => {
        this.beforeTokens('release');
        const known = this.creationTokens.get(tokenId.slice('id-of-'.length));
        if (known?.reservedFor === accountId) delete known.reservedFor;
        return {};
      },
      'tokens.markUsed': async ({ tokenId }: { tokenId: string }) => {
        this.beforeTokens('markUsed');
        const known = this.creationTokens.get(tokenId.slice('id-of-'.length));
        if (known !== undefined) known.used = true;
        return {};
      },
      'tokens.moveKey': async (key: { keyId: string; credentialVersion: number }) => {
        this.movedKeys.push(key);
        return {};
      },
    };
  }
}

const nothing = { handlers: {}, projections: [], publishes: () => [], reactions: [], schedules: [] };

interface Gone {
  readonly type: 'SpaceDeleted';
  readonly data: object;
}
const gone: Decider<null, { readonly type: 'Go'; readonly data: object; readonly now: string }, Gone> = {
  initial: null,
  events: { version: () => 1, read: (stored) => stored as unknown as Gone },
  evolve: () => null,
  decide: () => [{ type: 'SpaceDeleted', data: {} }],
};

const spaceGone: AnyService['publishes'] = ({ type, stream }: StoredEvent) => {
  if (type !== 'SpaceDeleted') return [];
  const spaceId = stream.slice('space-'.length);
  return [{ type: 'space.deleted.v1', subject: spaceId, data: { spaceId } }];
};
