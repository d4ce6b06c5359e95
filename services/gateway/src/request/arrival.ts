import { peerAddress, plainAddress } from './address.ts';
import { headerOf } from './header-text.ts';
import type { Incoming } from './incoming.ts';
import { http2Stream } from './incoming.ts';

/** Where a request comes from and how it was addressed, proxies seen through. */
export interface Arrival {
  /** The client's; IPv4 without `::ffff:`. */
  readonly address: string;
  readonly secure: boolean;
  /** `Host`, `:authority` or what a trusted proxy says of it; with port. */
  readonly authority: string | undefined;
  /** Given by a trusted proxy. */
  readonly requestId: string | undefined;
  /** W3C, from a trusted proxy only: strangers must not join our traces. */
  readonly traceparent: string | undefined;
}

const wellFormedId = /^[A-Za-z0-9._:+/=-]{1,128}$/;

export const arrivalOf = (request: Incoming, authority: string | undefined, isTrusted: (address: string) => boolean): Arrival => {
  const socket = http2Stream(request)?.session?.socket ?? request.socket;
  const peer = peerAddress(socket?.remoteAddress);
  const secure = socket !== undefined && 'encrypted' in socket;
  const addressed = authority ?? headerOf(request.headers[':authority']) ?? request.headers.host;
  return isTrusted(peer)
    ? forwarded(request.headers, { peer, secure, authority: addressed }, isTrusted)
    : { address: peer, secure, authority: addressed, requestId: undefined, traceparent: undefined };
};

const forwarded = (
  headers: Incoming['headers'],
  direct: { peer: string; secure: boolean; authority: string | undefined },
  isTrusted: (address: string) => boolean,
): Arrival => {
  const { address, hops } = clientBehind(direct.peer, listOf(headers['x-forwarded-for']), isTrusted);
  // A proxy appends to these lists or replaces them: what the outermost trusted one said stands `hops` from the end.
  const said = (name: string): string | undefined => {
    const list = listOf(headers[name]);
    return list[Math.max(0, list.length - hops)];
  };
  const id = headerOf(headers['x-request-id']);
  const scheme = said('x-forwarded-proto')?.toLowerCase();
  return {
    address,
    secure: scheme === undefined ? direct.secure : scheme === 'https',
    authority: said('x-forwarded-host') ?? direct.authority,
    requestId: id !== undefined && wellFormedId.test(id) ? id : undefined,
    traceparent: headerOf(headers.traceparent),
  };
};

/** From the right: the first address that is no proxy of ours. What stands further left anybody may have written. */
const clientBehind = (peer: string, list: readonly string[], isTrusted: (address: string) => boolean) => {
  let address = peer;
  let hops = 1;
  for (const text of list.toReversed()) {
    const next = plainAddress(text.replace(/^\[(.*)\](?::\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1'));
    if (next === undefined) break;
    address = next;
    if (!isTrusted(next)) break;
    hops++;
  }
  return { address, hops };
};

const listOf = (value: string | readonly string[] | undefined): string[] =>
  (typeof value === 'string' ? value : (value?.join(',') ?? ''))
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
