// The start of a record's period: reading what a store holds as an instant, and the reverse, writing an instant as
// a bound that the store can compare its own values with. The unit is declared, never guessed.
import { DateTime } from 'luxon';
import type { StartEvent } from './policy.ts';
import type { StoredRecord } from './record.ts';
import { formatWall, instantOfWall, parseWall, wallBound } from './wall-time.ts';

/**
 * `datetime` and `date`: wall time in `zone`. `timestamp`: an instant, read as UTC text. `epoch-*`: numbers since
 * 1970. `text`: parsed in this process by `format`, never compared by the database.
 */
export type StartUnit = 'datetime' | 'date' | 'timestamp' | 'epoch-s' | 'epoch-ms' | 'epoch-us' | 'text';

export interface StartSpec {
  readonly event: StartEvent;
  readonly unit: StartUnit;
  /** IANA zone of values without one; UTC for units that need none. */
  readonly zone: string;
  /** Luxon format, for `text` only. */
  readonly format: string | null;
  /** Values, as the store writes them, that mean "unknown". */
  readonly sentinels: readonly string[];
  /** Starts before this instant are implausible: most are column defaults such as 1971-01-01 (HOMER). */
  readonly plausibleFromMs: number;
  /** For `account-closed`: the status values that mean closed; null when the date alone says so. */
  readonly closedStatuses: readonly string[] | null;
}

/** Why a start cannot be relied on. */
export type UndatedReason =
  | 'null'
  | 'zero'
  | 'sentinel'
  | 'implausible'
  | 'future'
  | 'unreadable'
  | 'source-missing'
  | 'closed-undated'
  | 'contradictory';

export type StartReading =
  | { readonly kind: 'at'; readonly ms: number }
  | { readonly kind: 'undated'; readonly why: Exclude<UndatedReason, 'future'> }
  /**
   * The clock has not started. `contradictory`: the status says open while a closing date is set. `ms`: the latest change
   * that was looked at, where there are several: one in the future is a doubt.
   */
  | { readonly kind: 'not-started'; readonly contradictory: boolean; readonly ms?: number };

/** Understands a stored start. Whether it lies in the future is for `decide`, which knows the time. */
export function readStart(start: StoredRecord['start'], spec: StartSpec): StartReading {
  if (!start.sourceFound) return { kind: 'undated', why: 'source-missing' };
  const value = orFallback(readValue(start.value, spec), start.fallback ?? null, spec);
  if (spec.event !== 'account-closed') return value;
  const dated = value.kind === 'at';
  if (spec.closedStatuses === null) {
    return value.kind === 'undated' && value.why === 'null'
      ? { kind: 'not-started', contradictory: false }
      : value;
  }
  const closed = start.status !== null && spec.closedStatuses.includes(start.status);
  if (!closed) return { kind: 'not-started', contradictory: dated };
  return dated ? value : { kind: 'undated', why: 'closed-undated' };
}

/** A column that says nothing (NULL, a zero date, a sentinel) gives way to another, if that says something. */
function orFallback(own: StartReading, fallback: string | null, spec: StartSpec): StartReading {
  const saysNothing = own.kind === 'undated' && ['null', 'zero', 'sentinel'].includes(own.why);
  if (!saysNothing || fallback === null) return own;
  const other = readValue(fallback, spec);
  return other.kind === 'at' ? other : own;
}

/** The value alone, whatever else says when the clock starts. */
export function readValue(value: string | null, spec: StartSpec): StartReading {
  if (value === null) return { kind: 'undated', why: 'null' };
  if (spec.sentinels.includes(value)) return { kind: 'undated', why: 'sentinel' };
  const ms = instantOf(value, spec);
  if (ms === 'zero' || ms === 'unreadable') return { kind: 'undated', why: ms };
  if (ms < spec.plausibleFromMs) return { kind: 'undated', why: 'implausible' };
  return { kind: 'at', ms };
}

