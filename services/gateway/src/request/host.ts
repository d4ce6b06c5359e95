import { BoundedMap } from '@flexistream/kernel';
import ipaddr from 'ipaddr.js';

export interface Host {
  /** Lower case, without port and final dot. */
  readonly name: string;
  /** An address or `localhost`: the default space stands in (spec auth-and-errors.md §4). */
  readonly standsIn: boolean;
}

const registeredName = /^[a-z0-9_](?:[a-z0-9_.-]{0,252}[a-z0-9_])?$/;
const parts = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::\d{0,5})?$/;

/** The host name of `Host` or `:authority`; undefined when it is malformed or missing. */
export const parseHost = (authority: string | undefined): Host | undefined => {
  if (authority === undefined) return undefined;
  const [, bare] = parts.exec(authority.toLowerCase()) ?? [];
  if (bare === undefined) return undefined;
  if (bare.startsWith('[')) {
    const address = bare.slice(1, -1);
    return ipaddr.IPv6.isValid(address) ? { name: address, standsIn: true } : undefined;
  }
  const name = bare.endsWith('.') ? bare.slice(0, -1) : bare;
  if (!registeredName.test(name)) return undefined;
  return { name, standsIn: name === 'localhost' || ipaddr.IPv4.isValidFourPartDecimal(name) };
};

/** The same few hosts come again and again. */
export const hostReader = (): ((authority: string | undefined) => Host | undefined) => {
  const known = new BoundedMap<string, Host>(1000);
  return (authority) => {
    const before = known.get(authority ?? '');
    if (before !== undefined) return before;
    const host = parseHost(authority);
    if (host !== undefined) known.set(authority ?? '', host);
    return host;
  };
};
