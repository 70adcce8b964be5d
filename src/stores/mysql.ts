// MySQL and MariaDB. The only file that knows mysql2 and information_schema. Values are read as exact text: with the
// driver's defaults a BIGINT above 2^53 is rounded, and the wrong row deleted.
import knex, { type Knex } from 'knex';
import { RetentionError } from '../errors.ts';
import { SILENT } from '../knex-log.ts';
import { deleteListed } from './mysql/delete-listed.ts';
import { listSure } from './mysql/list-sure.ts';
import { ASKING_SESSION, type Asking, type Cuttable, type Opened, withLoad } from './mysql/load.ts';
import { narrowIndex } from './mysql/narrow-index.ts';
import { type ColumnType, type Dialect, followCascades, type Table } from './sql/dialect.ts';
import { sqlStore } from './sql/dispose.ts';
import { sqlReader } from './sql/reader.ts';
import type { Store, StoreMap, StoreReader } from './store.ts';

/** Opens a MySQL store for planning: the session itself refuses to write, whatever its user may do. */
export function openMysqlReader(map: StoreMap, url: string): StoreReader {
  const database = connect(map, url, [...SESSION, 'SET SESSION TRANSACTION READ ONLY']);
  return withLoad(sqlReader(map, mysql, database), map, url, null, asking(map));
}

/** Opens a MySQL store for enforcing. `replicas`: the URLs of those that the data map names, in its order. */
export function openMysql(
  map: StoreMap,
  url: string,
  hashKey: string,
  replicas: readonly string[] = [],
): Store {
  const database = connect(map, url, SESSION);
  const reader = withLoad(sqlReader(map, mysql, database), map, url, replicas, asking(map));
  return sqlStore(reader, mysql, database, hashKey);
}

function asking(map: StoreMap): Asking {
  return (at, opened) => connect(map, at, ASKING_SESSION, opened);
}

/**
 * UTC, so that TIMESTAMP reads as an instant; short lock waits; no truncation of masked values in silence. Back-slashes
 * escape, as the driver takes for granted: where they do not, a quote in a key ends the text that it stands in.
 */
const SESSION = [
  "SET SESSION time_zone = '+00:00'",
  // The keys of the largest batch in one text: 20,000 of 800 bytes. The server makes room for what there is.
  'SET SESSION group_concat_max_len = 16777216',
  'SET SESSION innodb_lock_wait_timeout = 1',
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  "SET SESSION sql_mode = CONCAT(REPLACE(@@SESSION.sql_mode, 'NO_BACKSLASH_ESCAPES', ''), ',STRICT_ALL_TABLES')",
];

/** `opened`: for a single connection, told of it. */
function connect(map: StoreMap, url: string, session: readonly string[], opened?: Opened): Knex {
  requireUrl(map, url);
  return knex({
    client: 'mysql2',
    log: SILENT,
    connection: {
      uri: url.replace(/^mariadb:/, 'mysql:'),
      charset: 'utf8mb4',
      dateStrings: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
      decimalNumbers: false,
      multipleStatements: false,
    } as Knex.MySql2ConnectionConfig,
    pool: {
      min: 0,
      max: opened === undefined ? 6 : 1,
      afterCreate: (connection: Connection, ready: (error: unknown, connection: Connection) => void) => {
        opened?.(connection);
        runAll(connection, session, error => {
          ready(error, connection);
        });
      },
    },
  });
}

/** Never repeats what was given: it holds a password. */
function requireUrl(map: StoreMap, url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed !== null && /^(mysql|mariadb):$/.test(parsed.protocol) && parsed.pathname.length > 1) return;
  const places = [map.at, map.readAt, ...map.replicas];
  const names = places.flatMap(at => (at !== null && 'env' in at ? at.env : []));
  throw new RetentionError(
    'configuration-invalid',
    `store ${map.name} is not given a URL of a MySQL database`,
    `Set ${names.join(' and ')} to mysql://user:password@host:3306/database, with special characters escaped (a blank is %20)`,
  );
}

interface Connection extends Cuttable {
  readonly query: (sql: string, done: (error: unknown) => void) => void;
}

