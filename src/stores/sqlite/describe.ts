// A table as SQLite describes it. Names are compared without case, and what a foreign key does sets off triggers.
import type { Knex } from 'knex';
import type { TableName } from '../../policy/table-name.ts';
import type { Around } from '../sql/around.ts';
import { type BaseTables, type Column, literalIn, type Table } from '../sql/dialect.ts';
import { type ForeignKeys, type Reached, reachOfDelete, reachOfUpdate } from '../sql/foreign-keys.ts';
import { sealed } from '../sql/names.ts';
import { triggersOn } from './triggers.ts';
import { typeOf } from './values.ts';

export async function describe(
  database: Knex,
  written: TableName,
  keysOf: () => Promise<ForeignKeys>,
): Promise<Table | null> {
  const [table]: { name: string; type: string }[] = await database.raw(
    "SELECT name, type FROM sqlite_master WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view')",
    [written.name],
  );
  if (table === undefined || written.database !== null) return null;
  const place = { database: null, name: table.name };
  const unique = await uniqueIndexes(database, table.name);
  const columns = await columnsOf(database, table.name, !unique.some(({ isPrimary }) => isPrimary));
  const keys = await keysOf();
  const deleting = await reachOfDelete(keys, place);
  const updating = await reachOfUpdate(keys, place);
  const primary = primaryOf(columns);
  return {
    place,
    isView: table.type === 'view',
    keepsHistory: false,
    events: [],
    viewOf: [],
    unsafeEngine: null,
    refusedEngine: null,
    columns: new Map(columns.map(({ name, column }) => [name, column])),
    uniqueKeys: [
      ...(primary.length === 0 ? [] : [{ name: 'primary', columns: primary }]),
      ...unique.filter(({ isPrimary, isPartial, columns: named }) => {
        const isNullable = (name: string): boolean =>
          columns.find(one => one.name === name)?.column.nullable !== false;
        return !isPrimary && !isPartial && named !== null && !named.some(isNullable);
      }),
    ].map(({ name, columns: named }) => ({ name, columns: named ?? [] })),
    unique: [
      ...(primary.length === 0 ? [] : [primary]),
      ...unique.flatMap(one => (one.columns ? [one.columns] : [])),
    ],
    indexes: [],
    estimatedRows: 0,
    isPartitioned: false,
    returnsDeleted: false,
    deleting,
    updating,
    around: await aroundOf(database, keys, [...deleting.rows, ...updating.rows]),
    keys,
    deleteTriggers: await triggersOn(database, table.name, 'DELETE'),
    updateTriggers: await triggersOn(database, table.name, 'UPDATE'),
    definers: { gone: [], unseen: [] },
    rights: {
      deletes: true,
      seesTriggers: true,
      seesForeignKeys: true,
      seesEvents: true,
      locksTables: true,
      unread: [],
    },
  };
}

interface Described {
  readonly name: string;
  readonly column: Column;
  /** Its place in the primary key, from 1; 0: it is not in it. */
  readonly inKey: number;
}

/** A primary key takes NULL here, unless it is the row's own number, which needs no index: `isNumber`. */
export async function columnsOf(
  database: Knex,
  table: string,
  isNumber = false,
): Promise<readonly Described[]> {
  const rows: {
    name: string;
    type: string;
    notnull: number;
    pk: number;
    dflt_value: string | null;
  }[] = await database.raw('PRAGMA table_info(??)', [sealed(table)]);
  return rows.map(row => ({
    name: row.name,
    inKey: row.pk,
    column: {
      type: typeOf(row.type),
      nullable: row.notnull === 0 && !(row.pk > 0 && isNumber),
      written: row.type || 'column without a type',
      updatesItself: false,
      fallback: literalIn(row.dflt_value),
    },
  }));
}

export function primaryOf(columns: readonly Described[]): string[] {
  return columns
    .filter(({ inKey }) => inKey > 0)
    .sort((a, b) => a.inKey - b.inKey)
    .map(({ name }) => name);
}

interface UniqueIndex {
  readonly name: string;
  readonly isPrimary: boolean;
  readonly isPartial: boolean;
  /** Null where some of it is an expression. */
  readonly columns: readonly string[] | null;
}

async function uniqueIndexes(database: Knex, table: string): Promise<readonly UniqueIndex[]> {
  const indexes: { name: string; unique: number; origin: string; partial: number }[] = await database.raw(
    'PRAGMA index_list(??)',
    [sealed(table)],
  );
  const found: UniqueIndex[] = [];
  for (const index of indexes.filter(one => one.unique === 1)) {
    const parts: { name: string | null }[] = await database.raw('PRAGMA index_info(??)', [
      sealed(index.name),
    ]);
    const named = parts.flatMap(part => part.name ?? []);
    found.push({
      name: index.name,
      isPrimary: index.origin === 'pk',
      isPartial: index.partial !== 0,
      columns: named.length === parts.length ? named : null,
    });
  }
  return found;
}

export async function baseTables(database: Knex): Promise<BaseTables> {
  const tables: { name: string }[] = await database.raw(
    "SELECT name FROM sqlite_master WHERE type = 'table'",
  );
  return { home: null, isOwn: true, tables: tables.map(({ name }) => name) };
}

async function aroundOf(
  database: Knex,
  keys: Pick<ForeignKeys, 'idOf'>,
  reached: readonly Reached[],
): Promise<ReadonlyMap<string, Around>> {
  const around = new Map<string, Around>();
  for (const { table } of reached) {
    if (around.has(keys.idOf(table))) continue;
    const columns = await columnsOf(database, table.name);
    const primary = primaryOf(columns);
    around.set(keys.idOf(table), {
      isReadable: true,
      keepsHistory: false,
      deleteTriggers: await triggersOn(database, table.name, 'DELETE'),
      updateTriggers: await triggersOn(database, table.name, 'UPDATE'),
      rowKey: primary.length === 0 ? null : primary,
      types: new Map(columns.map(({ name, column }) => [name, column.type])),
    });
  }
  return around;
}
