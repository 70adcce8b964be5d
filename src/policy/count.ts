// When a period is over in a place that has several zones: nobody knows in which of them the record is, so what must be
// kept is kept to the end of the latest, and what must be gone is gone by the end of the earliest, on the day in question.
import { cutoff, daysBeginning, expiry } from './expiry.ts';
import type { Place } from './place-zones.ts';
import type { StatedPeriod, YearEnd } from './policy.ts';

/** How a rule counts: what, from where in the year, where, and whether it keeps (`latest`) or pushes out (`earliest`). */
export interface Count {
  readonly period: StatedPeriod;
  readonly yearEnd?: YearEnd | null;
  readonly place: Place;
  readonly ends: 'latest' | 'earliest';
}

/** The first instant at which it is over, in ms. It never decreases as `startMs` grows, as that of no zone does. */
export function countedExpiry(startMs: number, count: Count): number {
  if (count.period.kind === 'exact') return startMs + count.period.ms;
  const { starts, ends } = stepsOf(Math.floor(startMs / DAY_MS), count);
  let step = starts.length - 1;
  while (step > 0 && (starts[step] as number) > startMs) step -= 1;
  return ends[step] as number;
}

/**
 * Its exact inverse: `countedExpiry(start) <= horizonMs` exactly when `start < countedCutoff(horizonMs)`. The latest is over
 * when all zones are, so that it is the earliest of their cutoffs, and the other way round.
 */
export function countedCutoff(horizonMs: number, { period, yearEnd, place, ends }: Count): number {
  const all = place.zones.map(zone => cutoff(horizonMs, period, zone, yearEnd ?? undefined));
  return ends === 'latest' ? Math.min(...all) : Math.max(...all);
}

/** The zone that sets a cutoff, for people. */
export function zoneOfCutoff(horizonMs: number, count: Count): string {
  const wantedMs = countedCutoff(horizonMs, count);
  const sets = (zone: string): boolean => {
    return cutoff(horizonMs, count.period, zone, count.yearEnd ?? undefined) === wantedMs;
  };
  return count.place.zones.find(sets) ?? 'UTC';
}

/** What starts within one day of UTC ends at few instants: one more for each zone's midnight in it. */
interface Steps {
  /** From when on each step applies; the first from the beginning of the day. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

const DAY_MS = 86_400_000;
/** Forty years of days. */
const DAYS_REMEMBERED = 15_000;
const caches = new Map<string, Map<number, Steps>>();

/** A scan reads many records of each day: the steps of a day are remembered. */
function stepsOf(day: number, count: Count): Steps {
  const { period, yearEnd, place, ends } = count;
  const year = yearEnd == null ? '' : `${yearEnd.month}-${yearEnd.day}`;
  const rule = `${period.kind === 'calendar' ? period.iso : ''} ${year} ${place.id} ${ends}`;
  let known = caches.get(rule);
  if (known === undefined) {
    known = new Map();
    caches.set(rule, known);
  }
  let steps = known.get(day);
  if (steps === undefined) {
    steps = countSteps(day, count);
    if (known.size >= DAYS_REMEMBERED) known.clear();
    known.set(day, steps);
  }
  return steps;
}

function countSteps(day: number, { period, yearEnd, place, ends }: Count): Steps {
  const fromMs = day * DAY_MS;
  const zones = place.zones.map(zone => {
    const starts = [fromMs, ...daysBeginning(fromMs, fromMs + DAY_MS, zone)];
    return { starts, ends: starts.map(startMs => expiry(startMs, period, zone, yearEnd ?? undefined)) };
  });
  const starts = [...new Set(zones.flatMap(one => one.starts))].sort((a, b) => a - b);
  const choose = ends === 'latest' ? Math.max : Math.min;
  const endAt = (startMs: number): number =>
    choose(...zones.map(zone => zone.ends[zone.starts.findLastIndex(oneMs => oneMs <= startMs)] as number));
  return { starts, ends: starts.map(endAt) };
}
