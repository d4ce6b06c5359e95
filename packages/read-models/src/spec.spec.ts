import { describe, expect, test } from '@jest/globals';
import { foldDocument, followingProjection } from './projection.ts';
import { viewSpec } from './spec.ts';
import { burnt, cursed, type LetterEvent, letterEvents, lettersView, read, written } from './spec-support/letters.ts';

const letters = viewSpec(lettersView());

describe('the spec of a view', () => {
  test('finds the document that the facts lead to', () =>
    letters.given(written('1'), read('1'), read('1')).delivered(2).then('letters', '1', { to: 'Jane', read: 2 }));
  test('finds what is added up', () =>
    letters.given(written('1'), written('2'), burnt('1')).delivered(3).then('totals', 'Jane', { written: 2 }));
  test('finds nothing of what was dropped', () => letters.given(written('1'), burnt('1')).delivered(2).thenNothing('letters', '1'));
  test('finds all documents', () =>
    letters
      .given(written('1'), { ...written('2', 'Bob'), stream: 'letter-2' })
      .thenAll('letters', { to: 'Jane', read: 0 }, { to: 'Bob', read: 0 }));

  test('goes red where the document differs', async () => {
    await expect(letters.given(written('1')).then('letters', '1', { to: 'Jane', read: 1 })).rejects.toThrow('toEqual');
    await expect(letters.given(written('1')).thenNothing('letters', '1')).rejects.toThrow('toBeUndefined');
    await expect(letters.given(written('1')).thenAll('letters')).rejects.toThrow('toHaveLength');
  });

  test('goes red where the projection throws', async () => {
    await expect(letters.given(cursed('1')).thenNothing('letters', '1')).rejects.toThrow('cursed: 1');
  });

  test('goes red where a second delivery changes the view', async () => {
    let deliveries = 0;
    const careless = followingProjection<LetterEvent>(
      { name: 'careless', version: 1, collections: [{ name: 'letters', indexes: [] }] },
      letterEvents,
      { LetterWritten: ({ data }) => foldDocument('letters', `${data.id} ${deliveries++}`, () => ({ to: data.to })) },
    );
    await expect(viewSpec(careless).given(written('1')).thenAll('letters', { to: 'Jane' })).rejects.toThrow('toHaveLength');
  });
});
