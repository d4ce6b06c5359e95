import type { LiveSpace, Space } from '../space/space.ts';

/** All spaces by id, deleted ones until they are erased. */
export interface Register {
  readonly spaces: ReadonlyMap<string, Space>;
  /** The number of the newest space, 0 before the first. */
  readonly newest: number;
}

export type UniqueField = 'name' | 'domain' | 'host';

interface Index {
  /** In order of creation. */
  readonly live: readonly LiveSpace[];
  readonly by: Readonly<Record<UniqueField, ReadonlyMap<string, LiveSpace>>>;
}

const indexes = new WeakMap<Register, Index>();

/** Made once for each state of the register: hosts are looked up at every request. */
const indexOf = (register: Register): Index => {
  const known = indexes.get(register);
  if (known !== undefined) return known;
  const live = [...register.spaces.values()].filter((space) => space.status === 'live').sort((a, b) => a.number - b.number);
  const by = {
    name: new Map(live.map((space) => [comparable(space.settings.name), space])),
    domain: new Map(live.map((space) => [space.domain, space])),
    host: new Map(live.map((space) => [space.settings.host, space])),
  };
  const made = { live, by };
  indexes.set(register, made);
  return made;
};

/** Names are compared without case; domains and hosts are in lower case anyway (spec spaces.md §5). */
const comparable = (name: string): string => name.normalize('NFC').toLowerCase();

/** In order of creation. */
export const liveSpaces = (register: Register): readonly LiveSpace[] => indexOf(register).live;

export const superSpaces = (register: Register): LiveSpace[] => liveSpaces(register).filter(({ settings }) => settings.super);

export const liveSpace = ({ spaces }: Register, id: string): LiveSpace | undefined => {
  const space = spaces.get(id);
  return space?.status === 'live' ? space : undefined;
};

export const spaceWith = (register: Register, field: UniqueField, value: string): LiveSpace | undefined =>
  indexOf(register).by[field].get(field === 'name' ? comparable(value) : value);

/** The fields whose value another space than `id` has, in the order of spec spaces.md §5. */
export const takenIn = (register: Register, id: string, wanted: { readonly [F in UniqueField]?: string | undefined }): UniqueField[] =>
  (['name', 'domain', 'host'] as const).filter((field) => {
    const value = wanted[field];
    const holder = value === undefined ? undefined : spaceWith(register, field, value);
    return holder !== undefined && holder.id !== id;
  });

export const isLastSuper = (register: Register, id: string): boolean => {
  const all = superSpaces(register);
  return all.length === 1 && all[0]?.id === id;
};
