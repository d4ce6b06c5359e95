import { specFor } from '@flexistream/kernel/spec';
import { describe, expect, test } from '@jest/globals';
import { keepsName, type ReserveName, tombstoneDecider } from './tombstone.ts';

const first = '2026-01-01T00:00:00.000Z';
const second = '2026-02-01T00:00:00.000Z';
const reserve = (at: string): ReserveName => ({ type: 'ReserveName', data: { at }, now: at });
const reserved = (at: string) => ({ type: 'NameReserved', data: { at } }) as const;

describe('a tombstone', () => {
  const tombstone = specFor(tombstoneDecider);
  test('is set by a deletion', () => tombstone.given().when(reserve(first)).then(reserved(first)));
  test('is set once for the same deletion', () => tombstone.given(reserved(first)).when(reserve(first)).thenNothing());
  test('is renewed by the next deletion of that name', () => tombstone.given(reserved(first)).when(reserve(second)).then(reserved(second)));
  test('is not set back by an older one', () => tombstone.given(reserved(second)).when(reserve(first)).thenNothing());

  test('keeps the name for as many days as are set, or for ever', () => {
    const day = 86_400_000;
    const at = Date.parse(first);
    expect(keepsName(first, 7, at + 7 * day - 1)).toBe(true);
    expect(keepsName(first, 7, at + 7 * day)).toBe(false);
    expect(keepsName(first, 0, at + 9_999 * day)).toBe(true);
    expect(keepsName(null, 0, at)).toBe(false);
  });
});
