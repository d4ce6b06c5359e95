import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readIsoDate } from './iso-date.ts';

const at = (iso: string) => new Date(iso).toISOString();
const read = (text: string) => {
  const moment = readIsoDate(text);
  return moment === undefined ? undefined : new Date(moment).toISOString();
};

describe('what the table of statistics.md §5 takes', () => {
  test.each([
    ['2017-07-21T17:32:28Z', '2017-07-21T17:32:28Z'],
    ['2017-07-21T17:32:28z', '2017-07-21T17:32:28Z'],
    ['2017-07-21T17:32:28+00:00', '2017-07-21T17:32:28Z'],
    ['2017-07-21T17:32:28+0200', '2017-07-21T15:32:28Z'],
    ['2017-07-21T17:32:28+02', '2017-07-21T15:32:28Z'],
    ['2017-07-21T17:32:28-05:30', '2017-07-21T23:02:28Z'],
    ['2017-07-21T17:32:28.123Z', '2017-07-21T17:32:28.123Z'],
    ['2017-07-21T17:32:28,5Z', '2017-07-21T17:32:28.5Z'],
    ['2017-07-21T17:32:28.123456Z', '2017-07-21T17:32:28.123Z'],
    ['2017-07-21 17:32:28', '2017-07-21T17:32:28Z'],
    ['2017-07-21T17:32', '2017-07-21T17:32:00Z'],
    ['2017-07-21T17', '2017-07-21T17:00:00Z'],
    ['2017-07-21', '2017-07-21T00:00:00Z'],
    ['2017-07', '2017-07-01T00:00:00Z'],
    ['20170721T173228Z', '2017-07-21T17:32:28Z'],
    ['20170721T17:32:28Z', '2017-07-21T17:32:28Z'],
    ['20170721', '2017-07-21T00:00:00Z'],
    ['2017', '2017-01-01T00:00:00Z'],
    ['2017-W29', '2017-07-17T00:00:00Z'],
    ['2017-W29-5', '2017-07-21T00:00:00Z'],
    ['2017W295', '2017-07-21T00:00:00Z'],
    ['2017-202', '2017-07-21T00:00:00Z'],
    ['2020-W53-7', '2021-01-03T00:00:00Z'],
    ['2015-W01-1', '2014-12-29T00:00:00Z'],
    ['2020-366', '2020-12-31T00:00:00Z'],
    ['2017-07-21T24:00', '2017-07-22T00:00:00Z'],
    ['+2017-07-21T00:00:00Z', '2017-07-21T00:00:00Z'],
    ['2016-02-29', '2016-02-29T00:00:00Z'],
  ])('%s', (text, moment) => expect(read(text)).toBe(at(moment)));
});

describe('what it refuses', () => {
  test.each([
    '2017-02-31',
    '2017-02-29',
    '2017-07-21t17:32:28Z',
    '2017-07-21T17:32:60Z',
    '2017-07-21T24:00:00Z',
    '2017-07-21T24:01',
    '2017-07-21T25:00',
    '2017-07-21T17:60',
    '2017-13-01',
    '2017-00-01',
    '2017-07-00',
    '2017-07-21T17:32:28 Z',
    '2017-07-21  17:32:28',
    ' 2017-07-21',
    '2017-07-21T17:32:28Z ',
    '1500658348',
    '1500658348000',
    '21/07/2017',
    '2017-7-1',
    '',
    'T17:32',
    '2017-07-21T',
    '2017-07-21Z',
    '2017-0721',
    '201707',
    '2017-07-21T17:3228',
    '2017-W00',
    '2017-W53',
    '2017-W29-8',
    '2017-000',
    '2017-366',
    '2017-07-21T17:32:28+25:00',
    '-2017-07-21',
    '0000-07-21',
    '9999-12-31T24:00',
    'tomorrow',
  ])('%j', (text) => expect(readIsoDate(text)).toBeUndefined());
});

test('reads back what JavaScript writes', () => {
  const dates = fc.date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') });
  fc.assert(fc.property(dates, (date) => readIsoDate(date.toISOString()) === date.getTime()));
});

test('is right about every day of a week, a year and a month', () => {
  for (let day = Date.UTC(1999, 11, 20); day < Date.UTC(2006, 0, 20); day += 86_400_000) {
    const date = new Date(day);
    const thursday = new Date(day + (3 - ((date.getUTCDay() + 6) % 7)) * 86_400_000);
    const year = thursday.getUTCFullYear();
    const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / 86_400_000 / 7) + 1;
    const ordinal = (day - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000 + 1;
    expect(readIsoDate(`${year}-W${String(week).padStart(2, '0')}-${date.getUTCDay() || 7}`)).toBe(day);
    expect(readIsoDate(`${date.getUTCFullYear()}-${String(ordinal).padStart(3, '0')}`)).toBe(day);
    expect(readIsoDate(date.toISOString().slice(0, 10).replaceAll('-', ''))).toBe(day);
  }
});

test('answers whatever the text', () => {
  const parts = fc.constantFrom('2017', '-', '07', '21', 'T', ' ', ':', 'Z', '+', 'W', '.', ',', '24', '00', '31');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(parts).map((some) => some.join('')),
      ),
      (text) => {
        const moment = readIsoDate(text);
        return moment === undefined || Number.isSafeInteger(moment);
      },
    ),
    { numRuns: 2000 },
  );
});
