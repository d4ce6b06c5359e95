import ipaddr from 'ipaddr.js';

const MAPPED = '::ffff:';

/** As text that can be compared; IPv4 without `::ffff:`. Undefined when it is no address. */
export const plainAddress = (text: string): string | undefined => {
  try {
    return ipaddr.process(text.trim()).toString();
  } catch {
    return undefined;
  }
};

/** Of the peer itself, as the system writes it. */
export const peerAddress = (remote: string | undefined): string =>
  remote === undefined ? '' : remote.startsWith(MAPPED) && remote.includes('.') ? remote.slice(MAPPED.length) : remote;

/** Compares addresses, not texts. */
export const sameAddress = (one: string, other: string): boolean =>
  one === other || (plainAddress(one) ?? one) === (plainAddress(other) ?? other);

/** What counts as one client: an IPv4 address, or the /64 network that an IPv6 client is free to move in. */
export const clientOf = (address: string): string => {
  if (!address.includes(':')) return address;
  try {
    return `${ipaddr.IPv6.parse(address)
      .parts.slice(0, 4)
      .map((part) => part.toString(16))
      .join(':')}::/64`;
  } catch {
    return address;
  }
};

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * Whether an address is one of a list of addresses and networks.
 * @throws Error naming what is neither
 */
export const addressMatcher = (list: readonly string[]): ((address: string) => boolean) => {
  const ranges = list.map(rangeOf);
  if (ranges.length === 0) return () => false;
  const known = new Map<string, boolean>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const found = isWithin(text, ranges);
    if (known.size < 10_000) known.set(text, found);
    return found;
  };
};

const rangeOf = (text: string): Range => {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch (error) {
    throw new Error(`TRUST_PROXY: ${text} is neither an address nor a network`, { cause: error });
  }
};

const isWithin = (text: string, ranges: readonly Range[]): boolean => {
  const plain = plainAddress(text);
  if (plain === undefined) return false;
  const address = ipaddr.parse(plain);
  return ranges.some(([network, bits]) => address.kind() === network.kind() && address.match(network as never, bits));
};
