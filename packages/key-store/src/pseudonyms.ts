import { type KeyObject, randomBytes } from 'node:crypto';
import { BoundedCache, type Clock, systemClock } from '@flexistream/kernel';
import type { MasterKey } from './master-key.ts';
import { isDestroyed, type KeyStore } from './port.ts';
import { seal, unseal } from './sealed-box.ts';
import type { Vault } from './vault.ts';
import { WrappedKeys } from './wrapped-keys.ts';

export type PseudonymKind = 'address' | 'device';

/** Random numbers that stand in events for addresses and device ids; destroying one erases the person from every event (design §4). */
export interface Pseudonyms {
  /** A positive integer below 2^48, made on first sight; the same text gives the same number until it is erased. */
  numberFor(kind: PseudonymKind, text: string): Promise<number>;
  /** The number of a text that was seen before; makes none. */
  find(kind: PseudonymKind, text: string): Promise<number | undefined>;
  textOf(number: number): Promise<string | 'erased'>;
  /** The device goes with the address from now on. False when it has an owner already or is erased. */
  own(device: number, address: number): Promise<boolean>;
  /** The address goes with that subject (`account:<id>`) from now on. False when it has an owner already or is erased. */
  tie(address: number, subject: string): Promise<boolean>;
  /** Whether it goes with something: nothing to do for `own` and `tie`. */
  isOwned(number: number): Promise<boolean>;
  /** Erases the text behind a number, and those of the devices that it owns. */
  erase(number: number): Promise<void>;
  /** Erases every text that goes with the subject, now and ever. */
  eraseSubject(subject: string): Promise<void>;
}

export interface PseudonymOptions {
  readonly keys: KeyStore;
  readonly vault: Vault;
  readonly masterKey: MasterKey;
  readonly service: string;
  readonly clock?: Clock;
  /** How many texts are remembered; default 20,000. */
  readonly remembered?: number;
}

const TEXT_KEY = 'pseudonym-key';
/** Another instance may erase: what is remembered longer is looked up again. */
const TRUSTED_FOR_MS = 60_000;

export const openPseudonyms = async ({ keys, vault, masterKey, service, clock, remembered }: PseudonymOptions): Promise<Pseudonyms> => {
  const textKey = await new WrappedKeys(keys, masterKey, service).obtain(TEXT_KEY);
  return new KeyStorePseudonyms(keys, vault, textKey, clock ?? systemClock, remembered ?? 20_000);
};

interface Seen {
  readonly number: number;
  readonly at: number;
}

class KeyStorePseudonyms implements Pseudonyms {
  readonly #keys: KeyStore;
  readonly #vault: Vault;
  readonly #textKey: KeyObject;
  readonly #clock: Clock;
  readonly #seen: BoundedCache<string, Seen>;
  readonly #underway = new Map<string, Promise<number>>();
  #erasures = 0;

  constructor(keys: KeyStore, vault: Vault, textKey: KeyObject, clock: Clock, remembered: number) {
    this.#keys = keys;
    this.#vault = vault;
    this.#textKey = textKey;
    this.#clock = clock;
    this.#seen = new BoundedCache(remembered);
  }

  numberFor(kind: PseudonymKind, text: string): Promise<number> {
    const name = `${kind}:${text}`;
    const seen = this.#seen.get(name);
    if (seen !== undefined && this.#clock() - seen.at < TRUSTED_FOR_MS) return Promise.resolve(seen.number);
    const underway = this.#underway.get(name);
    if (underway !== undefined) return underway;
    const asked = this.#lookUp(kind, text, name).finally(() => {
      if (this.#underway.get(name) === asked) this.#underway.delete(name);
    });
    this.#underway.set(name, asked);
    return asked;
  }

  async textOf(number: number): Promise<string | 'erased'> {
    const id = recordId(number);
    const record = await this.#keys.get(id);
    return record === undefined ? 'erased' : unseal(this.#textKey, record.body, [id]).toString();
  }

  async find(kind: PseudonymKind, text: string): Promise<number | undefined> {
    const standing = await this.#keys.findByHash(this.#vault.hash(`pseudonym:${kind}`, text));
    return standing && numberOf(standing.id);
  }

  own(device: number, address: number): Promise<boolean> {
    return this.#own(device, recordId(address));
  }

  tie(address: number, subject: string): Promise<boolean> {
    return this.#own(address, subject);
  }

  async isOwned(number: number): Promise<boolean> {
    return (await this.#keys.get(recordId(number)))?.owner !== undefined;
  }

  erase(number: number): Promise<void> {
    return this.eraseSubject(recordId(number));
  }

  async eraseSubject(subject: string): Promise<void> {
    await this.#keys.destroy(subject);
    // Which texts went with it is no longer known, and erasures are rare: forget them all, and what is being looked up too.
    this.#erasures++;
    this.#seen.clear();
    this.#underway.clear();
  }

  async #own(number: number, owner: string): Promise<boolean> {
    try {
      return await this.#keys.setOwner(recordId(number), owner);
    } catch (error) {
      if (!isDestroyed(error)) throw error;
      await this.erase(number); // its owner is gone, and it would have gone with it
      return false;
    }
  }

  async #lookUp(kind: PseudonymKind, text: string, name: string): Promise<number> {
    const at = this.#clock();
    const erasures = this.#erasures;
    const hash = this.#vault.hash(`pseudonym:${kind}`, text);
    const standing = await this.#keys.findByHash(hash);
    const number = standing === undefined ? await this.#make(hash, text) : numberOf(standing.id);
    if (this.#erasures === erasures) this.#seen.set(name, { number, at }); // else it may be the erased one
    return number;
  }

  async #make(hash: string, text: string): Promise<number> {
    for (;;) {
      const number = randomBytes(6).readUIntBE(0, 6);
      const id = recordId(number);
      if (number === 0) continue;
      try {
        const { record } = await this.#keys.create({ id, hash, body: seal(this.#textKey, Buffer.from(text), [id]) });
        if (record.hash === hash) return numberOf(record.id);
      } catch (error) {
        if (!isDestroyed(error)) throw error;
      } // the number is or was another text's: draw again
    }
  }
}

const PREFIX = 'number:';
const recordId = (number: number): string => `${PREFIX}${number}`;
const numberOf = (id: string): number => Number(id.slice(PREFIX.length));
