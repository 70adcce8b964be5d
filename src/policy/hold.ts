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
  const { customer } = record;
  if (customers !== null && typeof customer === 'string') {
    if (!customers.some(held => mayBeSameCustomer(held, customer))) return false;
  }
  if (numbers !== null && record.numbers !== undefined && record.numbers.length > 0) {
    if (!record.numbers.some(number => numbers.some(held => mayBeSameNumber(held, number)))) return false;
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

/** Telephone numbers are the same when their digits are: `+44 20 7946 0000` is `442079460000`. */
export function sameNumber(a: string, b: string): boolean {
  const digits = digitsOf(a);
  return a === b || (digits !== '' && digits === digitsOf(b));
}

/**
 * Whether two numbers may be one written differently, with or without its country: `020 7946 0018` may be
 * `+44 20 7946 0018`. Wide on purpose: it decides what is kept, never what goes.
 */
export function mayBeSameNumber(a: string, b: string): boolean {
  if (sameNumber(a, b)) return true;
  const [short = '', long = ''] = [a, b]
    .map(number => digitsOf(number).replace(/^0+/, ''))
    .sort((one, other) => one.length - other.length);
  return short.length >= FEWEST_DIGITS && long.endsWith(short);
}

/** Subscriber numbers are this long at the least; shorter ones are extensions and compare exactly. */
const FEWEST_DIGITS = 7;

/** The digits of a number, or of a SIP address without its host. */
function digitsOf(number: string): string {
  return number.replace(/@.*$/, '').replace(/\D/g, '');
}

/** Whether two customers' ids may be one: databases take `A1`, `a1` and `a1 ` for the same, and so do people. */
export function mayBeSameCustomer(a: string, b: string): boolean {
  return a === b || foldId(a) === foldId(b);
}

function foldId(id: string): string {
  return id.normalize('NFKC').trim().toLowerCase();
}

export function isRecord(address: RecordAddress, record: RecordFacts): boolean {
  return (
    address.store === record.store && address.dataset === record.dataset && sameKey(address.key, record.key)
  );
}

export function sameKey(a: Key, b: Key): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}
