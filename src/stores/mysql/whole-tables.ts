// All tables of MySQL and MariaDB databases, for a rehearsal: streamed, so that memory does not grow with them.
import type { Knex } from 'knex';
import { RetentionError } from '../../errors.ts';
import { sealed } from '../sql/names.ts';
import type { WholeColumn, WholeRow, WholeTable } from '../whole-table.ts';

const PAGE_ROWS = 2000;

/** The server's own, which no data map speaks of. */
const OF_THE_SERVER = ['mysql', 'sys', 'information_schema', 'performance_schema'];

interface Described {
  readonly home: string;
  readonly name: string;
}

export async function wholeTables(
  database: Knex,
  store: string,
  databases: readonly string[] | null,
): Promise<readonly WholeTable[]> {
  const [found] = await database.raw(
    `SELECT TABLE_SCHEMA AS home, TABLE_NAME AS name, TABLE_TYPE AS type FROM information_schema.TABLES
      WHERE TABLE_TYPE NOT IN ('VIEW', 'SYSTEM VIEW', 'SEQUENCE') AND ${databases === null ? 'TABLE_SCHEMA NOT IN (?)' : 'TABLE_SCHEMA IN (?)'}
      ORDER BY TABLE_SCHEMA, TABLE_NAME`,
    [[...(databases ?? OF_THE_SERVER)]],
  );
  const all: WholeTable[] = [];
  for (const { home, name } of found as Described[]) {
    const columns = await columnsOf(database, home, name);
    all.push({
      database: home,
      table: name,
      columns,
      key: await keyOf(database, home, name),
      rows: () => rowsOf(database, store, home, name, columns),
    });
  }
  return all;
}

async function columnsOf(database: Knex, home: string, name: string): Promise<readonly WholeColumn[]> {
  const [columns] = await database.raw(
    'SELECT COLUMN_NAME AS name, EXTRA AS extra FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION',
    [home, name],
  );
  return columns.map((one: { name: string; extra: string }) => ({
    name: one.name,
    written: /\bgenerated\b/i.test(one.extra.replace(/DEFAULT_GENERATED/i, ''))
      ? 'worked-out'
      : /on update/i.test(one.extra)
        ? 'by-any-update'
        : 'given',
  }));
}

async function keyOf(database: Knex, home: string, name: string): Promise<readonly string[] | null> {
  const [columns] = await database.raw(
    "SELECT COLUMN_NAME AS name FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND INDEX_NAME = 'PRIMARY' ORDER BY SEQ_IN_INDEX",
    [home, name],
  );
  return columns.length === 0 ? null : columns.map((one: { name: string }) => one.name);
}

async function* rowsOf(
  database: Knex,
  store: string,
  home: string,
  name: string,
  columns: readonly WholeColumn[],
): AsyncGenerator<readonly WholeRow[]> {
  const wanted = columns.map(one => quoted(one.name)).join(', ');
  const rows = database.raw(`SELECT ${wanted} FROM ${quoted(home)}.${quoted(name)}`).stream();
  let page: WholeRow[] = [];
  try {
    for await (const row of rows) {
      page.push(
        Object.fromEntries(Object.entries(row as object).map(([column, value]) => [column, textOf(value)])),
      );
      if (page.length < PAGE_ROWS) continue;
      yield page;
      page = [];
    }
  } catch (error) {
    throw new RetentionError(
      'store-unreachable',
      `store ${store}: table ${home}.${name} cannot be read whole: ${(error as { code?: string }).code ?? 'an unknown error'}`,
      'A rehearsal compares every table: give its user SELECT on all of them, or name the databases that matter with --databases',
      { cause: error },
    );
  }
  yield page;
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function quoted(name: string): string {
  return `\`${sealed(name)}\``;
}
