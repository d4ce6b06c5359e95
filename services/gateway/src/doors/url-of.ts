import type { AddressInfo } from 'node:net';

/** Where a door can be reached. */
export const urlOf = (scheme: 'http' | 'https', { address, family, port }: AddressInfo): string =>
  `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
