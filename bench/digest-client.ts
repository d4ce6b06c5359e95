import { createHash } from 'node:crypto';
import { request } from 'undici';
import { ADMIN } from './processes.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Headers of one request after another on one challenge: `nc` counts up (spec auth-and-errors.md §6.4). */
export type DigestClient = () => Record<string, string>;

/** Gets a challenge by `From` alone. @throws when there is none for SHA-256. */
export const challenged = async (url: string, path: string): Promise<DigestClient> => {
  const from = `sip:${ADMIN.username}@${ADMIN.domain}`;
  const { headers, body } = await request(`${url}${path}`, { headers: { from } });
  await body.dump();
  const lines = [headers['www-authenticate'] ?? []].flat();
  const [, realm, nonce, opaque] =
    lines.map((line) => /realm="([^"]+)".*algorithm=SHA-256,nonce="([^"]+)",opaque="([^"]+)"/.exec(line)).find((match) => match !== null) ??
    [];
  if (realm === undefined || nonce === undefined || opaque === undefined) throw new Error('no challenge for SHA-256');
  const ha1 = sha256(`${ADMIN.username}:${realm}:${ADMIN.password}`);
  const ha2 = sha256(`GET:${path}`);
  const cnonce = '0a4f113b';
  let count = 0;
  return () => {
    const nc = (++count).toString(16).padStart(8, '0');
    const response = sha256(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}`);
    const authorization =
      `Digest username="${ADMIN.username}", realm="${realm}", nonce="${nonce}", uri="${path}", cnonce="${cnonce}", ` +
      `response="${response}", opaque="${opaque}", nc=${nc}, qop=auth, algorithm=SHA-256`;
    return { from, authorization };
  };
};
