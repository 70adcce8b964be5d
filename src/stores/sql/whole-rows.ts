// Whether this user may read all of a row, where all of it is what tells it from others: a server shows no column to
// somebody who has no right on it, and rows that differ in it alone would be taken for the same.
import type { Knex } from 'knex';
import type { Mismatch } from '../mismatch.ts';
import type { Dialect } from './dialect.ts';
import { tableOf } from './names.ts';
import type { Target } from './query.ts';

export async function checkWholeRows(
  database: Knex,
  dialect: Dialect,
  { dataset, table, identity }: Target,
): Promise<Mismatch[]> {
  if (identity === null) return [];
  try {
    await database.from(tableOf(table.place)).select('*').limit(0);
    return [];
  } catch (error) {
    if (!['other', 'denied'].includes(dialect.explainError(error).kind)) throw error;
    return [
      {
        dataset: dataset.name,
        message: `this user may not read every column of "${dataset.at}", and they are what tells its rows apart`,
        hint: `GRANT SELECT ON ${dataset.at}, all of it`,
      },
    ];
  }
}
