// A rehearsal on a restored copy: every table of every store is looked at before and after a real run, and whatever
// changed is held against what the plan announced and what the audit log says.
import { join } from 'node:path';
import type { RunResult } from '../enforce/enforce-plan.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type Verification, verifyAudit } from '../ledger/verify-audit.ts';
import { datasetNamed } from '../plan/expand-maps.ts';
import type { Plan } from '../plan/plan.ts';
import { isChangeOf, shownTable, type TableName } from '../policy/table-name.ts';
import type { ChildTable } from '../stores/child-table.ts';
import type { Dataset, StoreMap } from '../stores/store.ts';
import type { WholeStore, WholeTable } from '../stores/whole-table.ts';
import { compareTable, NOTHING_NAMED, type TableVerdict } from './compare.ts';
import { type TableNames, whatIsNamed } from './named.ts';
import { openSnapshots, type Sight, type Snapshots } from './snapshot.ts';

export interface RehearseInput {
  /** The data maps that the job reaches, each of their tables that are named by date among the datasets. */
  readonly maps: readonly StoreMap[];
  readonly whole: ReadonlyMap<string, WholeStore>;
  /** Only tables of these databases are looked at; null: all that there are. */
  readonly databases: readonly string[] | null;
  readonly ledger: Ledger;
  readonly hashKey: string;
  /** A folder for the digests of all rows. */
  readonly scratch: string;
  readonly plan: () => Promise<Plan>;
  /** Null where the plan may not be enforced, which the report then says. */
  readonly enforce: (plan: Plan) => Promise<RunResult>;
}

export interface Rehearsal {
  readonly plan: Plan;
  readonly run: RunResult;
  readonly tables: readonly TableVerdict[];
  readonly audit: Verification;
}

/** Whether nothing changed that was not named, and the audit log verifies. */
export function isAsAnnounced({ tables, audit }: Rehearsal): boolean {
  return audit.broken === null && tables.every(table => table.wrong.length === 0);
}

/** Enforces a job for good: only ever to be called on a copy. */
export async function rehearse(input: RehearseInput): Promise<Rehearsal> {
  const snapshots = await openSnapshots(join(input.scratch, 'rows.db'));
  try {
    await takeAll(input, snapshots, 'before');
    const plan = await input.plan();
    const run = await input.enforce(plan);
    await takeAll(input, snapshots, 'after');
    const { ledger, maps } = input;
    const named = await whatIsNamed({
      plan,
      run: run.run,
      ledger,
      datasetOf: (store, dataset) => {
        const map = maps.find(one => one.name === store);
        return map === undefined ? null : datasetNamed(map, dataset);
      },
      names: namesIn(input),
      snapshots,
    });
    const tables: TableVerdict[] = [];
    for (const { at, isKeyed } of await snapshots.tables())
      tables.push(await compareTable(snapshots, at, { ...(named.get(at) ?? NOTHING_NAMED), isKeyed }));
    return { plan, run, tables, audit: await verifyAudit(ledger) };
  } finally {
    await snapshots.close();
  }
}

async function takeAll(
  { maps, whole, databases, hashKey }: RehearseInput,
  snapshots: Snapshots,
  when: 'before' | 'after',
): Promise<void> {
  for (const map of maps) {
    for (const table of (await whole.get(map.name)?.tables(databases)) ?? []) {
      const at = nameOf(map.name, table.database, table.table);
      const mapped = map.datasets.filter(one => nameOfDataset(one, whole) === at);
      await snapshots.take(when, at, table, sightOf(table, mapped, map, hashKey));
    }
  }
}

/** A record is told apart as its dataset says, any other row by its table's own key. */
function sightOf(table: WholeTable, mapped: readonly Dataset[], map: StoreMap, hashKey: string): Sight {
  const [own] = mapped.filter(one => one.partOf === null);
  const changes = mapped.flatMap(one => [
    one.flag?.column ?? [],
    one.anonymise?.marker?.column ?? [],
    ...(one.anonymise?.fields.map(field => field.column) ?? []),
  ]);
  return {
    key: map.kind === 'filesystem' ? ['path'] : own === undefined ? table.key : own.keyless ? null : own.key,
    mayChange: new Set(changes.flat()),
    hashKey: own?.keysPersonal === true ? hashKey : null,
  };
}

function namesIn({ whole }: RehearseInput): TableNames {
  return {
    ofDataset: dataset => nameOfDataset(dataset, whole),
    beside: (dataset, counted) => {
      const named = [
        ...dataset.acknowledged.cascades,
        ...dataset.acknowledged.changes,
        ...tablesOf(dataset.childTables),
        dataset.table,
      ];
      const table = named.find(one => shownTable(one) === counted || isChangeOf(counted, one));
      return table === undefined ? counted : nameOfTable(dataset.store, table, whole);
    },
    ofFiles: store => nameOf(store, null, ''),
  };
}

function tablesOf(children: readonly ChildTable[]): TableName[] {
  return children.flatMap(child => [child.table, ...tablesOf(child.children)]);
}

/** A folder is no table of its own: its files are told apart by their paths. */
function nameOfDataset({ store, table, pattern }: Dataset, whole: RehearseInput['whole']): string {
  return pattern === null ? nameOfTable(store, table, whole) : nameOf(store, null, '');
}

function nameOfTable(store: string, { database, name }: TableName, whole: RehearseInput['whole']): string {
  return nameOf(store, database ?? whole.get(store)?.own ?? null, name);
}

/** A table as people write it. */
function nameOf(store: string, database: string | null, table: string): string {
  return [store, ...(database === null ? [] : [database]), table].join('/');
}
