// Reads SQL stores: checks a dataset against the real table, counts, walks in key order, finds by key.
import type { Knex } from 'knex';
import { RetentionError } from '../../errors.ts';
import type { Disposition, Key } from '../../policy/policy.ts';
import type { StoredRecord } from '../../policy/record.ts';
import type { PartitionReader } from '../partition.ts';
import type { Dataset, Mismatch, ScanRange, StoreMap, StoreReader } from '../store.ts';
import { checkTarget, engineCaveat, unseenEffects } from './check.ts';
import { count, unclassified } from './count.ts';
import { datedTables, type SqlDatedTables } from './dated-tables.ts';
import type { Dialect, References } from './dialect.ts';
import { find } from './find.ts';
import { indexAdvice } from './index-advice.ts';
import { selectRecords, type Target, toRecord, whereAfter, whereRange } from './query.ts';
import { reached, reaching } from './reached.ts';
import { sampleStarts } from './sample-starts.ts';
import { scanRows } from './scan-rows.ts';
import { checkWholeRows } from './whole-rows.ts';

export interface SqlReader extends StoreReader {
  readonly target: (dataset: Dataset) => Promise<Target>;
  /** Runs something, and says so in an error of ours when the server cannot be reached. */
  readonly reached: <T>(act: () => Promise<T>) => Promise<T>;
}

export function sqlReader(map: StoreMap, dialect: Dialect, database: Knex): SqlReader {
  const targets = new Map<string, Promise<Target>>();
  const dated = datedTables(dialect, database);
  const target = (dataset: Dataset): Promise<Target> => {
    const known =
      targets.get(dataset.name) ??
      dated
        .referencesFor(dataset)
        .then(references => describeTarget(map, dialect, database, dataset, references));
    targets.set(dataset.name, known);
    // What could not be described is asked for again: the server may be back, or the table made.
    known.catch(() => targets.delete(dataset.name));
    return known;
  };
  return {
    name: map.name,
    kind: map.kind,
    facts: dialect.facts,
    target,
    reached: act => reached(map, dialect, act),
    clockMs: () => reached(map, dialect, () => dialect.clockMs(database)),
    check: (dataset, dispositions) =>
      reached(map, dialect, () => check(database, dataset, dispositions, dialect, target)),
    datedTables: {
      list: dataset => reached(map, dialect, () => dated.list(dataset)),
      isGone: dataset => reached(map, dialect, () => dated.isGone(dataset)),
    },
    count: (dataset, tags, accuracy) =>
      reached(map, dialect, async () => count(database, dialect, await target(dataset), tags, accuracy)),
    indexAdvice: dataset => reached(map, dialect, async () => indexAdvice(await target(dataset))),
    sampleStarts: dataset =>
      reached(map, dialect, async () => sampleStarts(database, dialect, await target(dataset))),
    unseenEffects: dataset => reached(map, dialect, async () => unseenEffects(await target(dataset))),
    caveat: dataset => reached(map, dialect, async () => engineCaveat(await target(dataset))),
    unclassified: dataset =>
      reached(map, dialect, async () => unclassified(database, dialect, await target(dataset))),
    scan: (dataset, range, pageRecords) =>
      scan(map, database, dialect, () => target(dataset), range, pageRecords),
    walk: (dataset, range) =>
      reached(
        map,
        dialect,
        async () => (await dialect.listed?.walk(database, await target(dataset), range)) ?? null,
      ),
    listSure: (dataset, range, batchKeys, partitions) =>
      reached(map, dialect, async () => {
        const lists = await dialect.listed?.list(
          database,
          await target(dataset),
          range,
          batchKeys,
          partitions ?? null,
        );
        return lists == null ? null : reaching(map, dialect, lists);
      }),
    partitions: partitionReader(map, dialect, database, target),
    grants: grantsReader(map, dialect, database, dated),
    find: (dataset, keys) =>
      reached(map, dialect, async () => find(database, dialect, await target(dataset), keys)),
    load: null,
    fileAt: null,
    passedOver: null,
    close: () => database.destroy(),
  };
}

