import type { Language } from '../call.ts';

const frenchNames: ReadonlyMap<string, string> = new Map([
  ['username', 'pseudo'],
  ['password', 'mot de passe'],
  ['phone', 'téléphone'],
  ['name', 'nom'],
  ['title', 'titre'],
  ['value', 'valeur'],
  ['role', 'rôle'],
  ['password_confirmation', 'confirmation du mot de passe'],
]);

/** How a text names a field: `pn_provider` is `pn provider`; French replaces eight of them (spec auth-and-errors.md §13.1). */
export const fieldName = (language: Language, field: string): string =>
  (language === 'fr' ? frenchNames.get(field) : undefined) ?? field.replaceAll('_', ' ');
