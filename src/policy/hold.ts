// Whether a hold is in force, and whether it covers a record. A hold errs on the side of keeping: what a record
// cannot answer counts as covered, and for thirty days after its release a hold still holds.
import { mayBeRecord, mayBeSameCustomer } from './identity.ts';
import { NUMBERS, WHOSE } from './instruction.ts';
import { mayNameNumber } from './numbers.ts';
import { COOLING_PERIOD_MS, type Hold } from './policy.ts';
import type { RecordFacts } from './record.ts';

/** A hold's first and last day are taken as wide as any zone on Earth makes them, on both sides. */
export const WIDEST_OFFSET_MS = 14 * 3_600_000;

/**
 * How long a decision on a file may be acted on without asking for the holds again, in ms. Far below the time in which
 * another run could take over from one that stalls (see `LEASE_MS`), so that no file is unlinked after the other has looked
 * at what is there.
 */
export const WORD_HOLDS_MS = 5000;

/**
 * True from the moment a hold is placed until its cooling period after release is over. One that was released before it was
 * placed was released by a clock that stood wrong: nobody can say when, and it holds.
 */
export function isActive(hold: Hold, nowMs: number): boolean {
  if (hold.releasedAtMs !== null && hold.releasedAtMs < hold.placedAtMs) return true;
  return hold.releasedAtMs === null || nowMs < hold.releasedAtMs + COOLING_PERIOD_MS;
}

/** Whether every dimension that a hold states matches a record, or cannot be told for it. */
export function holdCovers(hold: Hold, record: RecordFacts): boolean {
  const { customers, numbers, classes, fromMs, untilMs, records } = hold.scope;
  if (classes !== null && record.class !== null && !classes.includes(record.class)) return false;
  const { customer } = record;
  if (customers !== null && typeof customer === 'string') {
    if (!customers.some(held => mayBeSameCustomer(held, customer))) return false;
  }
  if (numbers !== null && record.numbers !== undefined && record.numbers.length > 0) {
    if (!record.numbers.some(field => numbers.some(held => mayNameNumber(field, held)))) return false;
  }
  // A letter's start is its account's closing: when it was written cannot be told from it.
  if (record.start.kind === 'at' && record.startEvent !== 'account-closed') {
    if (fromMs !== null && record.start.ms < fromMs) return false;
    if (untilMs !== null && record.start.ms >= untilMs) return false;
  }
  return records === null || records.some(address => mayBeRecord(address, record));
}

/** Why a hold covers a record although a dimension of it could not be checked; null when all were. */
export function holdDoubt(hold: Hold, record: RecordFacts): string | null {
  if (hold.scope.customers !== null && typeof record.customer !== 'string') return WHOSE;
  if (hold.scope.numbers !== null && (record.numbers ?? []).length === 0) return NUMBERS;
  const { fromMs, untilMs } = hold.scope;
  if ((fromMs !== null || untilMs !== null) && record.startEvent === 'account-closed')
    return 'the time it is from cannot be told';
  return null;
}
