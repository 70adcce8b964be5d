// The start of an account that has no closing date of its own: rows of another table tell it, a history of changes of its
// status or the ends of what it had. The store adds the rows of an account up; what comes of it is said here.
import type { StoredRecord } from './record.ts';
import { readValue, type StartReading, type StartSpec } from './start.ts';
import { firstInstantOfWall, instantOfWall, parseWall } from './wall-time.ts';

/**
 * What the rows of an account say in all, with `value` of the start. `none`: there are none. `closed`: the latest change
 * closed the account, or the last of what it had has ended, at `value`. `open`: the latest change, at `value`, left it open,
 * or something it has has no end (`value` is null). `tied`: changes at one time contradict each other. `doubt`: one of the
 * rows has a time, `value`, that cannot be relied on.
 */
export interface RowsSay {
  readonly say: 'none' | 'open' | 'closed' | 'tied' | 'doubt';
  /** The latest change that said the contrary of the latest of all; null where there is none. */
  readonly other: string | null;
}

/** Understands a start that rows tell. A status of the account itself must agree with them; whatever is in doubt keeps. */
export function readStartRows(start: StoredRecord['start'], rows: RowsSay, spec: StartSpec): StartReading {
  if (!start.sourceFound) return { kind: 'undated', why: 'source-missing' };
  const { closedStatuses } = spec;
  const saysOpen =
    closedStatuses !== null && !(start.status !== null && closedStatuses.includes(start.status));
  const saysClosed = closedStatuses !== null && !saysOpen;
  if (rows.say === 'tied') return { kind: 'undated', why: 'contradictory' };
  if (rows.say === 'none' || (rows.say === 'open' && start.value === null))
    return saysClosed
      ? { kind: 'undated', why: 'closed-undated' }
      : { kind: 'not-started', contradictory: false };
  const at = readValue(start.value, spec);
  if (at.kind !== 'at') return at;
  if (rows.say === 'doubt') return { kind: 'undated', why: 'unreadable' };
  if (mayBeEarlier(start.value ?? '', rows.other, spec)) return { kind: 'undated', why: 'contradictory' };
  if (rows.say === 'closed') return saysOpen ? { kind: 'not-started', contradictory: true, ms: at.ms } : at;
  return saysClosed
    ? { kind: 'undated', why: 'closed-undated' }
    : { kind: 'not-started', contradictory: false, ms: at.ms };
}

/** In the hour that comes twice, a wall time that is later on the clock may be the earlier one. */
function mayBeEarlier(value: string, other: string | null, { unit, zone }: StartSpec): boolean {
  if (unit !== 'datetime' || other === null) return false;
  const [wallMs, otherMs] = [parseWall(value), parseWall(other)];
  if (wallMs === null || otherMs === null) return false;
  return firstInstantOfWall(wallMs, zone) <= instantOfWall(otherMs, zone);
}
