import { z } from 'zod';
import type { EventReader } from './decider.ts';

type AnyObject = z.ZodType<object>;

/** One type of event: the version that is written now, its schema, and how each older version becomes the next one. */
export interface EventType<S extends AnyObject = AnyObject> {
  readonly version: number;
  readonly schema: S;
  /** `upcast[1]` turns the data of version 1 into that of version 2. */
  readonly upcast: Readonly<Record<number, (data: object) => object>>;
}

export const event = <S extends AnyObject>(
  version: number,
  schema: S,
  upcast: Record<number, (data: object) => object> = {},
): EventType<S> => ({
  version,
  schema,
  upcast,
});

/**
 * The sealed part of an event: personal and secret fields as one object, which reads as `'erased'` once its subject's
 * key is destroyed (design §4). An event has at most one, always under the name `personal`.
 */
export const sealed = <S extends z.ZodObject>(schema: S) => z.union([schema, z.literal('erased')]);

type Catalogue = Readonly<Record<string, EventType>>;

/** The union of facts that a catalogue describes. */
export type FactOf<C extends Catalogue> = {
  [T in keyof C & string]: { readonly type: T; readonly data: z.infer<C[T]['schema']> };
}[keyof C & string];

export interface EventCatalogue<C extends Catalogue> extends EventReader<FactOf<C>> {
  readonly types: C;
}

/** Golden files hold every version ever written; `read` upcasts on every read, the log is never edited. */
export const eventCatalogue = <const C extends Catalogue>(types: C): EventCatalogue<C> => ({
  types,
  version: (type) => types[type]?.version ?? 1,
  read: ({ type, schema, data }) => {
    const known = types[type];
    if (known === undefined || schema > known.version) return undefined;
    let current = data;
    for (let version = schema; version < known.version; version++) current = known.upcast[version]?.(current) ?? current;
    return { type, data: current } as FactOf<C>;
  },
});
