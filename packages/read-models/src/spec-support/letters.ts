import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { event, eventCatalogue, type FactOf, type NewEvent, uuidv7 } from '@flexistream/kernel';
import { InProcessWriter } from '@flexistream/sqlite';
import { z } from 'zod';
import { openServiceStore, type ServiceStore } from '../embedded/index.ts';
import { add, drop, foldDocument, followingProjection, inlineProjection, patch, put } from '../projection.ts';

/** A small world for the specs of what runs projections: letters that are written, read and burnt. */
export const letterEvents = eventCatalogue({
  LetterWritten: event(1, z.object({ id: z.string(), to: z.string() })),
  LetterRead: event(1, z.object({ id: z.string() })),
  LetterBurnt: event(1, z.object({ id: z.string() })),
  LetterCursed: event(1, z.object({ id: z.string() })),
});
export type LetterEvent = FactOf<typeof letterEvents.types>;

const collections = [
  { name: 'letters', indexes: [['to']] },
  { name: 'totals', indexes: [] },
];

interface Letter {
  readonly [field: string]: unknown;
  readonly to: string;
  readonly read: number;
}

/** `cured` tells whether cursed letters can be taken in. */
export const lettersView = (cured: () => boolean = () => false) =>
  followingProjection<LetterEvent>({ name: 'letters', version: 1, collections }, letterEvents, {
    LetterWritten: ({ data }) => [put('letters', data.id, { to: data.to, read: 0 }), add('totals', data.to, { written: 1 })],
    LetterRead: ({ data }) => foldDocument<Letter>('letters', data.id, (letter) => letter && { ...letter, read: letter.read + 1 }),
    LetterBurnt: ({ data }) => [drop('letters', data.id), add('totals', 'burnt', { count: 1 })],
    LetterCursed: ({ data }) => {
      if (!cured()) throw new Error(`cursed: ${data.id}`);
      return [patch('letters', data.id, { cursed: true }), add('totals', 'cursed', { count: 1 })];
    },
  });

export const inlineLetters = inlineProjection<LetterEvent>({ name: 'inline-letters', version: 1, collections }, letterEvents, {
  LetterWritten: ({ data }) => [put('letters', data.id, { to: data.to, read: 0 }), add('totals', data.to, { written: 1 })],
  LetterRead: ({ data }) => add('letters', data.id, { read: 1 }),
  LetterBurnt: ({ data }) => [drop('letters', data.id), add('totals', 'burnt', { count: 1 })],
});

export const written = (id: string, to = 'Jane'): LetterEvent => ({ type: 'LetterWritten', data: { id, to } });
export const read = (id: string): LetterEvent => ({ type: 'LetterRead', data: { id } });
export const burnt = (id: string): LetterEvent => ({ type: 'LetterBurnt', data: { id } });
export const cursed = (id: string): LetterEvent => ({ type: 'LetterCursed', data: { id } });

export const asEvent = ({ type, data }: LetterEvent): NewEvent => ({
  id: uuidv7(),
  type,
  schema: 1,
  data,
  metadata: { command: uuidv7(), correlation: uuidv7(), actor: 'public', at: '2026-01-01T00:00:00.000Z' },
});

export interface LetterStore extends ServiceStore, AsyncDisposable {
  /** Appends to the letter's own stream; answers the position. */
  tell(...facts: readonly LetterEvent[]): Promise<number>;
}

/** A service store in a folder of its own, without a thread. */
export const letterStore = async (): Promise<LetterStore> => {
  const folder = await mkdtemp(join(tmpdir(), 'flexistream-letters-'));
  const writer = new InProcessWriter();
  const store = await openServiceStore({ file: join(folder, 'letters.db'), writer });
  return {
    ...store,
    tell: async (...facts) => {
      let position = 0;
      for (const fact of facts) {
        ({ position } = await store.eventStore.append(`letter-${fact.data.id}`, [asEvent(fact)], { expect: 'any' }));
      }
      return position;
    },
    [Symbol.asyncDispose]: async () => {
      await writer.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
};