function instantOf(value: string, spec: StartSpec): number | 'zero' | 'unreadable' {
  switch (spec.unit) {
    case 'datetime':
    case 'date':
    case 'timestamp': {
      if (value.startsWith('0000-00-00')) return 'zero';
      const wall = parseWall(value);
      if (wall === null) return 'unreadable';
      if (spec.unit === 'timestamp') return wall;
      // A date without a time is read as its last instant: the later reading keeps longer.
      if (spec.unit === 'date') return instantOfWall(startOfWallDay(wall) + DAY_MS, spec.zone) - 1;
      return instantOfWall(wall, spec.zone);
    }
    case 'epoch-s':
      return readEpoch(value, 1000);
    case 'epoch-ms':
      return readEpoch(value, 1);
    case 'epoch-us':
      return readEpoch(value, 0.001);
    case 'text':
      return cachedText(value, spec.format ?? '', spec.zone);
  }
}

/**
 * What texts were read as: the files of one day all say the same, and to read one anew takes microseconds. A format
 * without a year is read by the year that it is, and so each time anew.
 */
function cachedText(value: string, format: string, zone: string): number | 'unreadable' {
  const known = textsOf(format, zone);
  let ms = known?.get(value);
  if (ms === undefined) {
    ms = readText(value, format, zone);
    if (known !== null && known.size >= TEXTS_REMEMBERED) known.clear();
    known?.set(value, ms);
  }
  return ms;
}

type Texts = Map<string, number | 'unreadable'>;

const TEXTS_REMEMBERED = 1000;
const texts = new Map<string, Texts | null>();

/** Null for a format whose texts mean something else as time goes by. */
function textsOf(format: string, zone: string): Texts | null {
  const rule = `${zone} ${format}`;
  let known = texts.get(rule);
  if (known === undefined) {
    const saysYear = format.replace(/'[^']*'/g, '').includes('y');
    known = saysYear ? new Map() : null;
    texts.set(rule, known);
  }
  return known;
}

function readText(value: string, format: string, zone: string): number | 'unreadable' {
  if (value.trim() === '') return 'unreadable';
  // luxon writes these two tokens, and does not read them.
  if (format === 'X' || format === 'x') {
    const ms = readEpoch(value, format === 'X' ? 1000 : 1);
    return ms === 'zero' ? 'unreadable' : ms;
  }
  const parsed = DateTime.fromFormat(value, format, { zone, locale: 'en' });
  if (!parsed.isValid) return 'unreadable';
  return Math.max(...parsed.getPossibleOffsets().map(reading => reading.toMillis()));
}

function readEpoch(value: string, msPerUnit: number): number | 'zero' | 'unreadable' {
  if (!/^-?\d+(\.\d+)?$/.test(value)) return 'unreadable';
  const number = Number(value);
  if (number === 0) return 'zero';
  const ms = Math.floor(Number((number * msPerUnit).toFixed(3)));
  return Math.abs(ms) > 8.64e15 ? 'unreadable' : ms;
}

const DAY_MS = 86_400_000;

function startOfWallDay(wallMs: number): number {
  return Math.floor(wallMs / DAY_MS) * DAY_MS;
}

/** A bound in the store's own terms; `text` units have none. */
export type Literal = string | number;

/**
 * The value such that a stored start reads as earlier than `instantMs` exactly when it is less than this value.
 * Null for `text`, whose order in the database says nothing about time.
 */
export function startBound(instantMs: number, spec: StartSpec): Literal | null {
  switch (spec.unit) {
    case 'datetime':
      return formatWall(wallBound(instantMs, spec.zone));
    case 'date':
      return formatWall(dateBound(instantMs, spec.zone)).slice(0, 10);
    case 'timestamp':
      return formatWall(instantMs);
    case 'epoch-s':
      return instantMs / 1000;
    case 'epoch-ms':
      return instantMs;
    case 'epoch-us':
      return instantMs * 1000;
    case 'text':
      return null;
  }
}

/** The first date whose last instant is not before `instantMs`. */
function dateBound(instantMs: number, zone: string): number {
  let day = startOfWallDay(wallBound(instantMs, zone)) - DAY_MS;
  while (instantOfWall(day + DAY_MS, zone) - 1 < instantMs) day += DAY_MS;
  return day;
}
