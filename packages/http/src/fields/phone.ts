import { createRequire } from 'node:module';
import type { Field, Given, Presence, Rule } from './field.ts';
import { textual } from './text.ts';

type Library = typeof import('libphonenumber-js/max');

const require = createRequire(import.meta.url);
let loaded: Library | undefined;

/** Only from the first number on: the metadata of all countries counts in an idle process. A `require`, because checks are not asynchronous. */
const library = (): Library => {
  loaded ??= require('libphonenumber-js/max') as Library;
  return loaded;
};

export interface PhoneNumber {
  /** `+33612121212` */
  readonly number: string;
  /** ISO 3166 code; undefined where no country has it. */
  readonly region: string | undefined;
  readonly valid: boolean;
}

/** Blanks and the punctuation people write; anything else around the number makes it none (spec accounts.md §3). */
const international = /^\+[0-9][0-9 .()/\u00a0-]*$/;

/** An international number, valid or not; undefined for what is none at all. */
export const phoneNumberOf = (text: string): PhoneNumber | undefined => {
  if (text.length > 64 || !international.test(text)) return undefined;
  const { parsePhoneNumberFromString } = library();
  const parsed = parsePhoneNumberFromString(text, { extract: false });
  if (parsed === undefined) return undefined;
  return { number: parsed.number, region: parsed.country, valid: parsed.isValid() };
};

/** Whether a whole user name is a phone number, that is an international one that some country has. */
export const isPhoneNumber = (name: string): boolean => name.startsWith('+') && phoneNumberOf(name)?.region !== undefined;

/** `The username should not be a phone number`. */
export const notPhoneNumber: Rule<string> = (name) => (isPhoneNumber(name) ? { key: 'not_a_phone_number' } : undefined);

export interface PhoneOptions extends Presence {
  /** ISO codes of the activated countries (spec notifications.md §8); without them every country will do. */
  readonly countries?: ReadonlySet<string>;
}

/**
 * A valid international number; yields E.164. Two texts where no country has the number: invalid, and not of an authorised country;
 * a too short number of an active country has the first only (spec accounts.md §3).
 */
export const phone = <const O extends PhoneOptions>(options: O = {} as O): Field<Given<string, O>> =>
  textual(options, (text, report) => {
    const read = phoneNumberOf(text);
    if (read?.valid !== true) report({ key: 'phone' });
    if (options.countries !== undefined && !options.countries.has(read?.region ?? '')) report({ key: 'phone_country' });
    return read?.number ?? '';
  });
