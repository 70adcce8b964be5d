// Finds records by key, whatever their start.
import type { Knex } from 'knex';
import type { Key } from '../../policy/policy.ts';
import type { StoredRecord } from '../../policy/record.ts';
import type { Dialect } from './dialect.ts';
import { numberCopies } from './number-copies.ts';
import { selectRecords, type Target, toRecord, whereKeys } from './query.ts';

/** Keys in one `IN` list. */
const FIND_KEYS = 1000;

export async function find(
  database: Knex,
  dialect: Dialect,
  target: Target,
  keys: readonly Key[],
): Promise<readonly StoredRecord[]> {
  const found: StoredRecord[] = [];
  for (let from = 0; from < keys.length; from += FIND_KEYS) {
    const some = keys.slice(from, from + FIND_KEYS);
    const wanted = new Set(some.map(key => JSON.stringify(key)));
    const narrow = (rows: Knex.QueryBuilder, alias: string): void => {
      whereKeys(rows, target, some, alias);
    };
    const query = selectRecords(database, dialect, target, null, { narrow, locked: false });
    narrow(query, 't');
    const rows: Parameters<typeof toRecord>[0][] = await query;
    const records = rows.map(row => toRecord(row, target.dataset));
    for (const record of target.identity === null ? records : numberCopies(records)) {
      // A collation may take other texts for the same: small letters for capitals, accents for none.
      if (wanted.has(JSON.stringify(record.key))) found.push(record);
    }
  }
  return found;
}
