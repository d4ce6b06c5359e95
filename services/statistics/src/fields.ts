import { type Call, type Fields, parse, sipAddress, text, trim, type ValueOf } from '@flexistream/http';
import { isoMoment } from '@flexistream/kernel';

/** Flexisip's id of a call or a message: opaque, letter case counts (spec statistics.md §6). */
export const id = text({ required: true, max: 64 });
/** `user@domain`. */
export const address = sipAddress({ required: true, max: 256 });
export const conferenceId = text({ max: 1_024 });

/** Parameters of paths by the names that answers give them. */
const pathFields = {
  call_id: { parameter: 'call', field: id },
  message_id: { parameter: 'message', field: id },
  to: { parameter: 'to', field: address },
  /** Kept as received, quotes and brackets too; push tokens serve as device ids as well. */
  device_id: { parameter: 'device', field: text({ required: true, max: 255 }) },
} as const;

type PathName = keyof typeof pathFields;
type PathValues<N extends PathName> = { readonly [P in N]: ValueOf<{ [Q in P]: (typeof pathFields)[P]['field'] }>[P] };

/**
 * Reads path and body as one, so that a 422 lists every problem. Outer blanks of parameters are no part of them (spec statistics.md §6);
 * no member of the body stands in for a parameter.
 */
export const pathAndBody = <const N extends PathName, const F extends Fields>(names: readonly N[], fields: F) => {
  const all: Fields = { ...Object.fromEntries(names.map((name) => [name, pathFields[name].field])), ...fields };
  return ({ params, body }: Call): PathValues<N> & ValueOf<F> => {
    const inPath = Object.fromEntries(names.map((name) => [name, trim(params[pathFields[name].parameter] ?? '')]));
    return parse(all, { ...body, ...inPath }) as PathValues<N> & ValueOf<F>;
  };
};

/** ISO 8601, UTC, milliseconds, as events keep moments. */
export const isoOrNull = (at: number | null | undefined): string | null => (at === null || at === undefined ? null : isoMoment(at));
