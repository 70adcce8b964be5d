// The rows of a batch under lock: read again as they are now, and looked at for whoever still refers to them.
import type { Knex } from 'knex';
import type { Key } from '../../policy/policy.ts';
import type { StoredRecord } from '../../policy/record.ts';
import type { TableName } from '../../policy/table-name.ts';
import type { Child, Judge, Order } from '../order.ts';
import type { Dialect } from './dialect.ts';
import { aliased, columnOf } from './names.ts';
import { matchCopies } from './number-copies.ts';
import { selectRecords, type Target, toRecord, whereKeys } from './query.ts';
import type { OpenPart } from './row-parts.ts';
import { lockHolders } from './start-rows.ts';

/** A dataset whose records refer to those of an order. */
export interface Referrer extends Child {
  readonly place: TableName;
}

/** One batch under way. */
export interface Work {
  readonly transaction: Knex.Transaction;
  readonly dialect: Dialect;
  readonly target: Target;
  readonly order: Order;
  /** Tables whose rows must go before these, as the server has them. */
  readonly referrers: readonly Referrer[];
  readonly parts: readonly OpenPart[];
  readonly judge: Judge;
  readonly hashKey: string;
  /** Of rows without a key: how many of each stand under lock. */
  readonly copies: ReadonlyMap<string, number>;
  /** Rows of child tables that have gone with the records, as they go. */
  readonly went: Map<string, number>;
}

/** A batch before its rows are locked. */
export type Begun = Omit<Work, 'copies'>;

const NO_COPIES: Work['copies'] = new Map();

/** The rows that still exist, in the order of the batch, locked until the transaction ends. */
export async function lockRecords(
  { transaction, dialect, target }: Begun,
  keys: readonly Key[],
): Promise<{ readonly locked: readonly StoredRecord[]; readonly copies: Work['copies'] }> {
  await dialect.beginWriting(transaction, target.table.place);
  const locked = dialect.locksRows && target.table.unsafeEngine === null;
  const narrow = (rows: Knex.QueryBuilder, alias: string): void => {
    whereKeys(rows, target, keys, alias);
  };
  if (locked && target.rows !== null) await lockHolders(transaction, target, narrow);
  const query = selectRecords(transaction, dialect, target, null, { narrow, locked }).transacting(
    transaction,
  );
  narrow(query, 't');
  if (locked) query.forUpdate();
  const rows: Parameters<typeof toRecord>[0][] = await query;
  const records = rows.map(row => toRecord(row, target.dataset));
  if (target.identity !== null) return matchCopies(keys, records);
  const byKey = new Map(records.map(record => [JSON.stringify(record.key), record]));
  return { locked: keys.flatMap(key => byKey.get(JSON.stringify(key)) ?? []), copies: NO_COPIES };
}

/** Records that others still refer to, by key, with the dataset that does. */
export async function withChildren(
  work: Work,
  records: readonly StoredRecord[],
): Promise<Map<string, string>> {
  const blocked = new Map<string, string>();
  for (const child of work.referrers) {
    for (const key of await parentsOf(work, child, records))
      blocked.set(JSON.stringify(key), child.dataset.name);
  }
  return blocked;
}

async function parentsOf(
  { transaction, dialect, target }: Work,
  child: Referrer,
  records: readonly StoredRecord[],
): Promise<Key[]> {
  if (records.length === 0) return [];
  const { dataset } = target;
  const query = transaction
    .from(aliased('t', target.table.place))
    .select(
      dataset.key.map((column, index) =>
        transaction.raw('? as ??', [
          dialect.asText(transaction, columnOf('t', column), target.table.columns.get(column)),
          `k${index}`,
        ]),
      ),
    );
  whereKeys(
    query,
    target,
    records.map(record => record.key),
  );
  query.whereExists(exists => {
    exists.select(transaction.raw('1')).from(aliased('c', child.place));
    for (const [theirs, ours] of Object.entries(child.on))
      exists.whereRaw('?? = ??', [columnOf('t', ours), columnOf('c', theirs)]);
  });
  const rows: Parameters<typeof toRecord>[0][] = await query;
  return rows.map(row => toRecord(row, dataset).key);
}
