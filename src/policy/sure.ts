// Which records are due whatever else they hold: the range of starts in which only a few named customers, numbers, keys
// and times could change the verdict. A store may list such records without reading each of them; all others are read
// and decided on one by one. What is said here must agree with `decide` on every record, and a property test says so.
import { cutoff } from './expiry.ts';
import { isActive } from './hold.ts';
import { mayBeDataset } from './identity.ts';
import { isInForce } from './instruction.ts';
import type { ClassRules, Hold, Instruction, Key, Limit, Moment } from './policy.ts';
import type { ReadingRules } from './record.ts';

/** What sets a record apart: a hold or an instruction that could speak of it, so that it must be looked at. */
export interface Apart {
  /** Compared widely, as holds do: `A1` sets `a1 ` apart. */
  readonly customers: readonly string[];
  readonly numbers: readonly string[];
  readonly keys: readonly Key[];
  /** Starts from `fromMs` (inclusive) until before `untilMs`; null: without end. */
  readonly spans: readonly { readonly fromMs: number | null; readonly untilMs: number | null }[];
  /** An order speaks of customers or of numbers: a record that cannot say whose it is, or by which numbers, is apart. */
  readonly withoutCustomer: boolean;
  readonly withoutNumbers: boolean;
}

export interface SureSelection {
  /** Records that started before this instant are due, but for those set apart. */
  readonly beforeMs: number;
  readonly apart: Apart;
}

/** Null when no record of the class can be sure: each one has to be read. */
export function sureSelection(
  rules: ClassRules,
  dataset: ReadingRules,
  moment: Moment,
): SureSelection | null {
  const ownMs = ownCutoff(rules, moment);
  // What has been done to a record, and the name of its file, can only be told by reading it.
  if (ownMs === null || rules.policies.some(policy => policy.disposition !== 'purge')) return null;
  if (dataset.files.length > 0) return null;
  let beforeMs = Math.min(ownMs, ...floorsOf(rules, dataset).map(limit => cutoffOf(limit, moment)));
  const apart = { customers: [], numbers: [], keys: [], spans: [] } as {
    customers: string[];
    numbers: string[];
    keys: Key[];
    spans: Apart['spans'][number][];
  };
  let [withoutCustomer, withoutNumbers] = [false, false];
  for (const hold of rules.holds) {
    if (!isActive(hold, moment.nowMs)) continue;
    // Every dimension that a hold states must match, so that one of them is enough to tell its records from the rest.
    const { records, customers, numbers, fromMs, untilMs } = hold.scope;
    if (records !== null) apart.keys.push(...keysIn(records, dataset));
    else if (customers !== null && dataset.mapsCustomer) {
      apart.customers.push(...customers);
      withoutCustomer = true;
    } else if (hasSpan(hold) && dataset.start.event !== 'account-closed')
      apart.spans.push({ fromMs, untilMs });
    else if (numbers !== null && dataset.mapsNumbers) {
      apart.numbers.push(...numbers);
      withoutNumbers = true;
    } else return null;
  }
  const cutoffs = new Map<string, number>();
  for (const instruction of [...rules.instructions, ...(rules.keeping ?? [])]) {
    if (!isInForce(instruction, moment.nowMs)) continue;
    const { period, customer, number, record } = instruction;
    const overMs = cutoffs.get(period.iso) ?? instructedCutoff(instruction, rules, moment);
    cutoffs.set(period.iso, overMs);
    // One whose own period is over for all of these records cannot keep any of them.
    if (overMs >= beforeMs) continue;
    if (record !== null) apart.keys.push(...keysIn([record], dataset));
    else if (customer !== null && dataset.mapsCustomer) {
      apart.customers.push(customer);
      withoutCustomer = true;
    } else if (number !== null && dataset.mapsNumbers) {
      apart.numbers.push(number);
      withoutNumbers = true;
    }
    // It speaks of all records, or of which of them cannot be told.
    else beforeMs = overMs;
  }
  return { beforeMs, apart: { ...apart, withoutCustomer, withoutNumbers } };
}

/** Records that started before this are past their policies' periods; null where a period has no end. */
function ownCutoff(rules: ClassRules, moment: Moment): number | null {
  const floors: number[] = [];
  const ceilings: number[] = [];
  for (const { period, bound, zone } of rules.policies) {
    if (period.kind === 'unstated' || period.kind === 'forever') return null;
    if (bound === 'at-least') floors.push(cutoff(moment.nowMs, period, zone));
    else ceilings.push(cutoff(moment.nextRunMs, period, zone));
  }
  if (floors.length > 0) return Math.min(...floors);
  return ceilings.length > 0 ? Math.max(...ceilings) : null;
}

/** Floors that may apply to a record: a column may hold any jurisdiction, and one that it does not know every floor. */
function floorsOf(rules: ClassRules, { jurisdiction }: ReadingRules): Limit[] {
  if (jurisdiction.kind === 'none') return [];
  return rules.limits.filter(
    limit =>
      limit.kind === 'floor' &&
      (jurisdiction.kind === 'column' ||
        jurisdiction.code === limit.jurisdiction ||
        jurisdiction.code.startsWith(`${limit.jurisdiction}-`)),
  );
}

function cutoffOf({ period, zone }: Limit, moment: Moment): number {
  return cutoff(moment.nowMs, period, zone);
}

function instructedCutoff({ period }: Instruction, rules: ClassRules, moment: Moment): number {
  return cutoff(moment.nowMs, period, rules.policies[0]?.zone ?? 'UTC');
}

function hasSpan({ scope }: Hold): boolean {
  return scope.fromMs !== null || scope.untilMs !== null;
}

function keysIn(
  records: readonly { readonly store: string; readonly dataset: string; readonly key: Key }[],
  dataset: ReadingRules,
): Key[] {
  return records.filter(record => mayBeDataset(record, dataset)).map(record => record.key);
}
