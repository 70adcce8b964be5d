// When a period ends, and its exact inverse. Periods are counted in whole local days: the day of the event is not
// counted, and a period ends with the last hour of the corresponding date, or of the month's last day where the
// month has no such date (Regulation (EEC) No 1182/71, Article 3; the corresponding date rule of English law).
import { DateTime } from 'luxon';
import type { StatedPeriod, YearEnd } from './policy.ts';
import { firstInstantOfWall, wallOfInstant } from './wall-time.ts';

type CalendarPeriod = Extract<StatedPeriod, { kind: 'calendar' }>;

/**
 * The first instant at which a period that started at `startMs` is over, in ms. It never decreases as `startMs`
 * grows, which is what lets one cutoff split a table exactly. With `yearEnd` the period is counted from the end of the
 * year in which it started, and not from the day.
 */
export function expiry(startMs: number, period: StatedPeriod, zone: string, yearEnd?: YearEnd): number {
  if (period.kind === 'exact') return startMs + period.ms;
  return endOfPeriod(localDay(startMs, zone), period, zone, yearEnd);
}

/** The first instants at which local days begin in a zone, of those that begin after one instant and before another. */
export function daysBeginning(afterMs: number, beforeMs: number, zone: string): number[] {
  const first = Math.floor(wallOfInstant(afterMs, zone) / DAY_MS);
  const begins: number[] = [];
  for (let day = first; day * DAY_MS - WIDEST_MS < beforeMs; day += 1) {
    const beginMs = firstInstantOfWall(day * DAY_MS, zone);
    if (beginMs > afterMs && beginMs < beforeMs) begins.push(beginMs);
  }
  return begins;
}

const DAY_MS = 86_400_000;
/** No clock is further from UTC than this. */
const WIDEST_MS = DAY_MS;

/**
 * The instant before which a record must have started for its period to be over at `horizonMs`:
 * `expiry(start) <= horizonMs` exactly when `start < cutoff(horizonMs)`, in ms.
 */
export function cutoff(horizonMs: number, period: StatedPeriod, zone: string, yearEnd?: YearEnd): number {
  if (period.kind === 'exact') return horizonMs - period.ms + 1;
  // Clamped months and ends of years make several days expire together, so the answer is searched for from a little after it.
  const { years, months, weeks, days } = period;
  const guess = dateOf(localDay(horizonMs, zone)).minus({ years, months, weeks, days }).plus({ days: 4 });
  let day = guess.toMillis() / DAY_MS;
  while (endOfPeriod(day, period, zone, yearEnd) > horizonMs) day -= 1;
  return firstInstantOfWall((day + 1) * DAY_MS, zone);
}

/**
 * The local calendar day of an instant, counted from 1970-01-01, so that no zone's clock changes reach the date
 * arithmetic. A day that has begun stays begun: where clocks go back past midnight (St John's did at 00:01 until
 * 2011), the evening that comes again belongs to the new day, for else expiry would decrease.
 */
function localDay(ms: number, zone: string): number {
  const wallMs = wallOfInstant(ms, zone);
  const day = Math.floor(wallMs / DAY_MS);
  const isEvening = wallMs - day * DAY_MS >= EVENING_MS;
  return isEvening && firstInstantOfWall((day + 1) * DAY_MS, zone) <= ms ? day + 1 : day;
}

/** No clock has gone back past midnight by more than three hours. */
const EVENING_MS = 20 * 3_600_000;

function dateOf(day: number): DateTime {
  return DateTime.fromMillis(day * DAY_MS, { zone: 'utc' });
}

function endOfPeriod(day: number, period: CalendarPeriod, zone: string, yearEnd?: YearEnd): number {
  const from = yearEnd === undefined ? day : lastDayOfYear(day, yearEnd);
  return firstInstantOfWall((correspondingDay(from, period) + 1) * DAY_MS, zone);
}

/** The day that ends the year which a day is in: itself, or the next on which such a year ends. */
function lastDayOfYear(day: number, { month, day: last }: YearEnd): number {
  const { year } = dateOf(day);
  const endOf = (of: number): number =>
    // A year that ends with 29 February ends with the 28th where there is none.
    Math.min(Date.UTC(of, month - 1, last), Date.UTC(of, month, 0)) / DAY_MS;
  return endOf(year) >= day ? endOf(year) : endOf(year + 1);
}

/** The day on which a period that is counted from a day ends: the same in every zone, and so asked for once. */
function correspondingDay(day: number, period: CalendarPeriod): number {
  let known = corresponding.get(period.iso);
  if (known === undefined) {
    known = new Map();
    corresponding.set(period.iso, known);
  }
  let end = known.get(day);
  if (end === undefined) {
    const { years, months, weeks, days } = period;
    end = dateOf(day).plus({ years, months }).plus({ weeks, days }).toMillis() / DAY_MS;
    if (known.size >= DAYS_REMEMBERED) known.clear();
    known.set(day, end);
  }
  return end;
}

const DAYS_REMEMBERED = 15_000;
const corresponding = new Map<string, Map<number, number>>();
