import type { Document } from '../port.ts';

/**
 * Documents as MongoDB takes them: JSON, whose names must not be empty, hold a dot or a NUL, or begin with a dollar. Such names (a client
 * may choose some) are written with percent signs. A list in a list is the one field of an object: FerretDB takes no other.
 */
export const encoded = (document: Document): Document => encode(document) as Document;

export const decoded = (document: Document): Document => decode(document) as Document;

export const encodedName = (name: string): string =>
  name === '' ? '%' : name.replace(/^\$|[.%\0]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);

const decodedName = (name: string): string =>
  name === '%' ? '' : name.replace(/%([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

/** No encoded name: there a percent sign stands alone or before two digits. */
const LIST = '%[]';

const encode = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => (Array.isArray(item) ? { [LIST]: encode(item) } : encode(item)));
  return withNames(value, encodedName, encode);
};

const decode = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(decode);
  return typeof value === 'object' && value !== null && LIST in value ? decode(value[LIST]) : withNames(value, decodedName, decode);
};

const withNames = (value: unknown, rename: (name: string) => string, inside: (value: unknown) => unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [rename(name), inside(inner)]));
};
