import type { Text } from '../failure.ts';
import { type Field, field, type Presence } from './field.ts';
import { characters } from './text.ts';

const refusal: Text = { key: 'dictionary' };

/** Of a key and of a value (spec account-resources.md §7). */
const longest = 255;

const entriesOf = (value: unknown): [key: string, value: unknown][] | undefined => {
  if (Array.isArray(value)) return value.length === 0 ? [] : undefined;
  return typeof value === 'object' && value !== null ? Object.entries(value) : undefined;
};

const isEntry = (entry: [string, unknown]): entry is [string, string] => entry[0] !== '' && typeof entry[1] === 'string' && entry[1] !== '';

/**
 * An object of texts; `{}` and `[]` are empty ones; null, numbers and what is nested are refused (spec accounts.md §3).
 * Yields an object without prototype, so that keys such as `__proto__` are ordinary ones.
 */
export const dictionary = (presence: Omit<Presence, 'filled'> = {}): Field<Readonly<Record<string, string>> | undefined> =>
  field({ ...presence, filled: refusal }, (value, report) => {
    const entries = entriesOf(value);
    const read: Record<string, string> = Object.create(null);
    if (!entries?.every(isEntry)) {
      report(refusal);
      return read;
    }
    for (const [key, text] of entries) read[key] = text;
    if (entries.some((entry) => entry.some((part) => characters(part) > longest))) report({ key: 'max_text', values: { n: longest } });
    return read;
  });
