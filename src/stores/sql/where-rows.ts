// Finds rows without a key: the start narrows, by its index where it has one, and the digest of the row decides.
import type { Knex } from 'knex';
import type { Key } from '../../policy/policy.ts';

/** All copies of the rows that keys stand for. `bind`: a start as its column compares it; a row without one has ''. */
export function whereRows(
  query: Knex.QueryBuilder,
  startColumn: string,
  digest: Knex.Raw,
  keys: readonly Key[],
  bind: (start: string) => unknown,
): void {
  const starts = [...new Set(keys.map(([start = '']) => start))];
  const dated = starts.filter(start => start !== '');
  const digests = [...new Set(keys.map(key => key[1] ?? ''))];
  query
    .where(any => {
      any.whereIn(startColumn, dated.map(bind) as string[]);
      if (dated.length < starts.length) any.orWhereNull(startColumn);
    })
    .whereRaw(`? in (${digests.map(() => '?').join(', ')})`, [digest, ...digests]);
}
