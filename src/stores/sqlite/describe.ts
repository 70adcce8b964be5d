// A table as SQLite describes it. Names are compared without case, and what a foreign key does sets off triggers.
import type { Knex } from 'knex';
import type { TableName } from '../../policy/table-name.ts';
import {
  type Around,
  type BaseTables,
  type Column,
  type ColumnType,
  literalIn,
  type Table,
} from '../sql/dialect.ts';
import {
  type ForeignKey,
  type ForeignKeys,
  type Reached,
  type Rule,
  reachOfDelete,
  reachOfUpdate,
} from '../sql/foreign-keys.ts';
import { sealed } from '../sql/names.ts';

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
  const columns = await columnsOf(database, table.name);
  const unique = await uniqueIndexes(database, table.name);
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

async function columnsOf(database: Knex, table: string): Promise<readonly Described[]> {
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
      nullable: row.notnull === 0 && row.pk === 0,
      written: row.type || 'column without a type',
      updatesItself: false,
      fallback: literalIn(row.dflt_value),
    },
  }));
}

function primaryOf(columns: readonly Described[]): string[] {
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

const RULES: Readonly<Record<string, Rule>> = {
  CASCADE: 'cascade',
  'SET NULL': 'set-null',
  'SET DEFAULT': 'set-default',
  'NO ACTION': 'refuse',
  RESTRICT: 'refuse',
};

/** SQLite takes capitals of ASCII for small letters, and no others. */
export function folded({ name }: TableName): string {
  return name.replace(/[A-Z]/g, letter => letter.toLowerCase());
}

/** Each table is asked for the keys that it has itself. */
export async function foreignKeys(database: Knex): Promise<ForeignKeys> {
  const byReferred = new Map<string, ForeignKey[]>();
  for (const name of (await baseTables(database)).tables) {
    for (const key of await keysOf(database, name)) {
      const id = folded(key.to);
      byReferred.set(id, [...(byReferred.get(id) ?? []), key]);
    }
  }
  return {
    referringTo: async table => byReferred.get(folded(table)) ?? [],
    idOf: folded,
    named: table => table,
  };
}

async function keysOf(database: Knex, name: string): Promise<readonly ForeignKey[]> {
  const rows: {
    id: number;
    seq: number;
    table: string;
    from: string;
    to: string | null;
    on_delete: string;
    on_update: string;
  }[] = await database.raw('PRAGMA foreign_key_list(??)', [sealed(name)]);
  const keys: ForeignKey[] = [];
  for (const id of new Set(rows.map(row => row.id))) {
    const parts = rows.filter(row => row.id === id).sort((a, b) => a.seq - b.seq);
    const [first] = parts;
    if (first === undefined) continue;
    // Without columns it refers to the primary key.
    const primary = parts.some(({ to }) => to === null)
      ? primaryOf(await columnsOf(database, first.table))
      : [];
    keys.push({
      name: `foreign key ${parts.map(({ from }) => from).join(', ')}`,
      table: { database: null, name },
      columns: parts.map(({ from }) => from),
      to: { database: null, name: first.table },
      referred: parts.map(({ to }, index) => to ?? primary[index] ?? ''),
      onDelete: RULES[first.on_delete] ?? null,
      onUpdate: RULES[first.on_update] ?? null,
    });
  }
  return keys;
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
      keepsHistory: false,
      deleteTriggers: await triggersOn(database, table.name, 'DELETE'),
      updateTriggers: await triggersOn(database, table.name, 'UPDATE'),
      rowKey: primary.length === 0 ? null : primary,
      types: new Map(columns.map(({ name, column }) => [name, column.type])),
    });
  }
  return around;
}

async function triggersOn(database: Knex, table: string, act: 'DELETE' | 'UPDATE'): Promise<string[]> {
  const triggers: { name: string; sql: string }[] = await database.raw(
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE",
    [table],
  );
  return triggers.filter(({ sql }) => eventOf(sql) === null || eventOf(sql) === act).map(({ name }) => name);
}

const NAME = '(?:"(?:[^"]|"")*"|`(?:[^`]|``)*`|\\[[^\\]]*\\]|\'(?:[^\']|\'\')*\'|[^\\s."`\'\\[(]+)';
const SPACE = '(?:\\s|--[^\\n]*\\n|/\\*[\\s\\S]*?\\*/)+';
/** `CREATE TRIGGER t AFTER UPDATE OF name ON prospects`, as far as its event. */
const EVENT = new RegExp(
  `^CREATE(?:${SPACE}TEMP(?:ORARY)?)?${SPACE}TRIGGER${SPACE}(?:IF${SPACE}NOT${SPACE}EXISTS${SPACE})?${NAME}(?:\\s*\\.\\s*${NAME})?(?:${SPACE})?(?:(?:BEFORE|AFTER|INSTEAD${SPACE}OF)${SPACE})?(DELETE|INSERT|UPDATE)\\b`,
  'i',
);

/** What sets a trigger off; null: that is not understood, and anything may. */
function eventOf(sql: string): string | null {
  return EVENT.exec(sql.trim())?.[1]?.toUpperCase() ?? null;
}

/** SQLite's own rules for the affinity of a declared type, as far as binding a key needs them. */
function typeOf(declared: string): ColumnType {
  const type = declared.toUpperCase();
  if (type.includes('INT')) return 'integer';
  if (/CHAR|CLOB|TEXT/.test(type)) return 'text';
  // Values of any kind stay as they are in these, numbers before texts before bytes, and one text can stand for all three.
  if (type === '' || /BLOB|BINARY/.test(type)) return 'coded';
  return /REAL|FLOA|DOUB/.test(type) ? 'float' : 'other';
}
