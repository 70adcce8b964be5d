// When a period ends, and its exact inverse. Periods are counted in whole local days: the day of the event is not
// counted, and a period ends with the last hour of the corresponding date, or of the month's last day where the
// month has no such date (Regulation (EEC) No 1182/71, Article 3; the corresponding date rule of English law).
import { DateTime } from 'luxon';
import type { StatedPeriod } from './policy.ts';
import { firstInstantOfWall, wallOfInstant } from './wall-time.ts';

type CalendarPeriod = Extract<StatedPeriod, { kind: 'calendar' }>;

/**
 * The first instant at which a period that started at `startMs` is over, in ms. It never decreases as `startMs`
 * grows, which is what lets one cutoff split a table exactly.
 */
export function expiry(startMs: number, period: StatedPeriod, zone: string): number {
  if (period.kind === 'exact') return startMs + period.ms;
  return endOfPeriod(localDay(startMs, zone), period, zone);
}

/** `expiry`, remembered by local day: all records of one day end together, and a scan reads many of each. */
export function cachedExpiry(startMs: number, period: StatedPeriod, zone: string): number {
  if (period.kind === 'exact') return startMs + period.ms;
  const rule = `${period.iso} ${zone}`;
  let known = caches.get(rule);
  if (known === undefined) {
    known = new Map();
    caches.set(rule, known);
  }
  const day = localDay(startMs, zone);
  let untilMs = known.get(day);
  if (untilMs === undefined) {
    untilMs = endOfPeriod(day, period, zone);
    if (known.size >= DAYS_REMEMBERED) known.clear();
    known.set(day, untilMs);
  }
  return untilMs;
}

const DAY_MS = 86_400_000;
const DAYS_REMEMBERED = 15_000;
const caches = new Map<string, Map<number, number>>();

/**
 * The instant before which a record must have started for its period to be over at `horizonMs`:
 * `expiry(start) <= horizonMs` exactly when `start < cutoff(horizonMs)`, in ms.
 */
export function cutoff(horizonMs: number, period: StatedPeriod, zone: string): number {
  if (period.kind === 'exact') return horizonMs - period.ms + 1;
  // Clamped months make several days expire together, so the answer is searched for from a little after it.
  const { years, months, weeks, days } = period;
  const guess = dateOf(localDay(horizonMs, zone)).minus({ years, months, weeks, days }).plus({ days: 4 });
  let day = guess.toMillis() / DAY_MS;
  while (endOfPeriod(day, period, zone) > horizonMs) day -= 1;
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

function endOfPeriod(day: number, period: CalendarPeriod, zone: string): number {
  const corresponding = dateOf(day)
    .plus({ years: period.years, months: period.months })
    .plus({ weeks: period.weeks, days: period.days });
  return firstInstantOfWall(corresponding.toMillis() + DAY_MS, zone);
}