function runAll(connection: Connection, statements: readonly string[], done: (error: unknown) => void): void {
  const [first, ...rest] = statements;
  if (first === undefined) {
    done(null);
    return;
  }
  connection.query(first, error => {
    if (error) done(error);
    else runAll(connection, rest, done);
  });
}

const mysql: Dialect = {
  kind: 'mysql',
  facts: { pushesDown: true, dispositions: ['purge', 'flag', 'anonymise'] },
  describe,
  clockMs: async database => {
    const [rows] = await database.raw('SELECT UNIX_TIMESTAMP(NOW(3)) * 1000 AS ms');
    return Math.round(Number(rows[0].ms));
  },
  beginWriting: async () => undefined,
  afterLocked: async () => undefined,
  locksRows: true,
  follow: index => `force index (\`${index}\`)`,
  narrowIndex: (database, target, range) => narrowIndex(database, mysql, target, range),
  asText: (database, column) => database.raw('??', [column]),
  unreadable: () => null,
  widen: bound => bound,
  typesFor: unit => START_TYPES[unit],
  listed: { list: listSure, delete: deleteListed },
  explainError,
};

const START_TYPES: Readonly<Record<Parameters<Dialect['typesFor']>[0], readonly ColumnType[]>> = {
  datetime: ['datetime'],
  date: ['date'],
  timestamp: ['timestamp'],
  'epoch-s': ['integer', 'decimal'],
  'epoch-ms': ['integer', 'decimal'],
  'epoch-us': ['integer', 'decimal'],
  text: ['text'],
};

async function describe(database: Knex, at: string): Promise<Table | null> {
  const [schema, name] = at.includes('.') ? at.split('.', 2) : [null, at];
  const where = 'TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?';
  const [[table]] = await database.raw(
    `SELECT TABLE_TYPE AS type, TABLE_ROWS AS estimated, VERSION() AS version FROM information_schema.TABLES WHERE ${where}`,
    [schema, name],
  );
  if (table === undefined) return null;
  const [columns] = await database.raw(
    `SELECT COLUMN_NAME AS name, DATA_TYPE AS type, COLUMN_TYPE AS written, IS_NULLABLE AS nullable, EXTRA AS extra FROM information_schema.COLUMNS WHERE ${where} ORDER BY ORDINAL_POSITION`,
    [schema, name],
  );
  const [indexes] = await database.raw(
    `SELECT INDEX_NAME AS name, COLUMN_NAME AS col, NULLABLE AS nullable, SUB_PART AS part, NON_UNIQUE AS several, INDEX_TYPE AS kind FROM information_schema.STATISTICS WHERE ${where} ORDER BY INDEX_NAME = 'PRIMARY' DESC, INDEX_NAME, SEQ_IN_INDEX`,
    [schema, name],
  );
  return {
    isView: table.type !== 'BASE TABLE',
    columns: new Map(
      columns.map((column: Record<string, string>) => [
        column.name,
        {
          type: typeOf(column.type ?? ''),
          nullable: column.nullable === 'YES',
          written: column.written,
          updatesItself: /on update/i.test(column.extra ?? ''),
        },
      ]),
    ),
    uniqueKeys: uniqueKeys(indexes.filter((index: { several: unknown }) => Number(index.several) === 0)),
    indexes: wholeIndexes(indexes),
    estimatedRows: Number(table.estimated ?? 0),
    returnsDeleted: /mariadb/i.test(table.version),
    cascades: await followCascades(name ?? at, table => cascadingFrom(database, schema ?? null, table)),
    deleteTriggers: await deleteTriggers(database, schema ?? null, name ?? at),
  };
}

/**
 * Tables whose foreign key acts when a row of this one is deleted. Who may only SELECT sees the keys but not their
 * rules in information_schema; the rules are in what the server says it would create the table with.
 */