function grantsReader(
  map: StoreMap,
  dialect: Dialect,
  database: Knex,
  dated: SqlDatedTables,
): StoreReader['grants'] {
  const { grants } = dialect;
  if (grants === null) return null;
  return needs =>
    reached(map, dialect, async () => {
      const tables = await Promise.all(
        needs.map(async ({ dataset }) =>
          dialect.describe(database, dataset.at, await dated.referencesFor(dataset)),
        ),
      );
      return grants(
        database,
        needs.map((need, index) => ({ ...need, table: tables[index] ?? null })),
      );
    });
}

function partitionReader(
  map: StoreMap,
  dialect: Dialect,
  database: Knex,
  target: (dataset: Dataset) => Promise<Target>,
): PartitionReader | null {
  const { partitions } = dialect;
  if (partitions === null) return null;
  return {
    survey: (dataset, range) =>
      reached(map, dialect, async () => partitions.survey(database, await target(dataset), range)),
    list: async function* (dataset, range, wanted, batchKeys) {
      const table = await reached(map, dialect, () => target(dataset));
      yield* reaching(map, dialect, partitions.list(database, table, range, wanted, batchKeys));
    },
  };
}

async function describeTarget(
  map: StoreMap,
  dialect: Dialect,
  database: Knex,
  dataset: Dataset,
  references: References | null,
): Promise<Target> {
  const describe = async (at: string) => {
    const table = await dialect.describe(database, at, at === dataset.at ? references : null);
    if (table !== null) return table;
    throw new RetentionError(
      'store-mismatch',
      `${map.name} has no table "${at}"`,
      `Mend dataset ${dataset.name} in the data map, or grant SELECT on the table`,
    );
  };
  const table = await describe(dataset.at);
  const { rowDigest } = dialect;
  const identity: Target['identity'] =
    dataset.keyless && rowDigest !== null ? (query, alias) => rowDigest(query, table, alias) : null;
  if (dataset.startFrom === null) return { dataset, table, source: null, identity };
  const from = map.datasets.find(one => one.name === dataset.startFrom?.dataset);
  if (from === undefined) throw new Error(`dataset ${dataset.startFrom.dataset} is not mapped`);
  return {
    dataset,
    table,
    source: { at: from.at, table: await describe(from.at), on: dataset.startFrom.on },
    identity,
  };
}

async function check(
  database: Knex,
  dataset: Dataset,
  dispositions: readonly Disposition[],
  dialect: Dialect,
  target: (dataset: Dataset) => Promise<Target>,
): Promise<readonly Mismatch[]> {
  try {
    const found = checkTarget(await target(dataset), dialect, dispositions);
    return found.length > 0 ? found : await checkWholeRows(database, dialect, await target(dataset));
  } catch (error) {
    if (!(error instanceof RetentionError) || error.code !== 'store-mismatch') throw error;
    return [{ dataset: dataset.name, message: error.message, hint: error.hint }];
  }
}

async function* scan(
  map: StoreMap,
  database: Knex,
  dialect: Dialect,
  targetOf: () => Promise<Target>,
  range: ScanRange,
  pageRecords: number,
): AsyncGenerator<readonly StoredRecord[]> {
  const target = await reached(map, dialect, targetOf);
  const { dataset } = target;
  if (target.identity !== null) {
    for await (const rows of reaching(map, dialect, scanRows(database, dialect, target, range)))
      for (let at = 0; at < rows.length; at += pageRecords) yield rows.slice(at, at + pageRecords);
    return;
  }
  // Following the key makes the whole scan one walk; left alone, the server may sort all due rows for every page. Where
  // they are few, the start's index has them together.
  const narrow =
    range.which.kind === 'started' && (range.which.customer !== null || range.which.key !== null);
  const byStart = narrow ? null : dialect.narrowIndex;
  const start = byStart && (await reached(map, dialect, () => byStart(database, target, range)));
  const follow = narrow ? null : (start ?? keyIndex(target));
  let after: Key | null = null;
  // The last key of a page long past: to meet it again is to walk in a circle.
  let landmark = '';
  for (let pages = 1; ; pages += 1) {
    const query = selectRecords(database, dialect, target, follow);
    whereRange(query, dialect, target, range);
    if (after !== null) whereAfter(query, target, after);
    query.orderBy(dataset.key.map(column => ({ column: `t.${column}` }))).limit(pageRecords);
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
