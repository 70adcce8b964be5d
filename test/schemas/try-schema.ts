// Tries the product on one random schema: it is made, planned and enforced for, and every table is compared before and
// after. What changed and was not named is wrong; what was refused and would have reached nothing unnamed is needless.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rehearse } from '../../src/rehearse/rehearse.ts';
import { kinds } from '../../src/stores/kinds.ts';
import { policyOf } from '../ledger/sample-log.ts';
import type { FreshMysql, FreshSqlite } from '../support/databases.ts';
import { holdOn, policySetOf, smallRun } from '../support/small-run.ts';
import { type DatasetFile, sqlMap } from '../support/store-maps.ts';
import { type Homes, statementsFor } from './build.ts';
import { randomOf } from './random.ts';
import { type ReachModel, reachOf, touchedBy } from './reach-model.ts';
import type { AChild, ADataset, ASchema } from './schema.ts';

export interface Tried {
  readonly seed: number;
  readonly datasets: number;
  readonly refused: number;
  /** Records that went or were changed. */
  readonly disposed: number;
  readonly features: readonly string[];
  /** Something changed that nothing named, or was counted otherwise; or the product failed. */
  readonly wrong: readonly string[];
  /** Refused, and would have reached nothing that was not named. */
  readonly needless: readonly string[];
  /** What was refused, in the product's words. */
  readonly refusals: readonly string[];
}

const CLASSES = { purge: 'purged', anonymise: 'masked', flag: 'flagged' } as const;

const POLICIES = policySetOf(
  [
    policyOf('purged', 'P30D', 'purge'),
    policyOf('masked', 'P30D', 'anonymise'),
    policyOf('flagged', 'P30D', 'flag'),
  ],
  { holds: [holdOn('case-17', { customers: ['H'] })] },
);

/** A place to make the schema in: one or two empty databases, or a file. */
export interface Place {
  readonly at: string;
  readonly homes: Homes;
  readonly run: FreshMysql['knex'] | FreshSqlite['knex'];
}

