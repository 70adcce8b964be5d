// Finds records by key, whatever their start.
import type { Knex } from 'knex';
import { fitting } from '../../database/packet.ts';
import { plainNumberOf } from '../../policy/identity.ts';
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
  const texts = keys.map(key => JSON.stringify(key));
  for (let from = 0; from < keys.length; ) {
    const some = keys.slice(from, from + Math.min(FIND_KEYS, fitting(database, texts, from)));
    from += some.length;
    const wanted = new Set(some.map(key => comparable(target, key)));
    const narrow = (rows: Knex.QueryBuilder, alias: string): void => {
      whereKeys(rows, target, some, alias);
    };
    const query = selectRecords(database, dialect, target, null, { narrow, locked: false });
    narrow(query, 't');
    const rows: Parameters<typeof toRecord>[0][] = await query;
    const records = rows.map(row => toRecord(row, target.dataset));
    for (const record of target.identity === null ? records : numberCopies(records)) {
      // A collation may take other texts for the same: small letters for capitals, accents for none.
      if (wanted.has(comparable(target, record.key))) found.push(record);
    }
  }
  return found;
}

/** A number is the same however it is written: `007` is `7`, and `0` is `0.000`. */
function comparable({ dataset, table, identity }: Target, key: Key): string {
  if (identity !== null) return JSON.stringify(key);
  return JSON.stringify(
    key.map((part, index) => {
      const type = table.columns.get(dataset.key[index] ?? '')?.type;
      return type === 'integer' || type === 'decimal' ? plainNumberOf(part) : part;
    }),
  );
}
