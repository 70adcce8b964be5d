// A few starts of a dataset as they stand: the first and the last by the key, and by the start where an index has them.
import type { Knex } from 'knex';
import type { Dialect } from './dialect.ts';
import { sealed, tableOf } from './names.ts';
import type { Target } from './query.ts';

/** Starts read from each end. */
const FROM_AN_END = 10;

export async function sampleStarts(
  database: Knex,
  dialect: Dialect,
  { dataset, table, source, rows }: Target,
  startColumn: string,
): Promise<readonly string[]> {
  const from = rows?.table ?? source?.table ?? table;
  const own = dataset.keyless ? [] : dataset.key;
  const holderKey = source === null ? own : Object.values(source.on);
  const key = rows === null ? holderKey : Object.keys(rows.by.on);
  const isIndexed = from.indexes.some(({ columns }) => columns[0] === startColumn);
  const found = new Set<string>();
  for (const columns of isIndexed ? [key, [startColumn]] : [key]) {
    for (const order of ['asc', 'desc'] as const) {
      const rows: { start: unknown }[] = await database(tableOf(from.place))
        .select(
          database.raw('? as ??', [
            dialect.asText(database, sealed(startColumn), from.columns.get(startColumn)),
            'start',
          ]),
        )
        .modify(query => {
          // NULLs would fill one end of the index, and tell nothing.
          if (columns !== key) query.whereNotNull(sealed(startColumn));
        })
        .orderBy(columns.map(column => ({ column: sealed(column), order })))
        .limit(FROM_AN_END);
      for (const { start } of rows) if (start !== null) found.add(String(start));
    }
  }
  return [...found];
}
