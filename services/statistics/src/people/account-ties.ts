import { BoundedCache, type CommandContext, isUnavailable } from '@flexistream/kernel';
import type { Ports } from '@flexistream/service-host';
import { addressOf, textOf } from './address.ts';

/** How many addresses are remembered as settled, and how many wait at most for an account service that did not answer. */
const REMEMBERED = 50_000;
const OWED_AT_MOST = 20_000;

const subjectOf = (accountId: number): string => `account:${accountId}`;

/**
 * Whose address is it? `account.deleted.v1` carries no address, and by then accounts cannot be asked any more. So the address is tied
 * to its account while the account lives: in the key store the record of the address goes with `account:<id>`, and devices go with
 * the address. Destroying `account:<id>` destroys them all, and an id that was destroyed takes nothing any more: whoever is late with
 * a tie erases what it would have tied.
 *
 * Three moments make the tie: an address is seen for the first time (asked once, then remembered; the key store remembers across
 * restarts); an account is created or renamed under an address that was seen before; an account's calls are read. An account service
 * that does not answer holds no report up: the address is owed, and asked about again by a schedule and once another is answered.
 * What stays open: an account that dies within that outage, and an address that two accounts had one after the other (a rename): it
 * goes with the first.
 */
export class AccountTies {
  readonly #ports: Pick<Ports, 'ask' | 'log' | 'pseudonyms'>;
  readonly #settled = new BoundedCache<number, true>(REMEMBERED);
  readonly #settling = new Map<number, Promise<void>>();
  readonly #owed = new Map<number, string>();
  #catchingUp = false;

  constructor(ports: Pick<Ports, 'ask' | 'log' | 'pseudonyms'>) {
    this.#ports = ports;
  }

  /** Ties the address to its account, if it is one's. Returns at once when that was looked at before. */
  settle(number: number, text: string, context: CommandContext): Promise<void> | undefined {
    if (this.#settled.get(number) !== undefined || this.#owed.has(number)) return undefined;
    const underway = this.#settling.get(number) ?? this.#settleOrOwe(number, text, context).finally(() => this.#settling.delete(number));
    this.#settling.set(number, underway);
    return underway;
  }

  /** Ties the address that an account has now, if a report ever named it. */
  async tieAddressOf(accountId: number, context: CommandContext): Promise<void> {
    const [account] = await this.#ports.ask('accounts.resolve', { id: accountId }, context);
    if (account === undefined) return;
    const number = await (await this.#ports.pseudonyms()).find('address', textOf(account));
    if (number !== undefined) await this.tie(number, accountId);
  }

  async tie(number: number, accountId: number): Promise<void> {
    const pseudonyms = await this.#ports.pseudonyms();
    if (!(await pseudonyms.isOwned(number))) await pseudonyms.tie(number, subjectOf(accountId));
    this.#settled.set(number, true);
    this.#owed.delete(number);
  }

  /** Every address and device that goes with the account, in every event and document, for good. */
  async erase(accountId: number): Promise<void> {
    await (await this.#ports.pseudonyms()).eraseSubject(subjectOf(accountId));
  }

  /** Asks again about the addresses that could not be settled. */
  async settleOwed(context: CommandContext): Promise<void> {
    for (const [number, text] of this.#owed) {
      await this.#settle(number, text, context);
      this.#owed.delete(number);
    }
  }

  async #settleOrOwe(number: number, text: string, context: CommandContext): Promise<void> {
    try {
      await this.#settle(number, text, context);
    } catch (error) {
      if (!isUnavailable(error)) this.#ports.log.error({ error }, 'an address could not be tied to its account and will be tried again');
      if (this.#owed.size < OWED_AT_MOST) this.#owed.set(number, text);
      return;
    }
    if (this.#owed.size > 0) this.#settleOwedMeanwhile(context); // it answers again
  }

  #settleOwedMeanwhile(context: CommandContext): void {
    if (this.#catchingUp) return;
    this.#catchingUp = true;
    this.settleOwed(context)
      .catch((error: unknown) => this.#ports.log.warn({ error }, 'addresses wait on for accounts'))
      .finally(() => {
        this.#catchingUp = false;
      });
  }

  async #settle(number: number, text: string, context: CommandContext): Promise<void> {
    if (!(await (await this.#ports.pseudonyms()).isOwned(number))) {
      const accountId = await this.#accountOf(text, context);
      if (accountId !== undefined) return this.tie(number, accountId);
    }
    this.#settled.set(number, true);
  }

  async #accountOf(text: string, context: CommandContext): Promise<number | undefined> {
    const { username, domain } = addressOf(text);
    const space = await this.#ports.ask('spaces.resolve', { domain }, context);
    if (space === null) return undefined;
    const [account] = await this.#ports.ask('accounts.resolve', { spaceId: space.id, username }, context);
    return account?.id;
  }
}
