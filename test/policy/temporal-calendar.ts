// A second opinion on calendars for the tests: the same questions answered by @js-temporal/polyfill, which shares no
// code with the product. Local days are numbered from the first of a range.
import { Temporal } from '@js-temporal/polyfill';
import { parsePeriod } from '../../src/policy/period.ts';
import type { StatedPeriod } from '../../src/policy/policy.ts';

/** A period that tests know to be right. */
export function stated(iso: string): StatedPeriod {
  const read = parsePeriod(iso);
  if ('mistake' in read) throw new Error(read.mistake);
  if (read.period.kind === 'unstated' || read.period.kind === 'forever') throw new Error(`${iso} has no end`);
  return read.period;
}

/** Every day from `first` to `last`, both included. */
function daysBetween(first: string, last: string): Temporal.PlainDate[] {
  const end = Temporal.PlainDate.from(last);
  const days: Temporal.PlainDate[] = [];
  for (let day = Temporal.PlainDate.from(first); Temporal.PlainDate.compare(day, end) <= 0; ) {
    days.push(day);
    day = day.add({ days: 1 });
  }
  return days;
}

/** The first instant of local days in one zone, each asked of Temporal once. */
function dayStarts(zone: string): (day: Temporal.PlainDate) => number {
  const known = new Map<string, number>();
  return day => {
    const name = day.toString();
    let ms = known.get(name);
    if (ms === undefined) {
      ms = day.toZonedDateTime(zone).epochMilliseconds;
      known.set(name, ms);
    }
    return ms;
  };
}

/** The day after the one on which a period ends, for a start on `day`. */
function dayAfterPeriod(day: Temporal.PlainDate, iso: string): Temporal.PlainDate {
  return day.add(Temporal.Duration.from(iso), { overflow: 'constrain' }).add({ days: 1 });
}

/** For one zone: what Temporal says of each day of a range and each period. */
interface CalendarTable {
  readonly days: readonly Temporal.PlainDate[];
  /** First instant of each day, and of the day after the last. */
  readonly starts: readonly number[];
  /** For each period, the expiry of each day. */
  readonly expiries: ReadonlyMap<string, readonly number[]>;
}

/** Calendar arithmetic is the same in every zone: counted once for each range and period. */
const ranges = new Map<string, readonly Temporal.PlainDate[]>();

function remembered(name: string, count: () => readonly Temporal.PlainDate[]): readonly Temporal.PlainDate[] {
  const known = ranges.get(name) ?? count();
  ranges.set(name, known);
  return known;
}

export function calendarTable(
  zone: string,
  first: string,
  last: string,
  periods: readonly string[],
): CalendarTable {
  const startOf = dayStarts(zone);
  const range = `${first} ${last}`;
  const days = remembered(range, () => daysBetween(first, last));
  const after = Temporal.PlainDate.from(last).add({ days: 1 });
  const endsOf = (iso: string): readonly number[] =>
    remembered(`${range} ${iso}`, () => days.map(day => dayAfterPeriod(day, iso))).map(startOf);
  return {
    days,
    starts: [...days, after].map(startOf),
    expiries: new Map(periods.map(iso => [iso, endsOf(iso)])),
  };
}

/** Zones that have done things to midnight, and the years in which they did. */
export const NASTY_RANGES: readonly (readonly [zone: string, first: string, last: string])[] = [
  ['Pacific/Apia', '2011-01-01', '2012-12-31'],
  ['Pacific/Kiritimati', '1994-06-01', '1995-12-31'],
  ['America/Sao_Paulo', '2012-01-01', '2019-12-31'],
  ['America/Havana', '2006-01-01', '2014-12-31'],
  ['Africa/Cairo', '2006-01-01', '2012-12-31'],
  ['Africa/Cairo', '2022-06-01', '2025-12-31'],
  ['Australia/Lord_Howe', '2006-01-01', '2010-12-31'],
  ['Asia/Gaza', '2008-01-01', '2017-12-31'],
  ['Pacific/Chatham', '2006-01-01', '2010-12-31'],
  ['America/St_Johns', '2004-01-01', '2012-12-31'],
  ['America/Moncton', '2002-01-01', '2008-12-31'],
  ['America/Goose_Bay', '1987-01-01', '1990-12-31'],
  ['Antarctica/Casey', '2009-01-01', '2012-12-31'],
  ['America/Nuuk', '2021-01-01', '2025-12-31'],
];

export const PERIODS: readonly string[] = ['P30D', 'P24M', 'P2Y', 'P7Y', 'P1M', 'P18M'];

/** Where only the zone is in question: one period counted in days, and one in months. */
export const SHORT_PERIODS: readonly string[] = ['P30D', 'P1M'];
