import type { AccountIdentity } from '@flexistream/contracts';
import { stamp, uuidv7 } from '@flexistream/kernel';
import type { AnyService, Definition, Ports } from '@flexistream/service-host';

type Told = 'account.created.v1' | 'account.deleted.v1';

/** A stand-in for accounts, by the contract of the internal calls: who is there, which ids are fenced, and what it tells others. */
export class Accounts {
  readonly #there = new Map<number, AccountIdentity>();
  readonly fenced = new Set<number>();
  /** Called before each answer; may throw, as an outage does. */
  beforeAnswer: (call: string, id: number) => void = () => undefined;
  #ports: Ports | undefined;

  add(id: number, credentialVersion = 1): void {
    const who = { id, spaceId: 's', username: `user${id}`, domain: 'd.org', admin: true, blocked: false };
    this.#there.set(id, { ...who, credentialVersion, verifiers: [] });
  }

  /** As the last step of a creation: false when the id was fenced before. */
  create(id: number): boolean {
    if (this.fenced.has(id)) return false;
    this.add(id);
    return true;
  }

  remove(id: number): void {
    this.#there.delete(id);
  }

  has(id: number): boolean {
    return this.#there.has(id);
  }

  /** Tells what happened to an account, as its relay does. */
  async tell(type: Told, data: { accountId: number; creationToken?: string }): Promise<void> {
    if (this.#ports === undefined) throw new Error('not started');
    const stream = `account-${data.accountId}`;
    const context = { id: uuidv7(), correlation: 'spec', actor: 'public', at: '2026-01-01T00:00:00.000Z' };
    await this.#ports.journal.append(
      stream,
      stamp([{ type, data: { ...data, spaceId: 's' } }], stream, context, () => 1),
      { expect: 'any' },
    );
  }

  readonly definition: Definition = {
    name: 'accounts',
    make: (ports) => {
      this.#ports = ports;
      return {
        name: 'accounts',
        prefixes: ['account-'],
        handlers: {},
        answers: {
          'accounts.resolve': async ({ id }: { id: number }) => {
            this.beforeAnswer('resolve', id);
            return [this.#there.get(id)].filter((one) => one !== undefined);
          },
          'accounts.fence': async ({ accountId }: { accountId: number }) => {
            this.beforeAnswer('fence', accountId);
            if (this.#there.has(accountId)) return { state: 'created' };
            this.fenced.add(accountId);
            return { state: 'fenced' };
          },
        },
        projections: [],
        publishes: ({ type, data, stream }) =>
          type === 'account.created.v1' || type === 'account.deleted.v1' ? [{ type, subject: stream, data: data as never }] : [],
        reactions: [],
        schedules: [],
      } satisfies AnyService;
    },
  };
}
