// Walks rows with a key, a page at a time in the order of the key: all of a range, or those that may name certain files.
import type { Knex } from 'knex';
import { RetentionError } from '../../errors.ts';
import type { Naming } from '../../policy/naming.ts';
import type { Key } from '../../policy/policy.ts';
import type { StoredRecord } from '../../policy/record.ts';
import { readStartRows } from '../../policy/start-rows.ts';
import type { ScanRange } from '../scan-range.ts';
import type { Dataset, StoreMap } from '../store.ts';
import type { Dialect } from './dialect.ts';
import { columnOf } from './names.ts';
import { selectRecords, type Target, toRecord, whereAfter } from './query.ts';
import { reached, reaching } from './reached.ts';
import { scanRows } from './scan-rows.ts';
import { inSlices, whereNamed } from './where-named.ts';
import { narrowRange, whereRange } from './where-range.ts';

/** Records read at a time where rows of another table tell their starts: 500,000 of them take 2 s for each query. */
const ACCOUNTS_AT_ONCE = 5000;

export async function* scan(
  map: StoreMap,
  database: Knex,
  dialect: Dialect,
  targetOf: () => Promise<Target>,
  range: ScanRange,
  pageRecords: number,
): AsyncGenerator<readonly StoredRecord[]> {
  const target = await reached(map, dialect, targetOf);
  if (target.identity !== null) {
    for await (const rows of reaching(map, dialect, scanRows(database, dialect, target, range)))
      for (let at = 0; at < rows.length; at += pageRecords) yield rows.slice(at, at + pageRecords);
    return;
  }
  // Following the key makes the whole scan one walk; left alone, the server may sort all due rows for every page. Where
  // they are few, the start's index has them together.
  const narrow = narrowRange(target, range);
  const byStart = narrow ? null : dialect.narrowIndex;
  const start = byStart && (await reached(map, dialect, () => byStart(database, target, range)));
  const follow = narrow ? null : (start ?? keyIndex(target));
  const select = (): Knex.QueryBuilder => {
    const query = selectRecords(database, dialect, target, follow, narrow);
    whereRange(query, dialect, target, range);
    return query;
  };
  // Each query adds up the rows of all accounts, so that few queries are better.
  const atOnce = target.rows === null ? pageRecords : Math.max(pageRecords, ACCOUNTS_AT_ONCE);
  for await (const page of inKeyOrder(map, dialect, target, select, atOnce)) {
    const given =
      target.rows !== null && range.which.kind === 'started' ? startedOf(page, target.dataset) : page;
    for (let at = 0; at < given.length; at += pageRecords) yield given.slice(at, at + pageRecords);
  }
}

/** Those that rows really tell a start of: the others come up as doubtful, and would be counted twice. */
function startedOf(page: readonly StoredRecord[], { start: spec }: Dataset): readonly StoredRecord[] {
  return page.filter(
    ({ start }) => start.rows !== undefined && readStartRows(start, start.rows, spec).kind === 'at',
  );
}

/** Rows that may name certain files. All namings are of one template. */
export async function* scanNamed(
  map: StoreMap,
  database: Knex,
  dialect: Dialect,
  targetOf: () => Promise<Target>,
  namings: readonly Naming[],
  pageRecords: number,
): AsyncGenerator<readonly StoredRecord[]> {
  for (const some of inSlices(namings)) {
    const target = await reached(map, dialect, targetOf);
    const select = (): Knex.QueryBuilder => {
      const query = selectRecords(database, dialect, target, null);
      whereNamed(query, dialect, target, some);
      return query;
    };
    yield* inKeyOrder(map, dialect, target, select, pageRecords);
  }
}

/** The rows of a selection. */
async function* inKeyOrder(
  map: StoreMap,
  dialect: Dialect,
  target: Target,
  select: () => Knex.QueryBuilder,
  pageRecords: number,
): AsyncGenerator<readonly StoredRecord[]> {
  const { dataset } = target;
  let after: Key | null = null;
  // The last key of a page long past: to meet it again is to walk in a circle.
  let landmark = '';
  for (let pages = 1; ; pages += 1) {
    const query = select();
    if (after !== null) whereAfter(query, target, after);
    query.orderBy(dataset.key.map(column => ({ column: columnOf('t', column) }))).limit(pageRecords);
    const rows = await reached(map, dialect, async (): Promise<Parameters<typeof toRecord>[0][]> => query);
    const page = rows.map(row => toRecord(row, dataset));
    const last = page.at(-1)?.key ?? null;
    const id = JSON.stringify(last);
    if (id === landmark) throw walksInCircles(map, dataset);
    if (Number.isInteger(Math.log2(pages))) landmark = id;
    if (page.length > 0) yield page;
    if (page.length < pageRecords) return;
    after = last;
  }
}

/** A key whose text does not compare as the key does (bytes in a column of text, say) would be walked for ever. */
function walksInCircles(map: StoreMap, dataset: Dataset): RetentionError {
  return new RetentionError(
    'store-mismatch',
    `${map.name}: keys of dataset ${dataset.name} are not in the order that they are compared in`,
    `See that every value of ${dataset.key.join(', ')} is of the type that the column is declared as`,
  );
}

/** The unique index that the key of a dataset is, by name. */
function keyIndex(target: Target): string | null {
  const key = target.dataset.key;
  return (
    target.table.uniqueKeys.find(
      one => one.columns.length === key.length && one.columns.every((column, at) => column === key[at]),
    )?.name ?? null
  );
}
