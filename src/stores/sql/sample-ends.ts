// The first and the last keys of a table, in key order: whether the same records stand in another place.
import type { Knex } from 'knex';
import type { Key } from '../../policy/policy.ts';
import type { Dialect } from './dialect.ts';
import { sealed, tableOf } from './names.ts';
import type { Target } from './query.ts';

export interface Ends {
  readonly first: readonly Key[];
  readonly last: readonly Key[];
}

/** At most so many keys from each end; null where rows have no key of their own. */
export async function sampleEnds(
  database: Knex,
  dialect: Dialect,
  { dataset, table }: Target,
  keys: number,
): Promise<Ends | null> {
  if (dataset.keyless) return null;
  const from = async (order: 'asc' | 'desc'): Promise<Key[]> => {
    const rows: Record<string, unknown>[] = await database(tableOf(table.place))
      .select(
        dataset.key.map((column, index) =>
          database.raw('? as ??', [dialect.asText(database, sealed(column)), `k${index}`]),
        ),
      )
      .orderBy(dataset.key.map(column => ({ column: sealed(column), order })))
      .limit(keys);
    return rows.map(row => dataset.key.map((_, index) => String(row[`k${index}`])));
  };
  return { first: await from('asc'), last: await from('desc') };
}
