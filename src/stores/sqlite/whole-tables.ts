// All tables of an SQLite file, for a rehearsal: by their rowid where they have one, so that memory holds a page.
import type { Knex } from 'knex';
import { sealed } from '../sql/names.ts';
import type { WholeColumn, WholeRow, WholeTable } from '../whole-table.ts';

const PAGE_ROWS = 2000;

export async function wholeTables(database: Knex): Promise<readonly WholeTable[]> {
  const found: { name: string; type: string; wr: number }[] = await database.raw(
    "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT GLOB 'sqlite_*' ORDER BY name",
  );
  const all: WholeTable[] = [];
  for (const { name, wr } of found) {
    const described: { name: string; pk: number; hidden: number; notnull: number }[] = await database.raw(
      'SELECT name, pk, hidden, "notnull" FROM pragma_table_xinfo(?)',
      [name],
    );
    const columns = described.map(
      (one): WholeColumn => ({ name: one.name, written: one.hidden > 1 ? 'worked-out' : 'given' }),
    );
    const key = described.filter(one => one.pk > 0).sort((a, b) => a.pk - b.pk);
    all.push({
      database: null,
      table: name,
      columns,
      key: key.length === 0 ? null : key.map(one => one.name),
      rows: () =>
        rowsOf(database, name, columns, wr === 0 && !described.some(one => /^rowid$/i.test(one.name))),
    });
  }
  return all;
}

async function* rowsOf(
  database: Knex,
  table: string,
  columns: readonly WholeColumn[],
  byRowid: boolean,
): AsyncGenerator<readonly WholeRow[]> {
  const texts = columns.map(({ name }) => `${exact(quoted(name))} AS ${quoted(name)}`).join(', ');
  if (!byRowid) {
    yield await database.raw(`SELECT ${texts} FROM ${quoted(table)}`);
    return;
  }
  let [after, more] = ['-9223372036854775808', true];
  while (more) {
    const page: (Record<string, string | null> & { '.row': string })[] = await database.raw(
      `SELECT ${texts}, CAST(rowid AS TEXT) AS ".row" FROM ${quoted(table)} WHERE rowid > CAST(? AS INTEGER) ORDER BY rowid LIMIT ${PAGE_ROWS}`,
      [after],
    );
    yield page.map(({ '.row': _, ...row }) => row);
    after = page.at(-1)?.['.row'] ?? after;
    more = page.length === PAGE_ROWS;
  }
}

/** Any value as text, bytes as hexadecimal, as keys are written in the audit log. */
function exact(column: string): string {
  return `CASE typeof(${column}) WHEN 'blob' THEN lower(hex(${column})) ELSE CAST(${column} AS TEXT) END`;
}

/** Back-ticks, in which the connection puts the letters of a name back. */
function quoted(name: string): string {
  return `\`${sealed(name)}\``;
}
