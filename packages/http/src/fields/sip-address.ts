import { type SipAddress, sipAddressOf } from '../sip-address.ts';
import { type Field, type Given, obey } from './field.ts';
import { lengths, type TextOptions, textual } from './text.ts';

/** `from` and `to` of statistics (spec statistics.md §6); lengths are those of the text as sent. */
export const sipAddress = <const O extends TextOptions>(options: O = {} as O): Field<Given<SipAddress, O>> => {
  const all = [...lengths(options), ...(options.rules ?? [])];
  return textual(options, (text, report) => {
    const read = sipAddressOf(obey(text, all, report));
    if (read === undefined) report({ key: 'one_of' });
    return read ?? { username: '', domain: '' };
  });
};
