const milliseconds = /^(.*\.\d{3})Z$/;

/** `2025-06-17T09:27:02.000000Z` of an ISO text with milliseconds or of ms since 1970: every moment in an answer (spec auth-and-errors.md §11). */
export const momentOf = (at: string | number): string => toIso(at).replace(milliseconds, '$1000Z');

const toIso = (at: string | number): string => (typeof at === 'string' && milliseconds.test(at) ? at : new Date(at).toISOString());

/** As `momentOf`; null stays null. */
export const momentOrNull = (at: string | number | null | undefined): string | null =>
  at === null || at === undefined ? null : momentOf(at);

/** The ISO text with milliseconds (`2025-06-17T09:27:02.123Z`) of a moment with six digits; what is finer than a millisecond is cut. */
export const isoOf = (moment: string): string => moment.replace(/(\.\d{3})\d+Z$/, '$1Z');
