import { type Field, type Given, obey, type Rule } from './field.ts';
import { lengths, type TextOptions, textual } from './text.ts';

const labels = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;

/** The domain rule of spec spaces.md §5: no capitals, underscore, address, port, final dot, single label, nor a top level such as `xn--p1ai`. */
export const isDomainName = (value: string): boolean => value.length >= 4 && value.length <= 253 && labels.test(value);

const domainRule: Rule<string> = (value) => (isDomainName(value) ? undefined : { key: 'domain' });

export const domainName = <const O extends TextOptions>(options: O = {} as O): Field<Given<string, O>> => {
  const all = [domainRule, ...lengths(options), ...(options.rules ?? [])];
  return textual(options, (value, report) => obey(value, all, report));
};
