// The records of one class in one dataset that a decision must be made on: listed by their keys where the decision is
// the same for all, read in pages where it is not. Both are pushed down to the store as ranges of starts where it can
// compare them; else all there are is read.
import { FUTURE_TOLERANCE_MS } from '../policy/decide.ts';
import type { ClassRules, Moment } from '../policy/policy.ts';
import { type RecordFacts, readRecord } from '../policy/record.ts';
import { isSelected, type Selection, selections } from '../policy/selections.ts';
import { type Literal, startBound } from '../policy/start.ts';
import type { Listed, SureRange } from '../stores/listed.ts';
import type { ListedOfPartition, PartitionSurvey } from '../stores/partition.ts';
import type { Dataset, ScanRange, StoreReader } from '../stores/store.ts';
import type { Finding } from './plan.ts';
import { sureRange } from './sure-range.ts';
import { takesAlong } from './takes-along.ts';

/**
 * Records read at a time. Memory holds one page and one batch. With 500 a page dies young: planning 300,000 calls
 * peaks at 132 MB, against 197 MB with 2,000 (and takes no longer).
 */
export const PAGE_RECORDS = 500;

export interface PartScan {
  readonly bounds: readonly Selection[];
  /** Records that have to be read and decided on one by one, a page at a time. */
  readonly pages: () => AsyncGenerator<readonly RecordFacts[]>;
  /** Records that are due without a look at each, a batch at a time; null where there can be none. */
  readonly listed: (() => AsyncGenerator<ListedPart>) | null;
  /** What is known of the table's partitions; null where they are not to be dropped. */
  readonly partitions: PartitionSurvey | null;
  /** What was found on the way, once all has been read. */
  readonly findings?: () => readonly Finding[];
}

/** Keys that a store listed, and what it set apart from them: read, and still to be decided on. */
export interface ListedPart {
  readonly listed: Listed;
  readonly apart: readonly RecordFacts[];
  /** The same page where all of it lies in one partition that may go as a whole. */
  readonly partition: ListedOfPartition | null;
}

export interface ScanInput {
  readonly reader: StoreReader;
  readonly dataset: Dataset;
  readonly tags: readonly string[] | null;
  readonly rules: ClassRules;
  readonly moment: Moment;
  /** Other datasets refer to this one's records, or are parts of them, so that each has to be looked at when it goes. */
  readonly isReferredTo: boolean;
}

/** What a store is asked for, in its own terms. */
interface PushedDown {
  readonly ranges: readonly ScanRange[];
  readonly doubtful: ScanRange;
  /** What it may list without a look at each; null where nothing of it is sure. */
  readonly sure: SureRange | null;
}

/** Null where the store cannot compare starts, so that all there is has to be read. */
export function pushDown(input: ScanInput, bounds: readonly Selection[]): PushedDown | null {
  const { reader, dataset, tags, rules, moment } = input;
  const ranges = bounds.flatMap(bound => startedRange(dataset, tags, bound) ?? []);
  const doubtful = doubtfulRange(dataset, tags, moment);
  // Where another column may stand in for the start, no range of the one takes in all that is due.
  if (dataset.fallbackColumn !== null) return null;
  if (!reader.facts.pushesDown || doubtful === null || ranges.length < bounds.length) return null;
  const isLookedAt = input.isReferredTo || takesAlong(dataset);
  return { ranges, doubtful, sure: isLookedAt ? null : sureRange(dataset, tags, rules, moment) };
}

export function boundsOf({ dataset, rules, moment }: ScanInput): readonly Selection[] {
  const { store, name, jurisdiction } = dataset;
  return selections(rules, { store, dataset: name, jurisdiction }, moment);
}

