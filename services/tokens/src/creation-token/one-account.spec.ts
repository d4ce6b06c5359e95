import { fixedClock, fold, isoMoment, isRefusal } from '@flexistream/kernel';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CreationTokenCommand, creationTokenDecider } from './creation-token.ts';
import type { CreationTokenEvent } from './events.ts';

const LIFETIME = 60;
const DAY = 24 * 60 * 60_000;

/** Accounts and tokens as two logs with a network between them that loses, repeats and reorders; by the rules of design §6. */
class Model {
  readonly #clock = fixedClock();
  readonly #events: CreationTokenEvent[] = [];
  readonly #reserved = new Set<number>();
  readonly #fenced = new Set<number>();
  readonly created = new Set<number>();

  constructor() {
    this.#tell({ type: 'MakeCreationToken', data: { ip: '203.0.113.5', userAgent: null }, now: this.#now() });
  }

  get token() {
    return fold(creationTokenDecider, this.#events);
  }

  usedBy(): readonly number[] {
    return this.#events.flatMap((event) => (event.type === 'CreationTokenUsed' ? [event.data.accountId] : []));
  }

  reserve(accountId: number): void {
    const accepted = this.#tell({ type: 'ReserveCreationToken', data: { accountId, lifetimeMinutes: LIFETIME }, now: this.#now() });
    if (accepted) this.#reserved.add(accountId);
  }

  /** Accounts creates only what it was told is reserved, at whatever later time, and never a fenced id. */
  create(accountId: number): void {
    if (this.#reserved.has(accountId) && !this.#fenced.has(accountId)) this.created.add(accountId);
  }

  /** A refusal of accounts, or the sweep: afterwards that id is an account or never will be. */
  fence(accountId: number): void {
    if (!this.created.has(accountId)) this.#fenced.add(accountId);
  }

  /** The answer to a fence or to a creation, or the integration event: late, twice, or never. */
  hear(accountId: number): void {
    const data = { accountId };
    if (this.created.has(accountId)) this.#tell({ type: 'MarkCreationTokenUsed', data, now: this.#now() });
    else if (this.#fenced.has(accountId)) this.#tell({ type: 'ReleaseCreationToken', data, now: this.#now() });
  }

  lapse(): void {
    this.#tell({ type: 'LapseCreationToken', data: { lifetimeMinutes: LIFETIME }, now: this.#now() });
  }

  wait(milliseconds: number): void {
    this.#clock.advance(milliseconds);
  }

  #tell(command: CreationTokenCommand): boolean {
    const decision = creationTokenDecider.decide(command, this.token);
    if (!isRefusal(decision)) this.#events.push(...decision);
    return !isRefusal(decision);
  }

  #now(): string {
    return isoMoment(this.#clock());
  }
}

const ids = [1, 2, 3];
const id = fc.constantFrom(...ids);
const step = fc.oneof(
  id.map((accountId) => (model: Model) => model.reserve(accountId)),
  id.map((accountId) => (model: Model) => model.create(accountId)),
  id.map((accountId) => (model: Model) => model.fence(accountId)),
  id.map((accountId) => (model: Model) => model.hear(accountId)),
  fc.constant((model: Model) => model.lapse()),
  fc.constantFrom(1, LIFETIME * 60_000, DAY).map((time) => (model: Model) => model.wait(time)),
);

test('a token makes one account at most, in whatever order it is reserved, created, fenced, heard of, expired', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const model = new Model();
      for (const take of steps) take(model);
      expect(model.created.size).toBeLessThanOrEqual(1);
      expect(model.usedBy().length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 2_000 },
  );
});

test('once the sweep has gone by, the token is used by the account that is there, or usable and there is none', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const model = new Model();
      for (const take of steps) take(model);
      const { token } = model;
      if (token.status === 'reserved') {
        model.fence(token.accountId);
        model.hear(token.accountId);
      }
      const [created] = model.created;
      if (created === undefined) expect(['free', 'lapsed']).toContain(model.token.status);
      else expect(model.token).toMatchObject({ status: 'used', accountId: created });
    }),
    { numRuns: 2_000 },
  );
});
