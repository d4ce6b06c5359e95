import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isoOf, momentOf, momentOrNull } from './moments.ts';

test('has six digits after the point', () => {
  expect(momentOf('2025-06-17T09:27:02.000Z')).toBe('2025-06-17T09:27:02.000000Z');
  expect(momentOf('2025-06-17T09:27:02.123Z')).toBe('2025-06-17T09:27:02.123000Z');
  expect(momentOf(Date.UTC(2025, 5, 17, 9, 27, 2))).toBe('2025-06-17T09:27:02.000000Z');
  expect(momentOf('2025-06-17T09:27:02Z')).toBe('2025-06-17T09:27:02.000000Z');
});

test('keeps null', () => {
  expect(momentOrNull(null)).toBeNull();
  expect(momentOrNull(0)).toBe('1970-01-01T00:00:00.000000Z');
});

test('comes back as it was', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') }), (date) => {
      expect(isoOf(momentOf(date.toISOString()))).toBe(date.toISOString());
      expect(momentOf(isoOf(momentOf(date.getTime())))).toBe(momentOf(date.getTime()));
    }),
  );
});
