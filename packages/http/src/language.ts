import Negotiator from 'negotiator';
import type { Language } from './call.ts';

const languages: readonly Language[] = ['en', 'fr'];

const isLanguage = (tag: string): tag is Language => tag === 'en' || tag === 'fr';

/**
 * The best of `en` and `fr` by quality; at equal quality the header's order decides, and English goes first where it says `*`.
 * A regional tag counts for its language, `q=0` excludes, what cannot be read is English (spec auth-and-errors.md §13).
 */
export const chooseLanguage = (acceptLanguage: string | undefined): Language => {
  if (acceptLanguage === undefined || acceptLanguage === '') return 'en';
  const negotiator = new Negotiator({ headers: { 'accept-language': acceptLanguage } });
  const acceptable = negotiator.languages([...languages]);
  for (const tag of negotiator.languages()) {
    const [base = ''] = tag.toLowerCase().split('-');
    if (isLanguage(base) && acceptable.includes(base)) return base;
    if (base === '*') return languages.find((language) => acceptable.includes(language)) ?? 'en';
  }
  return 'en';
};
