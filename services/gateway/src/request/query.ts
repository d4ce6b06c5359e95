import { parse } from 'node:querystring';
import { trim } from '@flexistream/http';

const none: Readonly<Record<string, string>> = Object.freeze({});

/** Trimmed; what is empty is absent; of a repeated parameter the last one counts. Never throws. */
export const queryOf = (query: string | undefined): Readonly<Record<string, string>> => {
  if (query === undefined || query === '') return none;
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(parse(query))) {
    const text = trim((Array.isArray(value) ? value.at(-1) : value) ?? '');
    if (text !== '') values[name] = text;
  }
  return values;
};
