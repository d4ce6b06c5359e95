import type { Field, Given, Presence } from './field.ts';
import { readIsoDate } from './iso-date.ts';
import { textual } from './text.ts';

/** An ISO 8601 date or date-time (spec statistics.md §5); yields ms since 1970. */
export const isoDate = <const P extends Presence>(presence: P = {} as P): Field<Given<number, P>> =>
  textual(presence, (text, report) => {
    const moment = readIsoDate(text);
    if (moment === undefined) report({ key: 'iso_date' });
    return moment ?? 0;
  });

export interface ExpiryOptions extends Presence {
  /** ms since 1970. */
  readonly now: number;
  /** The stored moment, which may be sent again though it has passed. */
  readonly stored?: number | null;
}

const bareForms = /^\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?$/;
const aDay = 86_400_000;

const startOfDay = (moment: number): number => Math.floor(moment / aDay) * aDay;

/** `YYYY-MM-DD`, `YYYY-MM-DD HH:MM[:SS]` or an ISO 8601 date-time. @returns ms since 1970; a bare date is its 00:00 UTC */
export const expiryMoment = (text: string): number | undefined =>
  bareForms.test(text) || text.includes('T') ? readIsoDate(text) : undefined;

/** `expire_at` of a space: today (UTC) or later; what is no date has both texts (spec spaces.md §5.2, §6). Yields ms since 1970. */
export const expiryDate = <const O extends ExpiryOptions>(options: O): Field<Given<number, O>> =>
  textual(options, (text, report) => {
    const moment = expiryMoment(text);
    if (moment === undefined) report({ key: 'date' });
    if (moment === undefined || (moment < startOfDay(options.now) && moment !== options.stored)) report({ key: 'not_before_today' });
    return moment ?? 0;
  });
