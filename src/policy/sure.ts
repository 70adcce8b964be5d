// Which records are due whatever else they hold: the range of starts in which only a few named customers, numbers, keys
// and times could change the verdict. A store may list such records without reading each of them; all others are read
// and decided on one by one. What is said here must agree with `decide` on every record, and a property test says so.
import { FUTURE_TOLERANCE_MS } from './decide.ts';
import { isActive } from './hold.ts';
import { mayBeDataset } from './identity.ts';
import { isInForce } from './instruction.ts';
import { lawDoubt, limitCutoff, limitsOf, ownCutoff, statedPlaces } from './law.ts';
import type { ClassRules, Hold, Instruction, Key, Moment } from './policy.ts';
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
  /** Where a column says the jurisdiction: the codes whose law is stated, in order. A record with any other is apart. */
  readonly jurisdictions?: readonly string[];
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
  const ownMs = ownLimit(rules, dataset, moment);
  // What has been done to a record, and the name of its file, can only be told by reading it.
  if (ownMs === null || rules.policies.some(policy => policy.disposition !== 'purge')) return null;
  if (dataset.files.length > 0) return null;
  const { jurisdiction } = dataset;
  if (jurisdiction.kind === 'fixed' && lawDoubt(jurisdiction.code, rules) !== null) return null;
  const places = jurisdiction.kind === 'column' ? { jurisdictions: statedPlaces(rules) } : {};
  if (places.jurisdictions?.length === 0) return null;
  const floors = limitsOf('floor', rules, jurisdiction);
  let beforeMs = Math.min(
    ownMs,
    // A start further in the future than this is a doubt, however far off the next run is.
    moment.nowMs + FUTURE_TOLERANCE_MS,
    ...floors.map(limit => limitCutoff(limit, jurisdiction, moment.nowMs).beforeMs),
  );
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
    const overMs = cutoffs.get(period.iso) ?? instructedCutoff(instruction, rules, dataset, moment);
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
  return { beforeMs, apart: { ...apart, withoutCustomer, withoutNumbers, ...places } };
}

/** Records that started before this are past their policies' periods; null where a period has no end. */
function ownLimit(rules: ClassRules, dataset: ReadingRules, moment: Moment): number | null {
  const floors: number[] = [];
  const ceilings: number[] = [];
  for (const { period, bound, zone } of rules.policies) {
    if (period.kind === 'unstated' || period.kind === 'forever') return null;
    const least = bound === 'at-least';
    const horizonMs = least ? moment.nowMs : moment.nextRunMs;
    const own = ownCutoff({ period, bound, zone }, rules, dataset.jurisdiction, horizonMs, 'surest');
    (least ? floors : ceilings).push(own.beforeMs);
  }
  if (floors.length > 0) return Math.min(...floors);
  return ceilings.length > 0 ? Math.max(...ceilings) : null;
}

/** A longer instruction keeps as a floor does. */
function instructedCutoff(
  { period }: Instruction,
  rules: ClassRules,
  dataset: ReadingRules,
  moment: Moment,
): number {
  const ordered = { period, bound: 'at-least', zone: rules.policies[0]?.zone ?? 'UTC' } as const;
  return ownCutoff(ordered, rules, dataset.jurisdiction, moment.nowMs, 'surest').beforeMs;
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
