import type { SipAddress } from '@flexistream/http';
import { BoundedCache, type CommandContext } from '@flexistream/kernel';
import type { Pseudonyms } from '@flexistream/key-store';
import type { AccountTies } from './account-ties.ts';
import { addressOf, textOf } from './address.ts';
import type { Party } from './party.ts';

/** How many devices are remembered as given to their address. */
const REMEMBERED = 50_000;

/**
 * The people and devices of the events: numbers for texts on the way in, texts for numbers on the way out. An address is one person's in any
 * letter case, as user names of accounts are; a device id is kept as received.
 */
export class People {
  readonly #pseudonyms: () => Promise<Pseudonyms>;
  readonly #ties: AccountTies;
  readonly #given = new BoundedCache<number, true>(REMEMBERED);

  constructor(pseudonyms: () => Promise<Pseudonyms>, ties: AccountTies) {
    this.#pseudonyms = pseudonyms;
    this.#ties = ties;
  }

  async party(address: SipAddress, context: CommandContext): Promise<Party> {
    const text = textOf(address);
    const number = await (await this.#pseudonyms()).numberFor('address', text);
    await this.#ties.settle(number, text, context);
    return { address: number, domain: address.domain };
  }

  async device(text: string): Promise<number> {
    return (await this.#pseudonyms()).numberFor('device', text);
  }

  async devices(texts: readonly string[]): Promise<readonly number[]> {
    return Promise.all(texts.map((text) => this.device(text)));
  }

  /** The number of an address that some report named; makes none. */
  async find(address: SipAddress): Promise<number | undefined> {
    return (await this.#pseudonyms()).find('address', textOf(address));
  }

  /** The devices go with that address: erased with it, known by nobody else. Written once a device, then remembered. */
  async give(devices: readonly number[], to: Party): Promise<void> {
    const fresh = devices.filter((device) => this.#given.get(device) === undefined);
    if (fresh.length === 0) return;
    const pseudonyms = await this.#pseudonyms();
    await Promise.all(fresh.map((device) => pseudonyms.own(device, to.address)));
    for (const device of fresh) this.#given.set(device, true);
  }

  /** The texts of those numbers, each looked up once. */
  async read(numbers: Iterable<number>): Promise<Texts> {
    const pseudonyms = await this.#pseudonyms();
    const read = await Promise.all([...new Set(numbers)].map(async (number) => [number, await pseudonyms.textOf(number)] as const));
    const texts = new Map(read);
    return {
      address: ({ address }) => addressOf(texts.get(address)),
      device: (number) => texts.get(number) ?? 'erased',
    };
  }
}

export interface Texts {
  /** `anonymous@anonymous.invalid` once erased. */
  address(party: Party): SipAddress;
  /** As received; `erased` once erased. */
  device(number: number): string;
}
