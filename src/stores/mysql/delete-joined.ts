// Deletes rows of a child table by a join: servers before MariaDB 11.1 walk the whole table where they are asked to delete
// what is in a subquery.
import type { Knex } from 'knex';
import type { ChildTarget } from '../sql/child-tables.ts';
import { aliasOf } from '../sql/names.ts';
import type { Rows } from '../sql/rows-below.ts';

export async function deleteJoined(
  connection: Knex,
  _child: ChildTarget,
  _above: Rows,
  { alias: short, query }: Rows,
): Promise<number> {
  const alias = aliasOf(short);
  const { sql, bindings } = query().select(`${alias}.*`).toSQL();
  const selected = `select \`${alias}\`.* from `;
  if (!sql.startsWith(selected)) throw new Error('the rows of a child table are not selected as they were');
  const [result] = await connection.raw(`delete \`${alias}\` from ${sql.slice(selected.length)}`, [
    ...bindings,
  ]);
  return result.affectedRows;
}
