import { Buffer, isAscii, isUtf8 } from 'node:buffer';
import type { Json } from './call.ts';
import { type Failure, invalidJson } from './failure.ts';

export type JsonObject = Readonly<Record<string, Json>>;

export interface JsonLimits {
  /** Objects and lists inside one another; the body's own object is the first. */
  readonly maxDepth: number;
}

/**
 * The object that the bytes of a body hold; no bytes at all are `{}`, blanks are a syntax error (spec auth-and-errors.md §2).
 * A member `__proto__` is a member like any other: it never becomes a prototype.
 * @throws Failure 400 `Invalid JSON: …`: syntax, a byte order mark, malformed UTF-8, a lone surrogate, too deep, no object
 */
export const readJson = (bytes: Uint8Array, { maxDepth }: JsonLimits = { maxDepth: 64 }): JsonObject => {
  if (bytes.length === 0) return {};
  const text = decode(bytes);
  const value = parseJson(text);
  // Well-formed UTF-8 holds no lone surrogate, so only an escape can bring one.
  inspect(value, maxDepth, text.includes('\\u'));
  if (!isObject(value)) throw invalidJson('an object is expected');
  return value;
};

const decode = (bytes: Uint8Array): string => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isAscii(buffer)) return buffer.toString('latin1');
  if (!isUtf8(buffer)) throw invalidJson('Malformed UTF-8 characters, possibly incorrectly encoded');
  return buffer.toString('utf8');
};

const parseJson = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw syntaxError(error);
  }
};

/** V8's own text quotes the body, which may hold a password: only its kind is looked at. */
const syntaxError = (error: unknown): Failure =>
  error instanceof SyntaxError && error.message.startsWith('Bad control character')
    ? invalidJson('Control character error, possibly incorrectly encoded')
    : invalidJson();

const isObject = (value: Json): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

const inspect = (value: Json, depthLeft: number, surrogates: boolean): void => {
  if (typeof value === 'string') {
    if (surrogates) expectWellFormed(value);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depthLeft === 0) throw invalidJson('Maximum stack depth exceeded');
  for (const name of Object.keys(value)) {
    if (surrogates) expectWellFormed(name);
    inspect((value as JsonObject)[name] ?? null, depthLeft - 1, surrogates);
  }
};

const expectWellFormed = (text: string): void => {
  if (!text.isWellFormed()) throw invalidJson('Single unpaired UTF-16 surrogate in unicode escape');
};
