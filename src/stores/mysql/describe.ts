// A table as MySQL and MariaDB describe it: asked of information_schema with no more rights than SELECT on the table.
import type { Knex } from 'knex';
import {
  type BaseTables,
  type ColumnType,
  followCascades,
  literalIn,
  type References,
  type Table,
} from '../sql/dialect.ts';
import { type Ask, askOf } from './ask.ts';
import { rightsOn } from './rights.ts';
import { tablesOfView } from './view-tables.ts';

/** Null when there is no such table, or this user may not see it. */
export async function describe(
  database: Knex,
  at: string,
  references: References | null,
): Promise<Table | null> {
  const [schema, name] = at.includes('.') ? at.split('.', 2) : [null, at];
  const where = 'TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?';
  const [[table]] = await database.raw(
    `SELECT TABLE_TYPE AS type, ENGINE AS engine, TABLE_ROWS AS estimated, CREATE_OPTIONS AS options, VERSION() AS version, TABLE_SCHEMA AS home, (SELECT TRANSACTIONS FROM information_schema.ENGINES e WHERE e.ENGINE = t.ENGINE) AS transactions FROM information_schema.TABLES t WHERE ${where}`,
    [schema, name],
  );
  if (table === undefined) return null;
  const [columns] = await database.raw(
    `SELECT COLUMN_NAME AS name, DATA_TYPE AS type, COLUMN_TYPE AS written, IS_NULLABLE AS nullable, EXTRA AS extra, COLUMN_DEFAULT AS fallback FROM information_schema.COLUMNS WHERE ${where} ORDER BY ORDINAL_POSITION`,
    [schema, name],
  );
  const [indexes] = await database.raw(
    `SELECT INDEX_NAME AS name, COLUMN_NAME AS col, NULLABLE AS nullable, SUB_PART AS part, NON_UNIQUE AS several, INDEX_TYPE AS kind FROM information_schema.STATISTICS WHERE ${where} ORDER BY INDEX_NAME = 'PRIMARY' DESC, INDEX_NAME, SEQ_IN_INDEX`,
    [schema, name],
  );
  const isTable = table.type === 'BASE TABLE' || table.type === 'SYSTEM VERSIONED';
  const server = /mariadb/i.test(table.version) ? 'mariadb' : 'mysql';
  return {
    isView: !isTable,
    keepsHistory: table.type === 'SYSTEM VERSIONED',
    events: await eventsNaming(askOf(database), table.home, name ?? at),
    viewOf: isTable ? [] : await tablesOfView(askOf(database), table.home, name ?? at),
    unsafeEngine: table.transactions === 'NO' ? table.engine : null,
    columns: new Map(
      columns.map((column: Record<string, string | null>) => [
        String(column.name),
        {
          type: typeOf(column.type ?? ''),
          nullable: column.nullable === 'YES',
          written: column.written ?? '',
          updatesItself: /on update/i.test(column.extra ?? ''),
          fallback: fallbackOf(column, server),
        },
      ]),
    ),
    uniqueKeys: uniqueKeys(indexes.filter((index: { several: unknown }) => Number(index.several) === 0)),
    indexes: wholeIndexes(indexes),
    estimatedRows: Number(table.estimated ?? 0),
    isPartitioned: /\bpartitioned\b/i.test(table.options ?? ''),
    returnsDeleted: server === 'mariadb',
    cascades: refusesForeignKeys(table)
      ? []
      : await followCascades(name ?? at, references ?? (one => cascadingFrom(database, schema ?? null, one))),
    deleteTriggers: await triggersOn(askOf(database), at, 'DELETE'),
    updateTriggers: await triggersOn(askOf(database), at, 'UPDATE'),
    rights: await rightsOn(askOf(database), table.home, name ?? at, server),
  };
}

/** Partitioned tables of InnoDB have none, and none points at them; asking takes a look at every table of the server. */
function refusesForeignKeys(table: {
  readonly engine: string | null;
  readonly options: string | null;
}): boolean {
  return table.engine === 'InnoDB' && /\bpartitioned\b/i.test(table.options ?? '');
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
  return actingOn(database, table, children);
}

