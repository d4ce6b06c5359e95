/**
 * ISO 8601 as the contract reads it (spec statistics.md §5): calendar, week and ordinal dates, basic and extended,
 * `T` or one blank before the time, fractions with dot or comma, zones; without a zone it is UTC.
 * `24:00` is the next midnight; a 31st of February, second 60 and lower-case `t` are none.
 * @returns ms since 1970, or undefined
 */
export const readIsoDate = (text: string): number | undefined => {
  const [, date = '', time] = /^\+?([0-9W-]+)(?:[T ](.*))?$/.exec(text) ?? [];
  const day = dayOf(date);
  const part = time === undefined ? 0 : timeOf(time);
  if (day === undefined || part === undefined) return undefined;
  const moment = day + part;
  // Years of four digits, after the zone too: what is stored and sent is never written otherwise.
  return moment >= firstMoment && moment <= lastMoment ? moment : undefined;
};

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const firstMoment = Date.parse('0001-01-01T00:00:00.000Z');
const lastMoment = Date.parse('9999-12-31T23:59:59.999Z');

const calendarDate = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?|(\d\d)(\d\d))?$/;
const weekDate = /^(\d{4})(?:-W(\d\d)(?:-([1-7]))?|W(\d\d)([1-7])?)$/;
const ordinalDate = /^(\d{4})-?(\d{3})$/;

const dayOf = (text: string): number | undefined => {
  const [, year, month, date, basicMonth, basicDate] = calendarDate.exec(text) ?? [];
  if (year !== undefined) return calendarDay(year, month ?? basicMonth ?? '01', date ?? basicDate ?? '01');
  const [, weekYear, week, weekday, basicWeek, basicWeekday] = weekDate.exec(text) ?? [];
  if (weekYear !== undefined) return weekDay(weekYear, Number(week ?? basicWeek), Number(weekday ?? basicWeekday ?? 1));
  const [, ordinalYear, ordinal] = ordinalDate.exec(text) ?? [];
  return ordinalYear === undefined ? undefined : ordinalDay(ordinalYear, Number(ordinal));
};

const calendarDay = (year: string, month: string, date: string): number | undefined => {
  const moment = Date.parse(`${year}-${month}-${date}T00:00:00.000Z`);
  // JavaScript takes a 31st of February for a day of March.
  return new Date(moment).getUTCDate() === Number(date) ? moment : undefined;
};

const newYear = (year: string | number): number => Date.parse(`${String(year).padStart(4, '0')}-01-01T00:00:00.000Z`);

const ordinalDay = (year: string, ordinal: number): number | undefined => {
  const moment = newYear(year) + (ordinal - 1) * day;
  return ordinal >= 1 && new Date(moment).getUTCFullYear() === Number(year) ? moment : undefined;
};

/** Monday of the week that holds 4 January (ISO 8601). */
const firstMonday = (year: number): number => {
  const fourth = newYear(year) + 3 * day;
  return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * day;
};

const weekDay = (year: string, week: number, weekday: number): number | undefined => {
  const monday = firstMonday(Number(year)) + (week - 1) * 7 * day;
  // The year of its Thursday is the year of a week.
  const thursday = new Date(monday + 3 * day).getUTCFullYear();
  return week >= 1 && thursday === Number(year) ? monday + (weekday - 1) * day : undefined;
};

const timePattern = /^(\d\d)(?:(:?)(\d\d)(?:\2(\d\d))?)?(?:[.,](\d+))?([zZ]|[+-]\d\d(?::?\d\d)?)?$/;

/** ms since midnight UTC, negative or above a day where the zone makes it so. */
const timeOf = (text: string): number | undefined => {
  const [, hours, , minutes, seconds, fraction, zone] = timePattern.exec(text) ?? [];
  const offset = zoneOf(zone);
  if (hours === undefined || offset === undefined) return undefined;
  if (hours === '24') return minutes === '00' && seconds === undefined && fraction === undefined ? day - offset : undefined;
  if (Number(hours) > 23 || Number(minutes ?? 0) > 59 || Number(seconds ?? 0) > 59) return undefined;
  const whole = Number(hours) * hour + Number(minutes ?? 0) * minute + Number(seconds ?? 0) * 1000;
  return whole + fractionOf(fraction, seconds !== undefined ? 1000 : minutes !== undefined ? minute : hour) - offset;
};

/** A fraction belongs to the last part that was given; what is finer than a millisecond is cut. */
const fractionOf = (digits: string | undefined, unit: number): number =>
  digits === undefined ? 0 : Math.floor(Number(`0.${digits}`) * unit);

const zoneOf = (zone: string | undefined): number | undefined => {
  if (zone === undefined || zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || 0);
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * hour + minutes * minute);
};
