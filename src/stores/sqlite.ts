// SQLite, the embedded default. Its columns have no types of their own, so what a unit cannot read is asked for by
// shape, and bounds are widened to whole days: a value written with a `T` sorts after one written with a blank.
import { existsSync, statSync } from 'node:fs';
import type { Knex } from 'knex';
import type { Explained } from '../database/explained.ts';
import { explainSqliteTrouble } from '../database/sqlite-errors.ts';
import { RetentionError } from '../errors.ts';
import { openSqliteFile } from '../knex-sqlite.ts';
import type { Literal, StartUnit } from '../policy/start.ts';
import type { Dialect, Table } from './sql/dialect.ts';
import { sqlStore } from './sql/dispose.ts';
import { columnOf, sealed, tableOf, unsealed } from './sql/names.ts';
import { type SqlReader, sqlReader } from './sql/reader.ts';
import { baseTables, describe } from './sqlite/describe.ts';
import { ERASES, emptyWal, erasing } from './sqlite/erase.ts';
import { foreignKeys } from './sqlite/foreign-keys.ts';
import { inventory } from './sqlite/inventory.ts';
import { asText, sqliteTimes, wholeText } from './sqlite/values.ts';
import { wholeTables } from './sqlite/whole-tables.ts';
import type { Store, StoreMap, StoreReader } from './store.ts';
import type { WholeStore } from './whole-table.ts';

/** Opens an SQLite file for planning: its connection refuses every write. */
export function openSqliteReader(map: StoreMap, path: string): StoreReader {
  // The driver takes `readonly` and does not honour it; this pragma SQLite itself enforces.
  return reader(map, path, connect(map, path, ['PRAGMA query_only = ON', ERASES]));
}

export function openSqlite(map: StoreMap, path: string, hashKey: string): Store {
  const database = connect(map, path, ['PRAGMA foreign_keys = ON', 'PRAGMA synchronous = FULL', ERASES]);
  const store = sqlStore(reader(map, path, database), sqlite, database, hashKey);
  return {
    ...store,
    close: async () => {
      await emptyWal(database);
      await store.close();
    },
  };
}

function reader(map: StoreMap, path: string, database: Knex): SqlReader {
  return {
    ...erasing(sqlReader(map, sqlite, database), database),
    lastChange: async () => ({ recordsMs: null, storeMs: lastWritten(path) }),
  };
}

/** The file, and what was written and not yet moved into it. */
function lastWritten(path: string): number | null {
  const times = [path, `${path}-wal`].flatMap(file => {
    const found = statSync(file, { throwIfNoEntry: false });
    // Whoever only reads leaves an empty one.
    return found === undefined || found.size === 0 ? [] : found.mtimeMs;
  });
  return times.length === 0 ? null : Math.max(...times);
}

/** Opens all that is in an SQLite file, for a rehearsal. */
export function openWholeSqlite(map: StoreMap, path: string): WholeStore {
  const database = connect(map, path, ['PRAGMA query_only = ON']);
  return { own: null, tables: () => wholeTables(database), close: () => database.destroy() };
}

function connect(map: StoreMap, path: string, pragmas: readonly string[]): Knex {
  if (!existsSync(path)) {
    throw new RetentionError(
      'store-unreachable',
      `store ${map.name} cannot be reached: there is no file ${path}`,
      'Check the path in the data map, or the variable that it names',
    );
  }
  return openSqliteFile(path, ['PRAGMA busy_timeout = 5000', ...pragmas], unsealed);
}

const DATE = '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]';

const sqlite: Dialect = {
  kind: 'sqlite',
  facts: { pushesDown: true, dispositions: ['purge', 'flag', 'anonymise'] },
  describe,
  inventory,
  baseTables,
  foreignKeys,
  clockMs: async () => null,
  beginWriting: async (transaction, table) => {
    // Any write statement takes the write lock before it looks for rows; from then on nobody else can change them.
    await transaction(tableOf(table)).whereRaw('0').delete();
  },
  afterLocked: replaceConnection,
  locksRows: false,
  collatesByColumn: true,
  withTablesLocked: null,
  deleteJoined: (connection, { table }, _above, { alias, query }) => {
    const own = ownKey(table);
    return connection(tableOf(table.place))
      .whereIn(own.map(sealed), query().select(own.map(column => columnOf(alias, column))))
      .delete();
  },
  follow: () => null,
  narrowIndex: null,
  asText,
  wholeText,
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

/** What tells rows of a table apart for certain; one that has no key without NULL has a number for each row. */
function ownKey({ uniqueKeys, columns }: Table): readonly string[] {
  const key = uniqueKeys.find(one => one.columns.every(column => columns.get(column)?.nullable === false));
  const number = ['rowid', '_rowid_', 'oid'].find(name => !hasColumn(columns, name));
  return key?.columns ?? [number ?? 'rowid'];
}

function hasColumn(columns: Table['columns'], name: string): boolean {
  return [...columns.keys()].some(column => column.toLowerCase() === name);
}

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
