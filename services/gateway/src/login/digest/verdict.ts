import { hash, timingSafeEqual } from 'node:crypto';
import { type Algorithm, algorithms, type Verifier } from '@flexistream/contracts';
import { utf8 } from '../../request/header-text.ts';
import { type Target, targetOf } from '../../routing/path.ts';

/** What a DIGEST answer is judged by. */
export interface Asked {
  readonly verifiers: readonly Verifier[];
  /** The user part of `From`, lower case. */
  readonly username: string;
  readonly nonce: 'good' | 'expired' | 'unknown';
  readonly opaque: string;
  readonly method: string;
  readonly target: Target;
  readonly checksUri: boolean;
}

export type Fault = 'incomplete' | 'nonce' | 'mismatch' | 'algorithm' | 'response';

/** `right`: whoever sent this knows the password, whatever else is wrong with it. */
export type Verdict = { readonly fault: Fault; readonly right: boolean } | { readonly fault: undefined; readonly right: true };

interface Answer {
  readonly verifier: Verifier | undefined;
  readonly response: string | undefined;
  readonly uri: string | undefined;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Hex count of a nonce's uses; undefined when it is none. Compared as number, hashed as text. */
export const countOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^[0-9a-f]{8}$/i.test(text) && text !== '00000000' ? Number.parseInt(text, 16) : undefined;

/** The checks of spec auth-and-errors.md §6.3 that need no memory, in their order. */
export const judge = (parameters: ReadonlyMap<string, string>, asked: Asked): Verdict => {
  const answer = answerOf(parameters, asked.verifiers);
  const right = isRight(answer, asked.method);
  const fault = faultOf(answer, asked, right);
  return fault === undefined ? { fault, right: true } : { fault, right };
};

const faultOf = ({ parameters, verifier, uri, response }: Answer, asked: Asked, right: boolean): Fault | undefined => {
  if (!parameters.has('nonce') || (asked.nonce === 'good' && !parameters.has('nc'))) return 'incomplete';
  if (asked.nonce !== 'good') return 'nonce';
  if (!matches(parameters, asked)) return 'mismatch';
  if (!asked.verifiers.some(({ algorithm }) => algorithm === algorithmOf(parameters))) return 'algorithm';
  if (verifier === undefined) return 'mismatch';
  if (uri === undefined || response === undefined) return 'incomplete';
  if (!right || (asked.checksUri && !isSameTarget(uri, asked.target))) return 'response';
  return undefined;
};

const answerOf = (parameters: ReadonlyMap<string, string>, verifiers: readonly Verifier[]): Answer => {
  const algorithm = algorithmOf(parameters);
  const realm = utf8(parameters.get('realm') ?? '');
  return {
    parameters,
    verifier: verifiers.find((verifier) => verifier.algorithm === algorithm && verifier.realm === realm),
    response: parameters.get('response'),
    uri: parameters.get('uri'),
  };
};

const isAlgorithm = (text: string): text is Algorithm => (algorithms as readonly string[]).includes(text);

/** Missing = MD5; undefined for any other, `-sess` forms included. */
const algorithmOf = (parameters: ReadonlyMap<string, string>): Algorithm | undefined => {
  const given = (parameters.get('algorithm') ?? 'MD5').toUpperCase();
  return isAlgorithm(given) ? given : undefined;
};

/** A renamed account may still hold a verifier of its former name: clients that know either are understood. */
const matches = (parameters: ReadonlyMap<string, string>, { verifiers, username, opaque }: Asked): boolean => {
  const realm = utf8(parameters.get('realm') ?? '');
  const answered = utf8(parameters.get('username') ?? '');
  return (
    parameters.get('opaque') === opaque &&
    parameters.get('qop')?.toLowerCase() === 'auth' &&
    verifiers.some((verifier) => verifier.realm === realm) &&
    countOf(parameters.get('nc')) !== undefined &&
    (parameters.get('cnonce') ?? '') !== '' &&
    algorithmOf(parameters) !== undefined &&
    (answered.toLowerCase() === username || verifiers.some((verifier) => verifier.username === answered))
  );
};

const isRight = ({ parameters, verifier, response, uri }: Answer, method: string): boolean => {
  if (verifier === undefined || response === undefined || uri === undefined) return false;
  const of = (name: string): string => parameters.get(name) ?? '';
  const expected = digestResponse({
    algorithm: verifier.algorithm,
    ha1: verifier.ha1,
    nonce: of('nonce'),
    nc: of('nc'),
    cnonce: of('cnonce'),
    qop: of('qop'),
    method,
    uri,
  });
  const given = Buffer.from(response.toLowerCase(), 'latin1');
  return given.length === expected.length && timingSafeEqual(given, Buffer.from(expected, 'latin1'));
};

export interface DigestParts {
  readonly algorithm: Algorithm;
  readonly ha1: string;
  readonly nonce: string;
  readonly nc: string;
  readonly cnonce: string;
  readonly qop: string;
  readonly method: string;
  readonly uri: string;
}

/** Lower-case hex (RFC 7616 §3.4.1). Header texts are hashed as the bytes that came. */
export const digestResponse = ({ algorithm, ha1, nonce, nc, cnonce, qop, method, uri }: DigestParts): string => {
  const name = algorithm === 'MD5' ? 'md5' : 'sha256';
  const ha2 = hash(name, bytesOf(`${method}:${uri}`), 'hex');
  return hash(name, bytesOf(`${ha1}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}`), 'hex');
};

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

/** The paths must be equal as they were sent; a client may leave the query out, or name the whole address. */
const isSameTarget = (uri: string, asked: Target): boolean => {
  const { path, query } = targetOf(uri);
  return path === asked.path && (query === undefined || query === asked.query);
};
