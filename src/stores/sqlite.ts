// SQLite, the embedded default. Its columns have no types of their own, so what a unit cannot read is asked for by
// shape, and bounds are widened to whole days: a value written with a `T` sorts after one written with a blank.
import { existsSync } from 'node:fs';
import type { Knex } from 'knex';
import type { Explained } from '../database/explained.ts';
import { explainSqliteTrouble } from '../database/sqlite-errors.ts';
import { RetentionError } from '../errors.ts';
import { openSqliteFile } from '../knex-sqlite.ts';
import type { Literal, StartUnit } from '../policy/start.ts';
import {
  type BaseTables,
  type Column,
  type ColumnType,
  type Dialect,
  followCascades,
  literalIn,
  type References,
  type Table,
} from './sql/dialect.ts';
import { sqlStore } from './sql/dispose.ts';
import { sqlReader } from './sql/reader.ts';
import { inventory } from './sqlite/inventory.ts';
import { asText, sqliteTimes } from './sqlite/values.ts';
import type { Store, StoreMap, StoreReader } from './store.ts';

/** Opens an SQLite file for planning: its connection refuses every write. */
export function openSqliteReader(map: StoreMap, path: string): StoreReader {
  // The driver takes `readonly` and does not honour it; this pragma SQLite itself enforces.
  return sqlReader(map, sqlite, connect(map, path, ['PRAGMA query_only = ON']));
}

export function openSqlite(map: StoreMap, path: string, hashKey: string): Store {
  const database = connect(map, path, ['PRAGMA foreign_keys = ON', 'PRAGMA synchronous = FULL']);
  return sqlStore(sqlReader(map, sqlite, database), sqlite, database, hashKey);
}

function connect(map: StoreMap, path: string, pragmas: readonly string[]): Knex {
  if (!existsSync(path)) {
    throw new RetentionError(
      'store-unreachable',
      `store ${map.name} cannot be reached: there is no file ${path}`,
      'Check the path in the data map, or the variable that it names',
    );
  }
  return openSqliteFile(path, ['PRAGMA busy_timeout = 5000', ...pragmas]);
}

const DATE = '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]';

const sqlite: Dialect = {
  kind: 'sqlite',
  facts: { pushesDown: true, dispositions: ['purge', 'flag', 'anonymise'] },
  describe,
  inventory,
  baseTables,
  references,
  clockMs: async () => null,
  beginWriting: async (transaction, table) => {
    // Any write statement takes the write lock before it looks for rows; from then on nobody else can change them.
    await transaction(table).whereRaw('0').delete();
  },
  afterLocked: replaceConnection,
  locksRows: false,
  withTablesLocked: null,
  deleteJoined: (connection, { at, on, where }, above) =>
    connection(at)
      .where(where)
      .whereIn(
        Object.keys(on),
        above.query().select(Object.values(on).map(column => `${above.alias}.${column}`)),
      )
      .delete(),
  follow: () => null,
  narrowIndex: null,
  asText,
  comparedText: asText,
  toLastDot: (database, column) => database.raw("rtrim(??, replace(??, '.', ''))", [column, column]),
  rowDigest: null,
  exactText: asText,
  times: sqliteTimes,
  lockShared: '',
  unreadable,
  widen,
  typesFor: () => null,
  listed: null,
  partitions: null,
  grants: null,
  serverCaveats: () => [],
  explainError,
};

/**
 * The driver never finishes a statement that found the file locked, and no later commit on its connection succeeds: the
 * transaction would stay open and keep everybody else from writing. So it is rolled back and the connection replaced.
 */
async function replaceConnection(database: Knex): Promise<void> {
  const connection = await database.client.acquireConnection();
  try {
    connection.exec('ROLLBACK');
  } catch {
    // No transaction was open.
  }
  connection.__knex__disposed = 'it found the file locked';
  await database.client.releaseConnection(connection);
}

function unreadable(unit: StartUnit): string | null {
  switch (unit) {
    case 'datetime':
    case 'timestamp':
    case 'date':
      return `(?? IS NOT NULL AND (typeof(??) <> 'text' OR ?? NOT GLOB '${DATE}*'))`;
    case 'epoch-s':
    case 'epoch-ms':
    case 'epoch-us':
      return `(?? IS NOT NULL AND typeof(??) NOT IN ('integer', 'real'))`;
    case 'text':
      return null;
  }
}

/** Bounds on texts take in the whole day on either side; numbers compare exactly. */
function widen(bound: Literal, unit: StartUnit, side: 'from' | 'before'): Literal {
  if (typeof bound === 'number' || unit === 'text') return bound;
  const day = bound.slice(0, 10);
  return side === 'from' ? day : unit === 'date' ? bound : `${day}~`;
}

