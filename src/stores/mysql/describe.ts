// A table as MySQL and MariaDB describe it: asked of information_schema with no more rights than SELECT on the table.
import type { Knex } from 'knex';
import { RetentionError } from '../../errors.ts';
import { shownTable, type TableName } from '../../policy/table-name.ts';
import { type BaseTables, type ColumnType, literalIn, type Table } from '../sql/dialect.ts';
import { type ForeignKeys, NOTHING_REACHED, reachOfDelete, reachOfUpdate } from '../sql/foreign-keys.ts';
import { aroundOf } from './around.ts';
import { type Ask, askOf } from './ask.ts';
import { engineOf } from './engines.ts';
import { comparing } from './foreign-keys.ts';
import { rightsOn } from './rights.ts';
import { definersOf, eventsNaming, triggersOn } from './surroundings.ts';
import { tablesOfView } from './view-tables.ts';

/** Null when there is no such table, or this user may not see it. */
export async function describe(
  database: Knex,
  written: TableName,
  keysOf: () => Promise<ForeignKeys>,
): Promise<Table | null> {
  const ask = askOf(database);
  const names = await comparing(ask);
  const table = await locate(ask, written, names.idOf);
  if (table === null) return null;
  const place = { database: String(table.home), name: String(table.name) };
  const at = [place.database, place.name];
  const where = 'TABLE_SCHEMA = ? AND TABLE_NAME = ?';
  const columns = await ask(
    `SELECT COLUMN_NAME AS name, DATA_TYPE AS type, COLUMN_TYPE AS written, IS_NULLABLE AS nullable, EXTRA AS extra, COLUMN_DEFAULT AS fallback FROM information_schema.COLUMNS WHERE ${where} ORDER BY ORDINAL_POSITION`,
    at,
  );
  const indexes = (await ask(
    `SELECT INDEX_NAME AS name, COLUMN_NAME AS col, NULLABLE AS nullable, SUB_PART AS part, NON_UNIQUE AS several, INDEX_TYPE AS kind FROM information_schema.STATISTICS WHERE ${where} ORDER BY INDEX_NAME = 'PRIMARY' DESC, INDEX_NAME, SEQ_IN_INDEX`,
    at,
  )) as readonly Record<string, string | null>[];
  const type = String(table.type);
  const isView = type.includes('VIEW');
  const server = /mariadb/i.test(String(table.version)) ? 'mariadb' : 'mysql';
  const engine = engineOf(type === 'SEQUENCE' ? type : table.engine === null ? null : String(table.engine));
  const isPartitioned = /\bpartitioned\b/i.test(String(table.options ?? ''));
  // Partitioned tables of InnoDB have no foreign keys, and none points at them.
  const keys = table.engine === 'InnoDB' && isPartitioned ? null : await keysOf();
  const deleting = keys === null ? NOTHING_REACHED : await reachOfDelete(keys, place);
  const updating = keys === null ? NOTHING_REACHED : await reachOfUpdate(keys, place);
  const unique = indexes.filter(index => Number(index.several) === 0);
  return {
    place,
    isView,
    keepsHistory: type === 'SYSTEM VERSIONED',
    events: await eventsNaming(ask, place),
    viewOf: isView ? await tablesOfView(ask, place.database, place.name) : [],
    unsafeEngine: engine.unsafe,
    refusedEngine: engine.refused,
    columns: new Map(
      (columns as readonly Record<string, string | null>[]).map(column => [
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
    uniqueKeys: uniqueKeys(unique),
    unique: columnsByIndex(unique),
    indexes: wholeIndexes(indexes),
    estimatedRows: Number(table.estimated ?? 0),
    isPartitioned,
    returnsDeleted: server === 'mariadb',
    deleting,
    updating,
    around: await aroundOf(ask, names.idOf, [...deleting.rows, ...updating.rows], typeOf),
    keys: names,
    deleteTriggers: await triggersOn(ask, place, 'DELETE'),
    updateTriggers: await triggersOn(ask, place, 'UPDATE'),
    definers: await definersOf(ask, place),
    rights: await rightsOn(ask, place.database, place.name, server),
  };
}

type Found = Readonly<Record<string, string | number | null>>;

/**
 * The table that a data map means. What has a dot in it and no database of its own may be a table of that name, or, as data
 * maps were once written, a table of another database: which, the catalogue says.
 */
async function locate(ask: Ask, written: TableName, idOf: ForeignKeys['idOf']): Promise<Found | null> {
  const found: Found[] = [];
  for (const place of readingsOf(written)) {
    const rows = await ask(
      'SELECT TABLE_SCHEMA AS home, TABLE_NAME AS name, TABLE_TYPE AS type, ENGINE AS engine, TABLE_ROWS AS estimated, CREATE_OPTIONS AS options, VERSION() AS version FROM information_schema.TABLES WHERE TABLE_SCHEMA = COALESCE(?, DATABASE()) AND TABLE_NAME = ?',
      [place.database, place.name],
    );
    found.push(
      ...rows.filter(row => idOf({ database: String(row.home), name: String(row.name) }) === idOf(place)),
    );
  }
  const [first = null, second] = found;
  if (second === undefined) return first;
  throw new RetentionError(
    'store-mismatch',
    `"${shownTable(written)}" is a table of database "${first?.home}", and table "${second.name}" of database "${second.home}" is written in the same way`,
    `Write database: ${first?.home} beside table: ${first?.name}, or database: ${second.home} beside table: ${second.name}`,
  );
}

/** Every database and name that it may stand for. */
export function readingsOf(written: TableName): TableName[] {
  if (written.database !== null) return [written];
  const dots = [...written.name.matchAll(/\./g)].map(({ index }) => index);
  return [
    written,
    ...dots
      .map(at => ({ database: written.name.slice(0, at), name: written.name.slice(at + 1) }))
      .filter(({ database, name }) => database !== '' && name !== ''),
  ];
}

/** Tables that hold rows, whatever else the server has to say of them. */
export async function baseTables(database: Knex, schema: string | null): Promise<BaseTables> {
  const [[place]] = await database.raw(
    'SELECT COALESCE(?, DATABASE()) AS home, COALESCE(?, DATABASE()) = DATABASE() AS own',
    [schema, schema],
  );
  const [rows] = await database.raw(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND ${HOLDING_ROWS}`,
    [place.home],
  );
  return {
    home: place.home,
    isOwn: Number(place.own) === 1,
    tables: rows.map((row: { name: string }) => row.name),
  };
}

/** Of the types that a table may have, those that hold no rows of their own: all others do, known to us or not. */
export const HOLDING_ROWS = "TABLE_TYPE NOT IN ('VIEW', 'SYSTEM VIEW', 'SEQUENCE')";

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

function columnsByIndex(indexes: readonly Record<string, string | null>[]): string[][] {
  const byName = new Map<string, string[]>();
  for (const { name, col } of indexes)
    byName.set(name ?? '', [
      ...(byName.get(name ?? '') ?? []),
      ...(col === null || col === undefined ? [] : [col]),
    ]);
  return [...byName.values()];
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
