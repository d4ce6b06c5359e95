import { createHash } from 'node:crypto';
import { type Exchange, linesOf } from './client.ts';
import { SHORTEST } from './leaks.ts';

/** What the API refuses is deeper (its own limit is less than a hundred): nothing of it is kept. */
const DEEPEST = 100;

/** What clients sent and got that belongs to somebody: names, addresses, numbers, verifiers, keys, tokens and codes, by what each is. */
export class UsedValues {
  readonly #values = new Map<string, string>();
  readonly #ordinary: string;

  /** `ordinary`: what is said without telling of anybody, such as names of fields; a value that is part of it is no evidence. */
  constructor(ordinary: string) {
    this.#ordinary = ordinary.toLowerCase();
  }

  get all(): ReadonlyMap<string, string> {
    return this.#values;
  }

  add(what: string, value: string | undefined): void {
    if (value === undefined || value.length < SHORTEST) return;
    if (/^\d{4}-\d\d-\d\d|^[0-9a-f]{1,7}$/i.test(value)) return; // times, and what stands in any number or hash by chance
    if (this.#ordinary.includes(value.toLowerCase())) return;
    if (!this.#values.has(value)) this.#values.set(value, what);
  }

  readonly learn = ({ path, question, answer }: Exchange): void => {
    const sent = jsonOf(question.body);
    const got = jsonOf(answer.text);
    this.#learnPath(path);
    this.#learnHeaders({ ...question.headers, 'x-api-key': question.key });
    this.#learnLeaves('', sent);
    this.#learnLeaves('', got);
    if (got === undefined) this.add('answer', answer.text.trim());
    for (const line of linesOf(answer, 'www-authenticate')) this.#learnDigest(line);
    this.#learnVerifiers(sent, got);
  };

  #learnPath(path: string): void {
    const [segments = '', query = ''] = path.split('?', 2);
    for (const segment of segments.split('/')) {
      if (segment.includes('@')) this.#learnAddress(decoded(segment));
      else this.add('path', decoded(segment));
    }
    for (const value of new URLSearchParams(query).values()) this.add('query', value);
  }

  #learnHeaders(headers: Readonly<Record<string, string | readonly string[] | undefined>>): void {
    for (const [name, value] of Object.entries(headers)) {
      const text = String(value ?? '');
      if (name === 'x-api-key') this.add('API key', text);
      if (name === 'cookie') this.add('cookie', text.split('=', 2)[1]);
      if (name === 'from') this.#learnAddress(text.replace(/^sips?:/, ''));
      if (name !== 'authorization') continue;
      if (/^digest/i.test(text)) this.#learnDigest(text);
      else this.add('bearer', text.split(' ', 2)[1]);
    }
  }

  #learnDigest(text: string): void {
    for (const [, name = '', value = ''] of text.matchAll(/(username|nonce|cnonce|response|opaque)="([^"]*)"/g)) this.add(name, value);
  }

  #learnAddress(address: string): void {
    this.add('address', address);
    this.add('user name', address.split('@', 2)[0]);
  }

  #learnLeaves(name: string, value: unknown, depth = 0): void {
    if (depth > DEEPEST) return;
    if (typeof value === 'string') {
      if (/^[^@\s]+@[^@\s]+$/.test(value)) this.#learnAddress(value);
      else this.add(name, value);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        if (name === 'dictionary' || name === 'to' || name === 'devices') this.add(`${name} key`, key);
        this.#learnLeaves(Array.isArray(value) ? name : key, inner, depth + 1);
      }
    }
  }

  /** HA1, as DIGEST keeps it (spec auth-and-errors.md §6), of every password that was set. */
  #learnVerifiers(sent: unknown, got: unknown): void {
    const { password, ...asked } = (sent ?? {}) as Record<string, unknown>;
    const { username, realm, domain } = { ...asked, ...(got as object | undefined) } as Record<string, unknown>;
    if (typeof password !== 'string' || typeof username !== 'string') return;
    for (const place of [realm, domain].filter((one) => typeof one === 'string')) {
      for (const algorithm of ['md5', 'sha256']) {
        this.add(`${algorithm} verifier`, createHash(algorithm).update(`${username}:${place}:${password}`).digest('hex'));
      }
    }
  }
}

const jsonOf = (body: unknown): unknown => {
  if (typeof body !== 'string') return Buffer.isBuffer(body) ? undefined : body;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};