/** The same of every table of a schema: each question has the server look at all the tables that it has. */
export async function references(database: Knex, schema: string | null): Promise<References> {
  const [rows] = await database.raw(
    'SELECT DISTINCT REFERENCED_TABLE_NAME AS referred, TABLE_SCHEMA AS home, TABLE_NAME AS name FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_SCHEMA = COALESCE(?, DATABASE())',
    [schema],
  );
  const children = new Map<string, { home: string; name: string }[]>();
  for (const row of rows as { referred: string; home: string; name: string }[]) {
    const table = row.referred.toLowerCase();
    children.set(table, [...(children.get(table) ?? []), row]);
  }
  return table => actingOn(database, table, children.get(table.toLowerCase()) ?? []);
}

async function actingOn(
  database: Knex,
  table: string,
  children: readonly { readonly home: string; readonly name: string }[],
): Promise<string[]> {
  const acting: string[] = [];
  for (const child of children) {
    const [[shown]] = await database.raw('SHOW CREATE TABLE ??.??', [child.home, child.name]);
    const rules = String(shown['Create Table']).matchAll(
      /REFERENCES (?:`[^`]+`\.)?`([^`]+)` \([^)]*\) ON DELETE (?:CASCADE|SET)/g,
    );
    if ([...rules].some(rule => rule[1] === table)) acting.push(child.name);
  }
  return acting;
}

/** Events of the table's database that are switched on and name it, as far as this user may see them (EVENT). */
async function eventsNaming(ask: Ask, home: string, table: string): Promise<string[]> {
  const events = await ask(
    "SELECT EVENT_NAME AS name, EVENT_DEFINITION AS body FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ? AND STATUS = 'ENABLED'",
    [home],
  );
  const named = new RegExp(
    `(^|[^A-Za-z0-9_$])${table.replace(/[^A-Za-z0-9_]/g, '\\$&')}($|[^A-Za-z0-9_$])`,
    'i',
  );
  return events.filter(({ body }) => named.test(String(body))).map(({ name }) => String(name));
}

export async function baseTables(database: Knex, schema: string | null): Promise<BaseTables> {
  const [[place]] = await database.raw(
    'SELECT COALESCE(?, DATABASE()) AS home, COALESCE(?, DATABASE()) = DATABASE() AS own',
    [schema, schema],
  );
  const [rows] = await database.raw(
    "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE = 'BASE TABLE'",
    [place.home],
  );
  return {
    home: place.home,
    isOwn: Number(place.own) === 1,
    tables: rows.map((row: { name: string }) => row.name),
  };
}

/** Triggers that deletes or updates set off, as far as this user may see them. */
export async function triggersOn(ask: Ask, at: string, act: 'DELETE' | 'UPDATE'): Promise<string[]> {
  const [schema, table] = at.includes('.') ? at.split('.', 2) : [null, at];
  const triggers = await ask(
    'SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = COALESCE(?, DATABASE()) AND EVENT_OBJECT_TABLE = ? AND EVENT_MANIPULATION = ?',
    [schema, table, act],
  );
  return triggers.map(trigger => String(trigger.name));
}

/** MariaDB writes a default as it is written in SQL, MySQL the bare text, and says where it is worked out. */
function fallbackOf(column: Record<string, string | null>, server: 'mariadb' | 'mysql'): string | null {
  const { fallback = null, extra } = column;
  if (server === 'mariadb') return literalIn(fallback);
  return /DEFAULT_GENERATED/i.test(extra ?? '') ? null : fallback;
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
  if (/^(tiny|small|medium|big)?int$|^year$/.test(type)) return 'integer';
  if (type === 'decimal') return 'decimal';
  if (type === 'float' || type === 'double') return 'float';
  if (/^(enum|set|bit)$/.test(type)) return 'coded';
  if (/char$|text$|^uuid$/.test(type)) return 'text';
  if (/binary$|blob$/.test(type)) return 'bytes';
  return type === 'datetime' || type === 'date' || type === 'timestamp' ? type : 'other';
}
