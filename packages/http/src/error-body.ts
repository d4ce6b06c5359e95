import type { Language } from './call.ts';
import { isFailure, type Problems } from './failure.ts';
import { translate } from './texts.ts';

/** What every failure looks like (spec auth-and-errors.md §9, §10). */
export interface ErrorBody {
  readonly message: string;
  readonly errors?: Readonly<Record<string, readonly string[]>>;
}

/** Counts texts, not fields. */
const andMore = (language: Language, more: number): string => {
  if (more < 1) return '';
  if (language === 'fr') return more === 1 ? ' (et 1 autre erreur)' : ` (et ${more} autres erreurs)`;
  return more === 1 ? ' (and 1 more error)' : ` (and ${more} more errors)`;
};

const sentences = (language: Language, problems: Problems): [field: string, texts: string[]][] =>
  [...problems].map(([field, texts]) => [field, texts.map((text) => translate(language, text, field))]);

/**
 * The body of any error. An unknown error shows nothing of itself: its text is for the log.
 * `errors` keeps the order of the problems; JavaScript would move integer-like names to the front, so fields never carry such names
 * (the message is right even then: it is taken from the problems).
 */
export const bodyOf = (error: unknown, language: Language): ErrorBody => {
  if (!isFailure(error)) return { message: translate(language, { key: 'server_error' }) };
  const message = error.text === undefined ? undefined : translate(language, error.text);
  if (error.errors === undefined || error.errors.size === 0) return { message: message ?? '' };
  const fields = sentences(language, error.errors);
  const [first = '', ...more] = fields.flatMap(([, texts]) => texts);
  return { message: message ?? first + andMore(language, more.length), errors: Object.fromEntries(fields) };
};
