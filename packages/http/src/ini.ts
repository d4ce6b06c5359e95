/** An INI text as provisioning reads it (spec provisioning-and-vcards.md §8). Sections and keys keep the order in which they first came. */
export interface Ini {
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Something could not be read, or stood before the first section; what is stored already is served without it. */
  readonly faulty: boolean;
}

type Line =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'fault' }
  | { readonly kind: 'section'; readonly name: string }
  | { readonly kind: 'entry'; readonly key: string; readonly value: string };

const nothing: Line = { kind: 'nothing' };
const fault: Line = { kind: 'fault' };

/**
 * Our own reader: the rules are those of PHP's, less its expansions. The `ini` package takes `#` for a comment but not a `;` inside a value,
 * nests sections at dots, makes `true` of a key without `=`, and its objects move keys that look like integers.
 * Repeated sections are merged; of a repeated key the last value stands at the first place.
 */
export const readIni = (text: string): Ini => {
  const sections = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  let faulty = false;
  for (const line of text.split(/\r\n|\n|\r/).map(readLine)) {
    if (line.kind === 'section') {
      current = sections.get(line.name) ?? new Map();
      sections.set(line.name, current);
    } else if (line.kind === 'entry' && current !== undefined) current.set(line.key, line.value);
    else if (line.kind !== 'nothing') faulty = true;
  }
  return { sections, faulty };
};

const section = /^\[([^\]]+)\]\s*(?:;.*)?$/;
/** Characters that no key may hold; a `[` would make it a list. */
const forbidden = /[{}|&~!()^"[\]]/;

const readLine = (raw: string): Line => {
  const line = raw.trim();
  if (line === '' || line.startsWith(';')) return nothing;
  if (line.startsWith('[')) return readSection(line);
  const equals = line.indexOf('=');
  const comment = line.indexOf(';');
  if (equals === -1 || (comment !== -1 && comment < equals)) return nothing; // a key without a value
  const key = line.slice(0, equals).trim();
  const value = readValue(line.slice(equals + 1).trim());
  return key === '' || forbidden.test(key) || value === undefined ? fault : { kind: 'entry', key, value };
};

const readSection = (line: string): Line => {
  const name = section.exec(line)?.[1]?.trim() ?? '';
  return name === '' ? fault : { kind: 'section', name };
};

/** A quoted piece, a piece without quotes (an apostrophe that nothing closes is a letter), or the comment that ends the value. */
const piece = /"((?:[^"\\]|\\.)*)"|'([^']*)'|([^"';]+|')|;.*/gy;

const words = new Map([
  ...['true', 'on', 'yes'].map((word) => [word, '1'] as const),
  ...['false', 'off', 'no', 'none', 'null'].map((word) => [word, ''] as const),
]);

/** Undefined when a quote is not closed. Nothing is expanded: `${HOME}` stays as it is. */
const readValue = (text: string): string | undefined => {
  const pieces = text.matchAll(piece);
  let value = '';
  let length = 0;
  let quoted = false;
  let blanks = '';
  for (const [whole, double, single, bare] of pieces) {
    length += whole.length;
    const read = double?.replace(/\\(["\\])/g, '$1') ?? single ?? bare?.trimEnd();
    if (read === undefined) continue; // the comment
    quoted ||= bare === undefined;
    value += blanks + read;
    blanks = bare?.slice(read.length) ?? '';
  }
  if (length < text.length) return undefined;
  return quoted ? value : (words.get(value.toLowerCase()) ?? value);
};
