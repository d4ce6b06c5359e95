import { createHash, randomBytes } from 'node:crypto';
import { type Answer, ask, linesOf, type Question } from './client.ts';

/** A client of DIGEST as SIP phones are one: discovery by `From`, then `nc` counts up (spec auth-and-errors.md §6). */
export interface Credentials {
  readonly username: string;
  readonly domain: string;
  readonly password: string;
}

export interface Challenge {
  readonly realm: string;
  readonly qop: string;
  readonly algorithm: 'MD5' | 'SHA-256';
  readonly nonce: string;
  readonly opaque: string;
}

const PATTERN = /^Digest realm="([^"]+)",qop="([^"]+)",algorithm=(MD5|SHA-256),nonce="([A-Za-z0-9]{32})",opaque="([^"]+)"/;

/** Those lines that have exactly the form of the spec (§6.2). */
export const challengesOf = (answer: Answer): readonly Challenge[] =>
  linesOf(answer, 'www-authenticate').flatMap((line) => {
    const [, realm, qop, algorithm, nonce, opaque] = PATTERN.exec(line) ?? [];
    return realm && qop && algorithm && nonce && opaque
      ? [{ realm, qop, algorithm: algorithm as Challenge['algorithm'], nonce, opaque }]
      : [];
  });

export const fromOf = ({ username, domain }: Credentials): string => `sip:${username}@${domain}`;

export interface Attempt {
  readonly method?: string;
  readonly path: string;
  readonly nc?: number;
}

/** The value of `Authorization` (§6.4). */
export const authorize = ({ username, password }: Credentials, challenge: Challenge, { method = 'GET', path, nc = 1 }: Attempt): string => {
  const { realm, qop, algorithm, nonce, opaque } = challenge;
  const h = (text: string) =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const count = nc.toString(16).padStart(8, '0');
  const cnonce = randomBytes(8).toString('hex');
  const response = h(`${h(`${username}:${realm}:${password}`)}:${nonce}:${count}:${cnonce}:${qop}:${h(`${method}:${path}`)}`);
  const parts = { username, realm, nonce, uri: path, cnonce, response, opaque };
  const quoted = Object.entries(parts).map(([name, value]) => `${name}="${value}"`);
  return `Digest ${[...quoted, `nc=${count}`, `qop=${qop}`, `algorithm=${algorithm}`].join(', ')}`;
};

/** Discovery. @throws when there is no challenge. */
export const challengeFor = async (server: { url: string }, credentials: Credentials, host?: string): Promise<Challenge> => {
  const answer = await ask(server, '/api/accounts/me', { host, headers: { from: fromOf(credentials) } });
  const [challenge] = challengesOf(answer);
  if (challenge === undefined) throw new Error(`no challenge: ${answer.status} ${answer.text}`);
  return challenge;
};

/** One request with a fresh challenge. */
export const askByDigest = async (
  server: { url: string },
  credentials: Credentials,
  path: string,
  question: Question = {},
): Promise<Answer> => {
  const challenge = await challengeFor(server, credentials, question.host);
  const authorization = authorize(credentials, challenge, { path, ...(question.method ? { method: question.method } : {}) });
  return ask(server, path, { ...question, headers: { ...question.headers, from: fromOf(credentials), authorization } });
};
