// Wall-clock times without a zone, as databases hold them, read in the zone that the data map declares. A wall
// time that comes twice is read as the later instant, and one that never was as the moment the clocks jumped:
// reading never decreases as the wall time grows, so a cutoff instant has one exact bound among wall times.
import { DateTime, IANAZone } from 'luxon';

const WALL = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?$/;
const QUARTER_MS = 900_000;
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
  const slot = Math.floor(wallMs / QUARTER_MS);
  const known = steadyOffsets(zone);
  const offset = known.get(slot);
  if (offset !== undefined) return wallMs - offset;
  // No change of clocks since 1973 is smaller than a quarter of an hour, so a quarter whose two ends agree is steady.
  const start = readInstant(slot * QUARTER_MS, zone);
  const end = readInstant((slot + 1) * QUARTER_MS - 1, zone);
  const startOffset = slot * QUARTER_MS - start;
  if (wallMs >= SINCE_1973 && startOffset === (slot + 1) * QUARTER_MS - 1 - end) {
    if (known.size >= CACHE_SLOTS) known.clear();
    known.set(slot, startOffset);
    return wallMs - startOffset;
  }
  return readInstant(wallMs, zone);
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
 * The first instant of the local day whose midnight is `wallMs`, also where that midnight is skipped or comes twice.
 * (luxon starts from today's offset, and so is an hour out where that is nearly a day off: Samoa, 25 September 2011.)
 */
export function firstInstantOfDay(wallMs: number, zone: string): number {
  const earlier = wallMs - Math.max(offsetAt(wallMs - DAY_MS, zone), offsetAt(wallMs + DAY_MS, zone));
  return wallOfInstant(earlier, zone) === wallMs ? earlier : instantOfWall(wallMs, zone);
}

/** The wall time that a clock in `zone` shows at an instant, in ms. */
export function wallOfInstant(instantMs: number, zone: string): number {
  return instantMs + DateTime.fromMillis(instantMs, { zone }).offset * 60_000;
}

const SINCE_1973 = Date.UTC(1973, 0, 1);
/** 20,000 quarters of an hour: seven months in about 2 MB, refilled as a scan moves on. */
const CACHE_SLOTS = 20_000;
const offsetCaches = new Map<string, Map<number, number>>();

function steadyOffsets(zone: string): Map<number, number> {
  let cache = offsetCaches.get(zone);
  if (cache === undefined) {
    cache = new Map();
    offsetCaches.set(zone, cache);
  }
  return cache;
}

function readInstant(wallMs: number, zone: string): number {
  // The offsets in force well before and well after tell the two candidate readings apart.
  const before = offsetAt(wallMs - DAY_MS, zone);
  const after = offsetAt(wallMs + DAY_MS, zone);
  const later = wallMs - Math.min(before, after);
  const earlier = wallMs - Math.max(before, after);
  if (wallOfInstant(later, zone) === wallMs) return later;
  if (wallOfInstant(earlier, zone) === wallMs) return earlier;
  return jumpBetween(earlier, later, zone);
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

function offsetAt(instantMs: number, zone: string): number {
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
