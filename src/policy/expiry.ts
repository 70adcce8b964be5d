// When a period ends, and its exact inverse. Periods are counted in whole local days: the day of the event is not
// counted, and a period ends with the last hour of the corresponding date, or of the month's last day where the
// month has no such date (Regulation (EEC) No 1182/71, Article 3; the corresponding date rule of English law).
import { DateTime } from 'luxon';
import type { StatedPeriod } from './policy.ts';
import { firstInstantOfDay, wallOfInstant } from './wall-time.ts';

type CalendarPeriod = Extract<StatedPeriod, { kind: 'calendar' }>;

/**
 * The first instant at which a period that started at `startMs` is over, in ms. It never decreases as `startMs`
 * grows, which is what lets one cutoff split a table exactly.
 */
export function expiry(startMs: number, period: StatedPeriod, zone: string): number {
  if (period.kind === 'exact') return startMs + period.ms;
  return endOfPeriod(localDay(startMs, zone), period, zone);
}

/** `expiry`, remembered: within a quarter of an hour the local date is one, so one count serves many records. */
export function cachedExpiry(startMs: number, period: StatedPeriod, zone: string): number {
  if (period.kind === 'exact' || startMs < SINCE_1973) return expiry(startMs, period, zone);
  const rule = `${period.iso} ${zone}`;
  let known = caches.get(rule);
  if (known === undefined) {
    known = new Map();
    caches.set(rule, known);
  }
  const slot = Math.floor(startMs / QUARTER_MS);
  let untilMs = known.get(slot);
  if (untilMs === undefined) {
    untilMs = expiry(startMs, period, zone);
    if (known.size >= CACHE_SLOTS) known.clear();
    known.set(slot, untilMs);
  }
  return untilMs;
}

/** Since 1973 every local day of every zone has begun on a quarter of an hour. */
const SINCE_1973 = Date.UTC(1973, 0, 1);
const QUARTER_MS = 900_000;
const CACHE_SLOTS = 20_000;
const caches = new Map<string, Map<number, number>>();

/**
 * The instant before which a record must have started for its period to be over at `horizonMs`:
 * `expiry(start) <= horizonMs` exactly when `start < cutoff(horizonMs)`, in ms.
 */
export function cutoff(horizonMs: number, period: StatedPeriod, zone: string): number {
  if (period.kind === 'exact') return horizonMs - period.ms + 1;
  // Clamped months make several days expire together, so the answer is searched for from a little after it.
  let day = localDay(horizonMs, zone)
    .minus({ years: period.years, months: period.months, weeks: period.weeks, days: period.days })
    .plus({ days: 4 });
  while (endOfPeriod(day, period, zone) > horizonMs) day = day.minus({ days: 1 });
  return firstInstantOfDay(day.plus({ days: 1 }).toMillis(), zone);
}

/**
 * A local calendar day, held as UTC midnight so that no zone's clock changes reach the date arithmetic. A day that
 * has begun stays begun: where clocks go back past midnight (St John's did at 00:01 until 2011), the evening that
 * comes again belongs to the new day, for else expiry would decrease.
 */
function localDay(ms: number, zone: string): DateTime {
  const local = DateTime.fromMillis(wallOfInstant(ms, zone), { zone: 'utc' });
  const day = local.startOf('day');
  const next = day.plus({ days: 1 });
  return local.hour >= EVENING_HOUR && firstInstantOfDay(next.toMillis(), zone) <= ms ? next : day;
}

/** No clock has gone back past midnight by more than three hours. */
const EVENING_HOUR = 20;

function endOfPeriod(day: DateTime, period: CalendarPeriod, zone: string): number {
  const corresponding = day
    .plus({ years: period.years, months: period.months })
    .plus({ weeks: period.weeks, days: period.days });
  return firstInstantOfDay(corresponding.plus({ days: 1 }).toMillis(), zone);
}