export async function scanPart(input: ScanInput & { readonly batchKeys: number }): Promise<PartScan> {
  const { reader, dataset, tags } = input;
  const bounds = boundsOf(input);
  const pushed = pushDown(input, bounds);
  if (pushed === null) {
    const all: ScanRange = { tags, which: { kind: 'all' } };
    return {
      bounds,
      listed: null,
      partitions: await survey(reader, dataset, null),
      pages: () => readPages(reader, dataset, all, () => true),
    };
  }
  const { ranges, doubtful, sure } = pushed;
  const partitions = await survey(reader, dataset, sure);
  const whole = partitions?.due.filter(one => one.why === null) ?? [];
  const others = whole.length === 0 ? undefined : partitions?.others;
  const lists = sure === null ? null : await reader.listSure(dataset, sure, input.batchKeys, others);
  return {
    bounds,
    partitions,
    listed:
      lists === null || sure === null
        ? null
        : async function* () {
            if (whole.length > 0 && reader.partitions !== null)
              yield* readListed(
                reader,
                dataset,
                reader.partitions.list(dataset, sure, whole, input.batchKeys),
                page => page,
              );
            yield* readListed(reader, dataset, lists, () => null);
          },
    pages: async function* () {
      for (const [index, range] of ranges.entries()) {
        const [own, earlier] = [bounds[index], bounds.slice(0, index)];
        // What lies before the sure bound has been listed, or set apart and read.
        const from = lists === null || sure === null ? null : sure.before;
        const rest = startingFrom(range, from);
        if (rest !== null && own !== undefined)
          yield* readPages(reader, dataset, rest, record => isFirst(record, own, earlier));
      }
      if (ranges.length > 0)
        yield* readPages(reader, dataset, doubtful, record => !isSelectedByAny(record, bounds));
    },
  };
}

/** Null where the dataset does not want partitions dropped. */
async function survey(
  reader: StoreReader,
  dataset: Dataset,
  sure: SureRange | null,
): Promise<PartitionSurvey | null> {
  if (dataset.partitions === 'rows') return null;
  if (sure !== null && reader.partitions !== null) return reader.partitions.survey(dataset, sure);
  return { due: [], others: [], why: 'each of its records has to be read' };
}

async function* readListed<Page extends Listed>(
  reader: StoreReader,
  dataset: Dataset,
  lists: AsyncIterable<Page>,
  partitionOf: (page: Page) => ListedOfPartition | null,
): AsyncGenerator<ListedPart> {
  for await (const listed of lists) {
    const apart = listed.apart.length === 0 ? [] : await reader.find(dataset, listed.apart);
    yield {
      listed,
      apart: apart.map(record => readRecord(record, dataset)),
      partition: partitionOf(listed),
    };
  }
}

/** The range without what started before a bound; null where nothing is left. Several begin where the first ends, or later. */
function startingFrom(range: ScanRange, from: Literal | null): ScanRange | null {
  const { which } = range;
  if (which.kind === 'started' && which.before === from) return null;
  if (from === null || which.kind !== 'started' || which.from !== null) return range;
  return { ...range, which: { ...which, from } };
}

/** A store may give more than it was asked for, and two selections may give the same record: each is taken once. */
function isFirst(record: RecordFacts, own: Selection, earlier: readonly Selection[]): boolean {
  const { start } = record;
  if (start.kind !== 'at') return true;
  return isSelected(record, start.ms, own) && !isSelectedByAny(record, earlier);
}

function isSelectedByAny(record: RecordFacts, bounds: readonly Selection[]): boolean {
  const { start } = record;
  return start.kind === 'at' && bounds.some(bound => isSelected(record, start.ms, bound));
}

async function* readPages(
  reader: StoreReader,
  dataset: Dataset,
  range: ScanRange,
  take: (record: RecordFacts) => boolean,
): AsyncGenerator<readonly RecordFacts[]> {
  for await (const page of reader.scan(dataset, range, PAGE_RECORDS)) {
    yield page.map(record => readRecord(record, dataset)).filter(take);
  }
}

function startedRange(dataset: Dataset, tags: readonly string[] | null, bound: Selection): ScanRange | null {
  const plausibleFrom = startBound(dataset.start.plausibleFromMs, dataset.start);
  const before = startBound(bound.beforeMs, dataset.start);
  if (plausibleFrom === null || before === null) return null;
  const from = bound.fromMs === null ? null : startBound(bound.fromMs, dataset.start);
  // Numbers are compared by their digits, which no index knows, so an order for a number is not pushed down by it.
  return {
    tags,
    which: { kind: 'started', plausibleFrom, from, before, customer: bound.customer, key: bound.key },
  };
}

function doubtfulRange(dataset: Dataset, tags: readonly string[] | null, moment: Moment): ScanRange | null {
  const plausibleFrom = startBound(dataset.start.plausibleFromMs, dataset.start);
  const future = startBound(moment.nowMs + FUTURE_TOLERANCE_MS, dataset.start);
  return plausibleFrom === null || future === null
    ? null
    : { tags, which: { kind: 'doubtful', plausibleFrom, future } };
}
