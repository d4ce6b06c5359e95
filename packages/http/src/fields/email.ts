import isEmail from 'validator/lib/isEmail.js';
import { type Field, type Given, obey, type Rule } from './field.ts';
import { lengths, type TextOptions, textual } from './text.ts';

/** Without DNS; a domain of one label is fine, so `a@b` passes (spec accounts.md §3). */
const accepted = { require_tld: false, allow_ip_domain: true, allow_utf8_local_part: true };

export const isEmailAddress = (value: string): boolean => isEmail.default(value, accepted);

const emailAddress: Rule<string> = (value) => (isEmailAddress(value) ? undefined : { key: 'email' });

/** An RFC 5322 address of at most `max` characters (254 unless told), kept as given: compare it in lower case. */
export const email = <const O extends TextOptions>(options: O = {} as O): Field<Given<string, O>> => {
  const { min, max = 254, rules = [] } = options;
  const all = [emailAddress, ...lengths({ min, max }), ...rules];
  return textual(options, (value, report) => obey(value, all, report));
};
