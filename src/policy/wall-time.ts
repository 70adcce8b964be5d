// Wall-clock times without a zone, as databases hold them, read in the zone that the data map declares. A wall
// time that comes twice is read as the later instant, and one that never was as the moment the clocks jumped:
// reading never decreases as the wall time grows, so a cutoff instant has one exact bound among wall times.
import { DateTime, IANAZone } from 'luxon';

const WALL = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?$/;
const DAY_MS = 86_400_000;

/** A wall time as ms on an imaginary clock that never changes, or null when the text is not a real date and time. */
export function parseWall(text: string): number | null {
  const parts = WALL.exec(text);
  if (parts === null) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = parts;
  const wallMs = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  // Years before 100 count too: Date.UTC takes 0099 for 1999.
  if (new Date(wallMs).toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  return wallMs + Math.floor(Number(`0.${fraction || '0'}`) * 1000);
}

/** `2026-11-22 02:15:00`, with milliseconds only where there are any: how a bound is written into a query. */
export function formatWall(wallMs: number): string {
  const iso = new Date(wallMs).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, wallMs % 1000 === 0 ? 19 : 23)}`;
}

/** The instant at which a clock in `zone` shows `wallMs`: the later one where there are two. */
export function instantOfWall(wallMs: number, zone: string): number {
  // The offsets in force a day before and a day after tell the two candidate readings apart.
  const before = offsetAt(wallMs - DAY_MS, zone);
  const after = offsetAt(wallMs + DAY_MS, zone);
  if (before === after) return wallMs - before;
  const later = wallMs - Math.min(before, after);
  const earlier = wallMs - Math.max(before, after);
  if (wallOfInstant(later, zone) === wallMs) return later;
  if (wallOfInstant(earlier, zone) === wallMs) return earlier;
  return jumpBetween(earlier, later, zone);
}

/** The first wall time, in ms, whose reading in `zone` is not before `instantMs`. */
export function wallBound(instantMs: number, zone: string): number {
  let low = instantMs - 2 * DAY_MS;
  let high = instantMs + 2 * DAY_MS;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (instantOfWall(middle, zone) >= instantMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The first instant at which a clock in `zone` shows `wallMs`, also where that is skipped or comes twice: of a midnight, the
 * first instant of the local day. (luxon starts from today's offset, and so is an hour out where that is nearly a day off:
 * Samoa, 25 September 2011.)
 */
export function firstInstantOfWall(wallMs: number, zone: string): number {
  const earlier = wallMs - Math.max(offsetAt(wallMs - DAY_MS, zone), offsetAt(wallMs + DAY_MS, zone));
  return wallOfInstant(earlier, zone) === wallMs ? earlier : instantOfWall(wallMs, zone);
}

/** The wall time that a clock in `zone` shows at an instant, in ms. */
export function wallOfInstant(instantMs: number, zone: string): number {
  return instantMs + offsetAt(instantMs, zone);
}

/** The instant between two others at which the zone's offset changes. */
function jumpBetween(fromMs: number, toMs: number, zone: string): number {
  let low = fromMs;
  let high = toMs;
  const offset = offsetAt(toMs, zone);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle, zone) === offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The zone's offset at an instant, in ms, remembered for days that begin and end with the same one: asking the
 * calendar takes microseconds, and a scan asks for every record.
 */
function offsetAt(instantMs: number, zone: string): number {
  const day = Math.floor(instantMs / DAY_MS);
  const known = steadyDays(zone);
  let offset = known.get(day);
  if (offset === undefined) {
    const start = askOffset(day * DAY_MS, zone);
    offset = start === askOffset((day + 1) * DAY_MS - 1, zone) ? start : null;
    if (known.size >= DAYS_REMEMBERED) known.clear();
    known.set(day, offset);
  }
  return offset ?? askOffset(instantMs, zone);
}

/** Forty years of days, in about 1 MB a zone. */
const DAYS_REMEMBERED = 15_000;
/** By zone and day since 1970: the day's offset, or null where it changes within the day. */
const offsets = new Map<string, Map<number, number | null>>();

function steadyDays(zone: string): Map<number, number | null> {
  let days = offsets.get(zone);
  if (days === undefined) {
    days = new Map();
    offsets.set(zone, days);
  }
  return days;
}

function askOffset(instantMs: number, zone: string): number {
  return DateTime.fromMillis(instantMs, { zone }).offset * 60_000;
}

/** Whether a text names an IANA time zone that this machine knows. */
export function isZone(zone: string): boolean {
  return IANAZone.isValidZone(zone);
}

/** `2026-11-22` as the instant at which that day begins in UTC, or null when there is no such day. */
export function parseUtcDay(text: string): number | null {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseWall(text) : null;
}
