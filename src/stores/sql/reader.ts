// Reads SQL stores: checks a dataset against the real table, counts, walks in key order, finds by key.
import type { Knex } from 'knex';
import { RetentionError } from '../../errors.ts';
import type { Disposition } from '../../policy/policy.ts';
import { shownTable, type TableName } from '../../policy/table-name.ts';
import type { Mismatch } from '../mismatch.ts';
import type { PartitionReader } from '../partition.ts';
import type { Dataset, StoreMap, StoreReader } from '../store.ts';
import { caveats, checkTarget } from './check.ts';
import { childTargets, countChildren } from './child-tables.ts';
import { count, countValues, unclassified } from './count.ts';
import { datedTables } from './dated-tables.ts';
import type { Dialect } from './dialect.ts';
import { find } from './find.ts';
import type { ForeignKeys } from './foreign-keys.ts';
import { indexAdvice } from './index-advice.ts';
import { lonelyChildren } from './lonely-children.ts';
import { nullKeyCaveats } from './null-keys.ts';
import type { Target } from './query.ts';
import { reached, reaching } from './reached.ts';
import { countChanged } from './rows-along.ts';
import { sampleStarts } from './sample-starts.ts';
import { scan, scanNamed } from './scan.ts';
import { unseenEffects } from './unseen-effects.ts';
import { checkWholeRows } from './whole-rows.ts';

export interface SqlReader extends StoreReader {
  readonly target: (dataset: Dataset) => Promise<Target>;
  /** Runs something, and says so in an error of ours when the server cannot be reached. */
  readonly reached: <T>(act: () => Promise<T>) => Promise<T>;
}

export function sqlReader(map: StoreMap, dialect: Dialect, database: Knex): SqlReader {
  const targets = new Map<string, Promise<Target>>();
  const keys = knownKeys(dialect, database);
  const dated = datedTables(dialect, database, keys.forget);
  const target = (dataset: Dataset): Promise<Target> => {
    const known = targets.get(dataset.name) ?? describeTarget(map, dialect, database, dataset, keys.ask);
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
    lastChange: async () => ({ recordsMs: null, storeMs: null }),
    check: (dataset, dispositions) =>
      reached(map, dialect, () => check(database, dataset, dispositions, dialect, target)),
    datedTables: {
      list: dataset => reached(map, dialect, () => dated.list(dataset)),
      isGone: dataset => reached(map, dialect, () => dated.isGone(dataset)),
    },
    count: (dataset, tags, accuracy) =>
      reached(map, dialect, async () => count(database, dialect, await target(dataset), tags, accuracy)),
    inventory: (mapped, detail) => reached(map, dialect, () => dialect.inventory(database, mapped, detail)),
    indexAdvice: dataset => reached(map, dialect, async () => indexAdvice(await target(dataset), dialect)),
    sampleStarts: (dataset, column) =>
      reached(map, dialect, async () => sampleStarts(database, dialect, await target(dataset), column)),
    unseenEffects: dataset => reached(map, dialect, async () => unseenEffects(await target(dataset))),
    caveats: dataset =>
      reached(map, dialect, async () => {
        const table = await target(dataset);
        return [
          ...caveats(table),
          ...(await nullKeyCaveats(database, table)),
          ...dialect.serverCaveats(database),
        ];
      }),
    countValues: (dataset, column, values) =>
      reached(map, dialect, async () =>
        countValues(database, dialect, await target(dataset), column, values),
      ),
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
    grants: grantsReader(map, dialect, database, keys.ask),
    find: (dataset, keys) =>
      reached(map, dialect, async () => find(database, dialect, await target(dataset), keys)),
    countChildren: (dataset, keys, disposition) =>
      reached(map, dialect, async () =>
        disposition === 'purge'
          ? countChildren(database, dialect, await target(dataset), keys)
          : countChanged({ connection: database, dialect }, await target(dataset), keys, disposition, false),
      ),
    lonelyChildren: (dataset, keys) =>
      reached(map, dialect, async () => lonelyChildren(database, await target(dataset), keys)),
    namedBy: (dataset, namings, pageRecords) =>
      scanNamed(map, database, dialect, () => target(dataset), namings, pageRecords),
    server: null,
    load: null,
    fileAt: null,
    otherFiles: null,
    passedOver: null,
    close: () => database.destroy(),
  };
}

/** Asked for once: each time a server looks at all the tables that it has. */
function knownKeys(
  dialect: Dialect,
  database: Knex,
): { readonly ask: () => Promise<ForeignKeys>; readonly forget: () => void } {
  let known: Promise<ForeignKeys> | null = null;
  const forget = (): void => {
    known = null;
  };
  const ask = (): Promise<ForeignKeys> => {
    const found = known ?? dialect.foreignKeys(database);
    known = found;
    found.catch(forget);
    return found;
  };
  return { ask, forget };
}

function grantsReader(
  map: StoreMap,
  dialect: Dialect,
  database: Knex,
  keys: () => Promise<ForeignKeys>,
): StoreReader['grants'] {
  const { grants } = dialect;
  if (grants === null) return null;
  return needs =>
    reached(map, dialect, async () => {
      const tables = await Promise.all(
        needs.map(({ dataset }) => dialect.describe(database, dataset.table, keys)),
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
  keys: () => Promise<ForeignKeys>,
): Promise<Target> {
  const describe = async (written: TableName) => {
    const table = await dialect.describe(database, written, keys);
    if (table !== null) return table;
    throw new RetentionError(
      'store-mismatch',
      `${map.name} has no table "${shownTable(written)}"`,
      `Mend dataset ${dataset.name} in the data map, or grant SELECT on the table`,
    );
  };
  const table = await describe(dataset.table);
  const { rowDigest } = dialect;
  const identity: Target['identity'] =
    dataset.keyless && rowDigest !== null ? (query, alias) => rowDigest(query, table, alias) : null;
  const children = await childTargets(dataset.childTables, describe);
  const by = dataset.startRows;
  const rows: Target['rows'] = by === null ? null : { by, table: await describe(by.table) };
  if (dataset.startFrom === null) return { dataset, table, source: null, children, rows, identity };
  const from = map.datasets.find(one => one.name === dataset.startFrom?.dataset);
  if (from === undefined) throw new Error(`dataset ${dataset.startFrom.dataset} is not mapped`);
  return {
    dataset,
    table,
    source: { at: from.at, table: await describe(from.table), on: dataset.startFrom.on },
    children,
    rows,
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
