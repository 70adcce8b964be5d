// Rows whose key is NULL, where a table lets that be (SQLite's PRIMARY KEY does): nothing tells one from another and no
// statement finds one again, so that none is ever read, planned or told as gone. They are counted and told.
import type { Knex } from 'knex';
import type { Caveat } from '../mismatch.ts';
import { aliased, columnOf } from './names.ts';
import type { Target } from './query.ts';

function nullable({ dataset, table, identity }: Target): readonly string[] {
  if (identity !== null) return [];
  return dataset.key.filter(column => table.columns.get(column)?.nullable === true);
}

/** Leaves rows out whose key is NULL, or NULL in one of its columns. */
export function whereKeyKnown(query: Knex.QueryBuilder, target: Target): void {
  for (const column of nullable(target)) query.whereNotNull(columnOf('t', column));
}

/** Nothing is asked of a table that takes no NULL there. */
export async function nullKeyCaveats(database: Knex, target: Target): Promise<readonly Caveat[]> {
  const columns = nullable(target);
  if (columns.length === 0) return [];
  const { at } = target.dataset;
  const [row] = await database
    .from(aliased('t', target.table.place))
    .where(any => {
      for (const column of columns) any.orWhereNull(columnOf('t', column));
    })
    .count({ n: '*' });
  const count = Number(row?.n ?? 0);
  if (count === 0) return [];
  const [named, rows] = [columns.join('" or "'), count === 1 ? '1 row' : `${count} rows`];
  const message = `${rows} of "${at}" have NULL in key column "${named}" and stay, whatever their age: no statement finds one again. Give each a key (UPDATE "${at}" SET "${columns[0]}" = ... WHERE "${columns[0]}" IS NULL), and make the column NOT NULL`;
  return [{ about: 'null-key', message, count }];
}