async function cascadingFrom(database: Knex, schema: string | null, table: string): Promise<string[]> {
  const [children] = await database.raw(
    'SELECT DISTINCT TABLE_SCHEMA AS home, TABLE_NAME AS name FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_SCHEMA = COALESCE(?, DATABASE()) AND REFERENCED_TABLE_NAME = ?',
    [schema, table],
  );
  const acting: string[] = [];
  for (const child of children as { home: string; name: string }[]) {
    const [[shown]] = await database.raw('SHOW CREATE TABLE ??.??', [child.home, child.name]);
    const rules = String(shown['Create Table']).matchAll(
      /REFERENCES (?:`[^`]+`\.)?`([^`]+)` \([^)]*\) ON DELETE (?:CASCADE|SET)/g,
    );
    if ([...rules].some(rule => rule[1] === table)) acting.push(child.name);
  }
  return acting;
}

async function deleteTriggers(database: Knex, schema: string | null, table: string): Promise<string[]> {
  const [triggers] = await database.raw(
    "SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = COALESCE(?, DATABASE()) AND EVENT_OBJECT_TABLE = ? AND EVENT_MANIPULATION = 'DELETE'",
    [schema, table],
  );
  return triggers.map((trigger: { name: string }) => trigger.name);
}

function uniqueKeys(indexes: readonly Record<string, string | null>[]): Table['uniqueKeys'] {
  const byName = new Map<string, { columns: string[]; usable: boolean }>();
  for (const index of indexes) {
    const name = index.name ?? '';
    const known = byName.get(name) ?? { columns: [], usable: true };
    known.columns.push(index.col ?? '');
    // An index over a prefix, over NULLs or over an expression does not tell every row apart.
    if (index.nullable === 'YES' || index.part !== null || index.col === null) known.usable = false;
    byName.set(name, known);
  }
  return [...byName]
    .filter(([, index]) => index.usable)
    .map(([name, index]) => ({ name, columns: index.columns }));
}

/** Indexes that can be walked in order: trees over whole columns. */
function wholeIndexes(indexes: readonly Record<string, string | null>[]): Table['indexes'] {
  const byName = new Map<string, string[]>();
  const partial = new Set<string>();
  for (const { name, col, part, kind } of indexes) {
    if (kind !== 'BTREE' || part !== null || col == null) partial.add(name ?? '');
    byName.set(name ?? '', [...(byName.get(name ?? '') ?? []), col ?? '']);
  }
  return [...byName].flatMap(([name, columns]) => (partial.has(name) ? [] : [{ name, columns }]));
}

function typeOf(type: string): ColumnType {
  if (/int$|^year$/.test(type)) return 'integer';
  if (type === 'decimal') return 'decimal';
  if (type === 'float' || type === 'double') return 'float';
  if (/^(enum|set|bit)$/.test(type)) return 'coded';
  if (/char$|text$|^uuid$/.test(type)) return 'text';
  if (/binary$|blob$/.test(type)) return 'bytes';
  return type === 'datetime' || type === 'date' || type === 'timestamp' ? type : 'other';
}

function explainError(error: unknown): ReturnType<Dialect['explainError']> {
  const {
    code = '',
    sqlState = '',
    message = '',
  } = error as { code?: string; sqlState?: string; message?: string };
  if (code === 'ER_ROW_IS_REFERENCED' || code === 'ER_ROW_IS_REFERENCED_2') {
    const parts = /\(`[^`]+`\.`([^`]+)`, CONSTRAINT `([^`]+)`/.exec(message);
    return { kind: 'blocked', by: parts === null ? 'a foreign key' : `${parts[1]} (${parts[2]})` };
  }
  if (sqlState === '45000' || code === 'ER_SIGNAL_EXCEPTION') return { kind: 'blocked', by: 'a trigger' };
  if (code === 'ER_LOCK_DEADLOCK' || code === 'ER_LOCK_WAIT_TIMEOUT') return { kind: 'locked', by: code };
  if (
    /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|PROTOCOL_|ER_ACCESS_DENIED|ER_DBACCESS|ER_BAD_DB|ER_SERVER_SHUTDOWN|ER_CON_COUNT)/.test(
      code,
    )
  ) {
    return { kind: 'unreachable', by: code };
  }
  return { kind: 'other', by: code === '' ? 'an unknown error' : code };
}