async function describe(database: Knex, at: string, known: References | null): Promise<Table | null> {
  const [table] = await database.raw('SELECT type FROM sqlite_master WHERE name = ? AND type IN (?, ?)', [
    at,
    'table',
    'view',
  ]);
  if (table === undefined) return null;
  const rows: {
    name: string;
    type: string;
    notnull: number;
    pk: number;
    dflt_value: string | null;
  }[] = await database.raw('PRAGMA table_info(??)', [at]);
  const columns = new Map(
    rows.map(row => [
      row.name,
      {
        type: typeOf(row.type),
        nullable: row.notnull === 0 && row.pk === 0,
        written: row.type || 'column without a type',
        updatesItself: false,
        fallback: literalIn(row.dflt_value),
      } satisfies Column,
    ]),
  );
  const primary = rows
    .filter(row => row.pk > 0)
    .sort((a, b) => a.pk - b.pk)
    .map(row => row.name);
  const keys = primary.length === 0 ? [] : [{ name: 'primary', columns: primary }];
  const indexes: { name: string; unique: number; origin: string; partial: number }[] = await database.raw(
    'PRAGMA index_list(??)',
    [at],
  );
  for (const index of indexes.filter(one => one.unique === 1 && one.origin !== 'pk' && one.partial === 0)) {
    const parts: { name: string | null }[] = await database.raw('PRAGMA index_info(??)', [index.name]);
    const named = parts.flatMap(part => part.name ?? []);
    if (named.length === parts.length && named.every(name => columns.get(name)?.nullable === false))
      keys.push({ name: index.name, columns: named });
  }
  return {
    isView: table.type === 'view',
    keepsHistory: false,
    events: [],
    viewOf: [],
    unsafeEngine: null,
    columns,
    uniqueKeys: keys,
    indexes: [],
    estimatedRows: 0,
    isPartitioned: false,
    returnsDeleted: false,
    cascades: await followCascades(at, known ?? (await references(database))),
    deleteTriggers: await triggersOn(database, at, 'DELETE'),
    updateTriggers: await triggersOn(database, at, 'UPDATE'),
    rights: { deletes: true, seesTriggers: true, seesForeignKeys: true, locksTables: true },
  };
}

async function baseTables(database: Knex): Promise<BaseTables> {
  const tables: { name: string }[] = await database.raw(
    "SELECT name FROM sqlite_master WHERE type = 'table'",
  );
  return { home: null, isOwn: true, tables: tables.map(({ name }) => name) };
}

/** Each table is asked for the keys that it has itself. */
async function references(database: Knex): Promise<References> {
  const acting = new Map<string, string[]>();
  for (const name of (await baseTables(database)).tables) {
    const keys: { table: string; on_delete: string }[] = await database.raw('PRAGMA foreign_key_list(??)', [
      name,
    ]);
    const referred = keys.filter(key => /CASCADE|SET/.test(key.on_delete)).map(key => key.table);
    for (const table of new Set(referred)) acting.set(table, [...(acting.get(table) ?? []), name]);
  }
  return async table => acting.get(table) ?? [];
}

async function triggersOn(database: Knex, at: string, act: 'DELETE' | 'UPDATE'): Promise<string[]> {
  const triggers: { name: string; sql: string }[] = await database.raw(
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?",
    [at],
  );
  // BEFORE UPDATE OF name, state ON prospects
  const acts = new RegExp(`\\b${act}\\b[^;]*?\\bON\\b`, 'i');
  return triggers.filter(({ sql }) => acts.test(sql.split(/\bBEGIN\b/i)[0] ?? '')).map(({ name }) => name);
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

function explainError(error: unknown): Explained {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  // ON DELETE RESTRICT is refused as if by a trigger; only the message tells.
  const isForeignKey =
    code === 'SQLITE_CONSTRAINT_FOREIGNKEY' || /FOREIGN KEY constraint failed/.test(message);
  if (isForeignKey) return { kind: 'blocked', by: 'a foreign key' };
  if (code === 'SQLITE_CONSTRAINT_TRIGGER') return { kind: 'blocked', by: 'a trigger' };
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return { kind: 'locked', by: code };
  if (code === 'SQLITE_CANTOPEN' || code === 'SQLITE_NOTADB') return { kind: 'unreachable', by: code };
  if (/no such table/.test(message)) return { kind: 'gone', by: code };
  return (
    explainSqliteTrouble(code, message) ?? { kind: 'other', by: code === '' ? 'an unknown error' : code }
  );
}
