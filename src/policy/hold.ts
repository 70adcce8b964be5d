// Whether a hold is in force, and whether it covers a record. A hold errs on the side of keeping: what a record
// cannot answer counts as covered, and for thirty days after its release a hold still holds.
import { COOLING_PERIOD_MS, type Hold, type Key, type RecordAddress } from './policy.ts';
import type { RecordFacts } from './record.ts';

/** True from the moment a hold is placed until its cooling period after release is over. */
export function isActive(hold: Hold, nowMs: number): boolean {
  return hold.releasedAtMs === null || nowMs < hold.releasedAtMs + COOLING_PERIOD_MS;
}

/** Whether every dimension that a hold states matches a record, or cannot be told for it. */
export function holdCovers(hold: Hold, record: RecordFacts): boolean {
  const { customers, numbers, classes, fromMs, untilMs, records } = hold.scope;
  if (classes !== null && record.class !== null && !classes.includes(record.class)) return false;
  if (customers !== null && typeof record.customer === 'string' && !customers.includes(record.customer))
    return false;
  if (numbers !== null && record.numbers !== undefined && record.numbers.length > 0) {
    if (!record.numbers.some(number => numbers.some(held => sameNumber(held, number)))) return false;
  }
  if (record.start.kind === 'at') {
    if (fromMs !== null && record.start.ms < fromMs) return false;
    if (untilMs !== null && record.start.ms >= untilMs) return false;
  }
  return records === null || records.some(address => isRecord(address, record));
}

/** Why a hold covers a record although a dimension of it could not be checked; null when all were. */
export function holdDoubt(hold: Hold, record: RecordFacts): string | null {
  if (hold.scope.customers !== null && typeof record.customer !== 'string')
    return 'whose it is cannot be told';
  if (hold.scope.numbers !== null && (record.numbers ?? []).length === 0) return 'its numbers cannot be told';
  return null;
}

/** Telephone numbers are compared by their digits, so that `+44 20 7946 0000` holds `442079460000`. */
export function sameNumber(a: string, b: string): boolean {
  if (a === b) return true;
  const digits = a.replace(/\D/g, '');
  return digits !== '' && digits === b.replace(/\D/g, '');
}

export function isRecord(address: RecordAddress, record: RecordFacts): boolean {
  return (
    address.store === record.store && address.dataset === record.dataset && sameKey(address.key, record.key)
  );
}

export function sameKey(a: Key, b: Key): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}
