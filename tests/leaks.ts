/** A used value by what it is, e.g. `jane@example.org` → `email`. */
export type Used = ReadonlyMap<string, string>;

/** Shorter ones stand in any text by chance; in what is read as base64 or hex, which may be random bytes, those do too that are not much longer. */
export const SHORTEST = 4;
const SHORTEST_DECODED = 7;

const BASE64_RUN = /[A-Za-z0-9+/_-]{6,}={0,2}/g;
const DIGEST = /^[0-9a-f]{32,64}$/;
const HEX_RUN = /(?:[0-9a-f]{2}){4,}/gi;

/** Looks for many values in bytes at once, in either case of ASCII: as they are, percent-encoded, as a JSON text, in base64 and base64url, in hex. */
export const leakFinder = (used: Used): ((bytes: Buffer) => string[]) => {
  const inText = searchFor(used);
  const inDecoded = searchFor(new Map([...used].filter(([value]) => value.length >= SHORTEST_DECODED)));
  const inHex = searchFor(new Map([...used].filter(([value]) => DIGEST.test(value)))); // a digest may be kept as bytes
  return (bytes) => {
    const { texts, decoded, hexes } = readingsOf(bytes);
    const found = [...[...texts].flatMap(inText), ...[...decoded].flatMap(inDecoded), ...[...hexes].flatMap(inHex)];
    return [...new Set(found)].sort();
  };
};

const searchFor = (used: Used): ((text: string) => string[]) => {
  const byStart = new Map<string, { readonly wanted: string; readonly what: string }[]>();
  for (const [value, what] of used) {
    const wanted = latin(value);
    if (wanted.length < SHORTEST) continue;
    const start = wanted.slice(0, SHORTEST);
    byStart.set(start, [...(byStart.get(start) ?? []), { wanted, what }]);
  }
  return (text) => {
    const found = new Set<string>();
    for (let at = 0; at <= text.length - SHORTEST; at++) {
      for (const { wanted, what } of byStart.get(text.slice(at, at + SHORTEST)) ?? []) {
        if (text.startsWith(wanted, at)) found.add(`${what}: ${wanted}`);
      }
    }
    return [...found];
  };
};

/** Byte for byte, so that what is no text is compared too. */
const latin = (text: string): string => Buffer.from(text.toLowerCase()).toString('latin1').toLowerCase();

interface Readings {
  readonly texts: ReadonlySet<string>;
  /** From base64 and hex. */
  readonly decoded: ReadonlySet<string>;
  readonly hexes: ReadonlySet<string>;
}

/** Everything that bytes may say, once each. */
const readingsOf = (bytes: Buffer): Readings => {
  const plain = bytes.toString('latin1');
  const coded = [...plain.matchAll(BASE64_RUN)].flatMap(([run]) => [0, 1, 2, 3].map((shift) => Buffer.from(run.slice(shift), 'base64')));
  const texts = [
    plain,
    plain.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    plain.replaceAll(/\\u([0-9a-f]{4})/gi, (_, hex: string) =>
      Buffer.from(String.fromCharCode(Number.parseInt(hex, 16))).toString('latin1'),
    ),
    plain.replaceAll(/\\+(["/])/g, '$1'),
  ];
  const decoded = [...[...plain.matchAll(HEX_RUN)].map(([run]) => Buffer.from(run, 'hex')), ...coded];
  return {
    texts: new Set(texts.map((text) => text.toLowerCase())),
    decoded: new Set(decoded.map((read) => read.toString('latin1').toLowerCase())),
    hexes: new Set([bytes, ...coded].map((read) => read.toString('hex'))),
  };
};