export async function trySchema(schema: ASchema, place: Place): Promise<Tried> {
  const nowMs = Date.now();
  const keyless = new Set(schema.datasets.filter(one => one.isKeyless).map(one => one.table));
  const made = await make(schema, place, keyless, nowMs);
  const scratch = await mkdtemp(join(tmpdir(), 'retention-schema-'));
  const kind = schema.server === 'sqlite' ? 'sqlite' : 'mysql';
  const map = sqlMap(
    kind,
    made.datasets.map(one => datasetFile(made, one, place.homes)),
  );
  const whole = kinds[kind].openWhole(map, place.at);
  const small = await smallRun({
    ledgerAt: join(scratch, 'ledger.db'),
    maps: [map],
    at: { tested: place.at },
    policySet: POLICIES,
    nowMs,
    batchKeys: 5,
  });
  const models = made.datasets.map(one => reachOf(made, one));
  const datasets = made.datasets.length;
  const features = featuresOf(made, models);
  try {
    const done = await rehearse({
      maps: [map],
      whole: new Map([[map.name, whole]]),
      databases: kind === 'sqlite' ? null : place.homes.filter(one => one !== null),
      ledger: small.ledger,
      hashKey: '',
      scratch,
      plan: () => small.plan(),
      enforce: plan => small.enforce(plan),
    });
    const refusals = done.plan.parts.flatMap(part =>
      part.findings
        .filter(one => one.severity === 'refused')
        .map(one => ({ dataset: part.dataset, why: one.message })),
    );
    const refused = new Set(refusals.map(one => one.dataset));
    // What acknowledged triggers do is told by name, and not counted.
    const uncounted = new Set(
      made.datasets
        .filter((_, index) => !refused.has(nameOf(index)))
        .flatMap(one => [...touchedBy(made, named(made, one).triggers)])
        .map(table => shownAs(made, table, place.homes)),
    );
    return {
      seed: schema.seed,
      datasets,
      refused: refused.size,
      disposed: done.tables.reduce((sum, one) => sum + one.gone + one.changed, 0),
      features,
      wrong: [
        ...done.tables
          .filter(one => !uncounted.has(one.table))
          .flatMap(one => one.wrong.map(why => `${one.table}: ${why}`)),
        ...(done.audit.broken === null ? [] : [`the audit log does not verify: ${done.audit.broken.why}`]),
      ],
      needless: made.datasets.flatMap((one, index) =>
        refused.has(nameOf(index)) && unnamedOf(made, one, models[index]).length === 0
          ? [`${nameOf(index)}: ${refusals.find(two => two.dataset === nameOf(index))?.why}`]
          : [],
      ),
      refusals: refusals.map(one => `${one.dataset}: ${one.why}`),
    };
  } catch (error) {
    const wrong = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    return {
      seed: schema.seed,
      datasets,
      refused: 0,
      disposed: 0,
      features,
      wrong,
      needless: [],
      refusals: [],
    };
  } finally {
    await small.close();
    await whole.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A key that the server does not take is left out, of the schema too. */
async function make(
  schema: ASchema,
  place: Place,
  keyless: ReadonlySet<number>,
  nowMs: number,
): Promise<ASchema> {
  const untaken = new Set<string>();
  for (const statement of statementsFor(schema, place.homes, keyless, nowMs)) {
    try {
      await place.run.raw(statement);
    } catch (error) {
      const key = /CONSTRAINT [`"]fk_(\d+)_(ref_\d+)[`"]/.exec(statement);
      if (key === null || !statement.startsWith('ALTER')) throw error;
      untaken.add(`${key[1]}/${key[2]}`);
    }
  }
  return {
    ...schema,
    tables: schema.tables.map((table, index) => ({
      ...table,
      keys: table.keys.filter(key => !untaken.has(`${index}/${key.column}`)),
    })),
  };
}

/** As a rehearsal names it. */
function shownAs({ tables }: ASchema, index: number, homes: Homes): string {
  const { home = 0, name = '' } = tables[index] ?? {};
  const database = homes[home];
  return ['tested', ...(database === null ? [] : [database]), name].join('/');
}

const nameOf = (index: number): string => `dataset-${index}`;

function datasetFile(schema: ASchema, dataset: ADataset, homes: Homes): DatasetFile {
  const table = schema.tables[dataset.table];
  if (table === undefined) throw new Error('a dataset without a table');
  const unit = { unit: 'datetime', zone: 'UTC' } as const;
  return {
    dataset: nameOf(schema.datasets.indexOf(dataset)),
    ...placeOf(schema, dataset.table, homes),
    ...(dataset.isKeyless ? { keyless: true } : { key: [table.key] }),
    class: CLASSES[dataset.disposal],
    customer: 'who',
    start: { event: 'recorded', column: table.at, ...unit },
    ...(dataset.children.length === 0
      ? {}
      : { children: dataset.children.map(child => childFile(schema, child, table.key, homes)) }),
    ...(dataset.disposal === 'anonymise'
      ? {
          anonymise: {
            fields: [{ column: 'val', mask: null }],
            marker: { column: 'state', value: 'anonymised' },
          },
        }
      : {}),
    ...(dataset.disposal === 'flag' ? { flag: { column: 'state', value: 'due' } } : {}),
    acknowledged: acknowledgedOf(schema, dataset, homes),
  } as DatasetFile;
}

function placeOf(schema: ASchema, index: number, homes: Homes): { table: string; database?: string } {
  const table = schema.tables[index];
  const home = homes[table?.home ?? 0];
  return { table: table?.name ?? '', ...(table?.home === 1 && home !== null ? { database: home } : {}) };
}

function childFile(schema: ASchema, child: AChild, above: string, homes: Homes): object {
  const table = schema.tables[child.table];
  return {
    ...placeOf(schema, child.table, homes),
    on: { [child.by]: above },
    ...(child.children.length === 0
      ? {}
      : { children: child.children.map(one => childFile(schema, one, table?.key ?? '', homes)) }),
  };
}

/** What a careful person would have written, all of it, some of it, or none. */
function named(schema: ASchema, dataset: ADataset): Pick<ReachModel, 'deletes' | 'changes' | 'triggers'> {
  const model = reachOf(schema, dataset);
  const random = randomOf(schema.seed + dataset.table);
  const some = <T>(all: ReadonlySet<T>): ReadonlySet<T> =>
    new Set(
      [...all].filter(
        () => dataset.acknowledges === 'all' || (dataset.acknowledges === 'some' && random.chance(0.5)),
      ),
    );
  return { deletes: some(model.deletes), changes: some(model.changes), triggers: some(model.triggers) };
}

function acknowledgedOf(schema: ASchema, dataset: ADataset, homes: Homes): object {
  const { deletes, changes, triggers } = named(schema, dataset);
  const tables = (all: ReadonlySet<number>): object[] => [...all].map(index => placeOf(schema, index, homes));
  return { cascades: tables(deletes), changes: tables(changes), triggers: [...triggers] };
}

/** What a dataset reaches that is not named for it. */
function unnamedOf(schema: ASchema, dataset: ADataset, model: ReachModel | undefined): string[] {
  if (model === undefined) return [];
  const said = named(schema, dataset);
  const missing = (what: string, all: ReadonlySet<unknown>, has: ReadonlySet<unknown>): string[] =>
    [...all].filter(one => !has.has(one)).map(one => `${what} ${one}`);
  return [
    ...missing('deletes from', model.deletes, said.deletes),
    ...missing('changes', model.changes, said.changes),
    ...missing('sets off', model.triggers, said.triggers),
    ...model.never,
  ];
}

/** By name, for counting how often each was tried. */
function featuresOf({ tables, datasets, server }: ASchema, models: readonly ReachModel[]): string[] {
  const keys = tables.flatMap((table, from) => table.keys.map(key => ({ ...key, from, home: table.home })));
  const all: Record<string, boolean> = {
    [server]: true,
    'two databases': tables.some(table => table.home === 1),
    'one name in two databases': tables.some(a => tables.some(b => a !== b && a.name === b.name)),
    'odd names': tables.some(table => !/^[a-z_0-9]+$/.test(table.name + table.key + table.at)),
    'key into the table itself': keys.some(key => key.from === key.to),
    'keys in a circle': keys.some(a => keys.some(b => a.from !== a.to && a.from === b.to && a.to === b.from)),
    'key across databases': keys.some(key => key.home !== tables[key.to]?.home),
    'on delete cascade': keys.some(key => key.onDelete === 'CASCADE'),
    'on delete set null': keys.some(key => key.onDelete === 'SET NULL'),
    'on delete set default': keys.some(key => key.onDelete === 'SET DEFAULT'),
    'key to a masked column': datasets.some(
      one => one.disposal === 'anonymise' && keys.some(key => key.to === one.table && key.refers === 'val'),
    ),
    'on delete restrict': keys.some(key => key.onDelete === 'RESTRICT' || key.onDelete === 'NO ACTION'),
    'cascade below a cascade': models.some(model => model.deletes.size > 1),
    'set null reached': models.some(model => model.changes.size > 0),
    'trigger set off': models.some(model => model.triggers.size > 0),
    'trigger on a masked table': datasets.some(
      (one, index) => one.disposal !== 'purge' && (models[index]?.triggers.size ?? 0) > 0,
    ),
    'engine that undoes nothing': tables.some(table => table.engine !== 'InnoDB'),
    'history kept': tables.some(table => table.isVersioned),
    children: datasets.some(one => one.children.length > 0),
    'children of children': datasets.some(one => one.children.some(child => child.children.length > 0)),
    purge: datasets.some(one => one.disposal === 'purge'),
    mask: datasets.some(one => one.disposal === 'anonymise'),
    flag: datasets.some(one => one.disposal === 'flag'),
    keyless: datasets.some(one => one.isKeyless),
    'all acknowledged': datasets.some(one => one.acknowledges === 'all'),
    'half acknowledged': datasets.some(one => one.acknowledges === 'some'),
  };
  return Object.keys(all).filter(name => all[name]);
}
