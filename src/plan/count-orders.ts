// How many records each hold and instruction speaks of in a dataset: an order for a customer whose name was mistyped speaks
// of none, and somebody should be told. Small datasets are read; of large ones only what an index answers is counted.
import { holdCovers, isActive } from '../policy/hold.ts';
import { foldId, mayBeDataset, mayBeSameCustomer } from '../policy/identity.ts';
import { idleReason } from '../policy/idle-orders.ts';
import { isInForce, mayCover } from '../policy/instruction.ts';
import { tailsOf } from '../policy/numbers.ts';
import type { Hold, Instruction, PolicySet, RecordAddress } from '../policy/policy.ts';
import { type RecordFacts, readRecord } from '../policy/record.ts';
import type { Dataset, StoreReader } from '../stores/store.ts';
import { classesOf } from './data-map.ts';
import type { OrderCount } from './plan.ts';

/** An order, as far as it matters how many records it speaks of. */
export interface CountedOrder {
  readonly kind: 'hold' | 'instruction';
  readonly id: string;
  readonly classes: readonly string[] | null;
  readonly customers: readonly string[] | null;
  readonly numbers: readonly string[] | null;
  readonly records: readonly RecordAddress[] | null;
  /** Why it can do nothing, whatever it speaks of; null where it can. */
  readonly idle: string | null;
  readonly covers: (record: RecordFacts) => boolean;
}

/** Records that are read to be counted; more only by an index. */
const WORTH_READING = 20_000;
/** Records times orders that are compared one by one. */
const WORTH_COMPARING = 5_000_000;
const PAGE_RECORDS = 500;

/** The holds and instructions that are in force. */
export function ordersInForce(
  policySet: PolicySet,
  registered: readonly Hold[],
  nowMs: number,
): CountedOrder[] {
  const holds = [...policySet.holds, ...registered].filter(hold => isActive(hold, nowMs));
  const instructions = policySet.instructions.filter(one => isInForce(one, nowMs));
  return [...holds.map(ofHold), ...instructions.map(one => ofInstruction(one, policySet, nowMs))];
}

export function ofHold(hold: Hold): CountedOrder {
  const { classes, customers, numbers, records } = hold.scope;
  const covers = (record: RecordFacts): boolean => holdCovers(hold, record);
  return { kind: 'hold', id: hold.id, classes, customers, numbers, records, idle: null, covers };
}

function ofInstruction(one: Instruction, policySet: PolicySet, nowMs: number): CountedOrder {
  const list = <T>(value: T | null): readonly T[] | null => (value === null ? null : [value]);
  return {
    kind: 'instruction',
    id: one.id,
    classes: [one.class],
    customers: list(one.customer),
    numbers: list(one.number),
    records: list(one.record),
    idle: idleReason(one, policySet.policies, nowMs),
    covers: record => record.class === one.class && mayCover(one, record),
  };
}

/** Dataset by dataset, each once; tables that are named by date may be dropped meanwhile. */
export async function countEverywhere(
  places: readonly { readonly dataset: Dataset; readonly reader: StoreReader }[],
  orders: readonly CountedOrder[],
): Promise<readonly OrderCount[]> {
  const counts: OrderCount[] = [];
  if (orders.length === 0) return counts;
  // Where nothing was read, there is no place.
  const readers = new Map(Object.values(places).map(({ dataset, reader }) => [dataset, reader]));
  for (const [dataset, reader] of readers) {
    if ((await reader.datedTables?.isGone(dataset)) === true) continue;
    counts.push(...(await countOrders(reader, dataset, orders)));
  }
  return counts;
}

/** Counts for each order that could speak of the dataset. Throws what its store throws. */
async function countOrders(
  reader: StoreReader,
  dataset: Dataset,
  orders: readonly CountedOrder[],
): Promise<readonly OrderCount[]> {
  const names = classesOf(dataset).map(one => one.class);
  const own = orders.filter(({ classes }) => classes === null || names.some(name => classes.includes(name)));
  if (own.length === 0) return [];
  const stored = (await reader.count(dataset, null, 'estimate'))?.stored ?? null;
  const isSmall = stored === null || (stored <= WORTH_READING && stored * own.length <= WORTH_COMPARING);
  const read = isSmall ? await countByReading(reader, dataset, own) : null;
  const counts: OrderCount[] = [];
  for (const [index, order] of own.entries()) {
    const { kind, id, idle } = order;
    const found =
      read === null ? await countByIndex(reader, dataset, order, stored) : { records: read[index] ?? 0 };
    counts.push({ kind, id, idle, store: dataset.store, dataset: dataset.name, isAtLeast: false, ...found });
  }
  return counts;
}

/** Null where there turned out to be too many. */
async function countByReading(
  reader: StoreReader,
  dataset: Dataset,
  orders: readonly CountedOrder[],
): Promise<readonly number[] | null> {
  const counts = orders.map(() => 0);
  let read = 0;
  for await (const page of reader.scan(dataset, { tags: null, which: { kind: 'all' } }, PAGE_RECORDS)) {
    read += page.length;
    if (read > WORTH_READING) return null;
    for (const stored of page) {
      const record = readRecord(stored, dataset);
      orders.forEach((order, index) => {
        if (order.covers(record)) counts[index] = (counts[index] ?? 0) + 1;
      });
    }
  }
  return counts;
}

type Found = Pick<OrderCount, 'records'> & Partial<Pick<OrderCount, 'isAtLeast'>>;

/** By the first thing that the order names and an index knows; of what it names besides nothing is asked. */
async function countByIndex(
  reader: StoreReader,
  dataset: Dataset,
  { records, customers, numbers, covers }: CountedOrder,
  stored: number | null,
): Promise<Found> {
  if (records !== null) {
    const keys = records.filter(one => mayBeDataset(one, dataset)).map(({ key }) => key);
    const found = keys.length === 0 ? [] : await reader.find(dataset, keys);
    return { records: found.filter(one => covers(readRecord(one, dataset))).length };
  }
  if (customers !== null && dataset.customerColumn !== null) {
    const values = [...new Set(customers.flatMap(spellingsOf))];
    const found = await reader.countValues(dataset, dataset.customerColumn, values);
    if (found === null) return { records: null };
    const same = found.filter(({ value }) => customers.some(one => mayBeSameCustomer(one, value)));
    return { records: same.reduce((sum, one) => sum + one.records, 0) };
  }
  if (numbers !== null && dataset.numberColumns.length > 0) {
    const values = [...new Set(numbers.flatMap(number => [number, ...tailsOf(number)]))];
    let sum = 0;
    for (const column of dataset.numberColumns)
      for (const { records: found } of (await reader.countValues(dataset, column, values)) ?? [])
        sum += found;
    // Other spellings are known to no index.
    return { records: sum === 0 ? null : sum, isAtLeast: true };
  }
  // What it names this dataset does not tell, so that it speaks of every record.
  return { records: customers !== null || numbers !== null ? stored : null };
}

function spellingsOf(customer: string): string[] {
  const bare = customer.normalize('NFKC').trim();
  return [customer, bare, bare.toLowerCase(), bare.toUpperCase(), foldId(customer)];
}
