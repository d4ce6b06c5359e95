import type { Language } from './call.ts';
import { fieldName } from './texts/field-names.ts';
import { generalRules } from './texts/general-rules.ts';
import { textsOfThisApi } from './texts/of-this-api.ts';
import { protocolTexts } from './texts/protocol.ts';

const translated = { ...generalRules, ...textsOfThisApi };

export type TextKey = keyof typeof translated | keyof typeof protocolTexts;

/** A text of the catalogue with what stands in its places. */
export interface Text {
  readonly key: TextKey;
  readonly values?: Readonly<Record<string, string | number>>;
}

export const textKeys = [...Object.keys(translated), ...Object.keys(protocolTexts)] as readonly TextKey[];

const templateOf = (language: Language, key: TextKey): string => {
  if (key in protocolTexts) return protocolTexts[key as keyof typeof protocolTexts];
  const [english, french] = translated[key as keyof typeof translated];
  return language === 'fr' ? french : english;
};

/** Several fields are joined by ` / `, each worded by itself (`required_with`). */
const fieldNames = (language: Language, fields: string): string =>
  fields
    .split(' / ')
    .map((field) => fieldName(language, field))
    .join(' / ');

/**
 * The sentence of a text. `field` fills `{field}` and is worded in that language, as is the value `other`;
 * every other value stands as given: a value that looks like a place is never filled again.
 */
export const translate = (language: Language, text: Text, field = ''): string =>
  templateOf(language, text.key).replaceAll(/\{(\w+)\}/g, (_place, name: string) => {
    if (name === 'field') return fieldName(language, field);
    const value = String(text.values?.[name] ?? '');
    return name === 'other' ? fieldNames(language, value) : value;
  });
