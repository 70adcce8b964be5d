// Disposes of batches in SQL stores: one transaction a batch, each row re-read under lock and ruled on again before it
// is touched. What is disposed of is the set that was ruled on, not only its count.
import type { Knex } from 'knex';
import type { Key } from '../../policy/policy.ts';
import type { StoredRecord } from '../../policy/record.ts';
import type { Child, Judge, Order, Outcome, Store } from '../store.ts';
import { deleteKeys } from './delete-keys.ts';
import type { Dialect } from './dialect.ts';
import { matchCopies } from './number-copies.ts';
import { purgeListed } from './purge-listed.ts';
import { selectRecords, type Target, toRecord, whereKeys } from './query.ts';
import type { SqlReader } from './reader.ts';
import { recordsWithSameFiles } from './same-files.ts';
import { anonymise, flag } from './update.ts';

/** Other writers hold their locks for moments: three tries, then the batch is left for the next run. */
const TRIES = 3;

export function sqlStore(reader: SqlReader, dialect: Dialect, database: Knex, hashKey: string): Store {
  return {
    ...reader,
    removeFile: null,
    dispose: async (order, judge) => {
      const target = await reader.target(order.dataset);
      const outcomes = await unlocked(reader, dialect, database, () =>
        database.transaction(transaction =>
          disposeBatch({ transaction, dialect, target, order, judge, hashKey, copies: new Map() }),
        ),
      );
      return outcomes ?? order.keys.map(key => ({ key, did: 'spared', why: 'locked', by: null }));
    },
    dropPartition: dropping(reader, dialect, database),
    purgeListed:
      dialect.listed === null
        ? null
        : async order => {
            const target = await reader.target(order.dataset);
            await purgeListed(database, dialect, target, order, act =>
              unlocked(reader, dialect, database, act),
            );
          },
  };
}

/** Errors of a statement that locks stop the run: whether it acted is looked into by the next. */
function dropping(reader: SqlReader, { partitions }: Dialect, database: Knex): Store['dropPartition'] {
  if (partitions === null) return null;
  return async order => {
    const target = await reader.target(order.dataset);
    return reader.reached(() => partitions.drop(database, target, order));
  };
}

/** Tries again while somebody else has the rows; null when they kept them. */
async function unlocked<T>(
  reader: SqlReader,
  dialect: Dialect,
  database: Knex,
  act: () => Promise<T>,
): Promise<T | null> {
  for (let tries = 1; ; tries += 1) {
    try {
      // A server lost in the middle may have committed or not: that stops the run, and is looked into by the next.
      return await reader.reached(act);
    } catch (error) {
      if (dialect.explainError(error).kind !== 'locked') throw error;
      await dialect.afterLocked(database);
      if (tries === TRIES) return null;
    }
  }
}

/** One batch under way. */
export interface Work {
  readonly transaction: Knex.Transaction;
  readonly dialect: Dialect;
  readonly target: Target;
  readonly order: Order;
  readonly judge: Judge;
  readonly hashKey: string;
  /** Of rows without a key: how many of each stand under lock. */
  readonly copies: ReadonlyMap<string, number>;
}

async function disposeBatch(begun: Work): Promise<readonly Outcome[]> {
  const { order, judge } = begun;
  const { locked, copies } = await lockRecords(begun);
  const work = { ...begun, copies };
  const outcomes = new Map<string, Outcome>();
  const blocked =
    order.disposition === 'purge' ? await withChildren(work, locked) : new Map<string, string>();
  for (const [id, by] of blocked)
    outcomes.set(id, { key: JSON.parse(id) as Key, did: 'spared', why: 'blocked', by });
  const records = locked.filter(record => !blocked.has(JSON.stringify(record.key)));
  const rulings = await judge(records);
  const going: StoredRecord[] = [];
  records.forEach((record, index) => {
    const { key } = record;
    const ruling = rulings[index];
    if (ruling?.go === true) going.push(record);
    else {
      const [why, by] = [ruling?.why ?? 'changed', ruling?.by ?? null];
      outcomes.set(JSON.stringify(key), { key, did: 'spared', why, by });
    }
  });
  for (const outcome of await act(work, going)) outcomes.set(JSON.stringify(outcome.key), outcome);
  return order.keys.map(
    key => outcomes.get(JSON.stringify(key)) ?? { key, did: 'spared', why: 'gone', by: null },
  );
}

/** The rows that still exist, in the order of the batch, locked until the transaction ends. */
async function lockRecords({ transaction, dialect, target, order, copies }: Work): Promise<{
  readonly locked: readonly StoredRecord[];
  readonly copies: Work['copies'];
}> {
  await dialect.beginWriting(transaction, target.dataset.at);
  const query = selectRecords(transaction, dialect, target, null).transacting(transaction);
  whereKeys(query, target, order.keys);
  if (dialect.locksRows) query.forUpdate();
  const rows: Parameters<typeof toRecord>[0][] = await query;
  const records = rows.map(row => toRecord(row, target.dataset));
  if (target.identity !== null) return matchCopies(order.keys, records);
  const byKey = new Map(records.map(record => [JSON.stringify(record.key), record]));
  return { locked: order.keys.flatMap(key => byKey.get(JSON.stringify(key)) ?? []), copies };
}

/** Records that others still refer to, by key, with the dataset that does. */
async function withChildren(work: Work, records: readonly StoredRecord[]): Promise<Map<string, string>> {
  const blocked = new Map<string, string>();
  for (const child of work.order.children) {
    for (const key of await parentsOf(work, child, records))
      blocked.set(JSON.stringify(key), child.dataset.name);
  }
  return blocked;
}

async function parentsOf(
  { transaction, dialect, target }: Work,
  child: Child,
  records: readonly StoredRecord[],
): Promise<Key[]> {
  if (records.length === 0) return [];
  const { dataset } = target;
  const query = transaction
    .from({ t: dataset.at })
    .select(
      dataset.key.map((column, index) =>
        transaction.raw('? as ??', [dialect.asText(transaction, `t.${column}`), `k${index}`]),
      ),
    );
  whereKeys(
    query,
    target,
    records.map(record => record.key),
  );
  query.whereExists(exists => {
    exists.select(transaction.raw('1')).from({ c: child.dataset.at });
    for (const [theirs, ours] of Object.entries(child.on))
      exists.whereRaw('?? = ??', [`c.${theirs}`, `t.${ours}`]);
  });
  const rows: Parameters<typeof toRecord>[0][] = await query;
  return rows.map(row => toRecord(row, dataset).key);
}

async function act(work: Work, records: readonly StoredRecord[]): Promise<readonly Outcome[]> {
  if (records.length === 0) return [];
  switch (work.order.disposition) {
    case 'purge':
      return purgeWithFiles(work, records);
    case 'flag':
      return flag(
        work,
        records.map(record => record.key),
      );
    case 'anonymise':
      return anonymise(work, records);
  }
}

/**
 * Rows first, then the files of those that really go, then the commit: a row that something holds back keeps its
 * file, and one whose file cannot be removed is put back.
 */
async function purgeWithFiles(work: Work, records: readonly StoredRecord[]): Promise<readonly Outcome[]> {
  const { transaction, order } = work;
  const keys = records.map(record => record.key);
  if (order.release === undefined || work.target.dataset.files.length === 0)
    return purge(work, transaction, keys);
  const release = order.release;
  let kept: { readonly record: StoredRecord; readonly by: string }[] = [];
  try {
    return await transaction.transaction(async savepoint => {
      const outcomes = await purge(work, savepoint, keys);
      const gone = new Set(
        outcomes.filter(({ did }) => did === 'purged').map(({ key }) => JSON.stringify(key)),
      );
      const going = records.filter(({ key }) => gone.has(JSON.stringify(key)));
      // Whoever still stands in the table, inside this transaction, stays: in this batch or outside it.
      const left = await release(going, await recordsWithSameFiles(work, savepoint, going));
      kept = going.flatMap((record, index) => {
        const by = left[index] ?? null;
        return by === null ? [] : [{ record, by }];
      });
      if (kept.length > 0) throw new FilesLeft();
      return outcomes;
    });
  } catch (error) {
    if (!(error instanceof FilesLeft)) throw error;
    const spared = new Set(kept.map(({ record }) => record));
    const rest = records.filter(record => !spared.has(record));
    const others = rest.length === 0 ? [] : await purgeWithFiles(work, rest);
    return [
      ...others,
      ...kept.map(({ record, by }): Outcome => ({ key: record.key, did: 'spared', why: 'file-kept', by })),
    ];
  }
}

/** Undoes the savepoint that it is thrown in. */
class FilesLeft extends Error {}

/** Deletes rows; those that a foreign key or a trigger holds back are found by halves and spared, and the others go. */
async function purge(work: Work, transaction: Knex.Transaction, keys: readonly Key[]): Promise<Outcome[]> {
  try {
    // A savepoint, so that a refusal undoes this half alone.
    await transaction.transaction(async savepoint => {
      await deleteKeys(work, savepoint, keys);
    });
    return keys.map(key => ({ key, did: 'purged' }));
  } catch (error) {
    const { kind, by } = work.dialect.explainError(error);
    if (kind !== 'blocked') throw error;
    const [only] = keys;
    if (keys.length === 1 && only !== undefined) return [{ key: only, did: 'spared', why: 'blocked', by }];
    const half = Math.ceil(keys.length / 2);
    return [
      ...(await purge(work, transaction, keys.slice(0, half))),
      ...(await purge(work, transaction, keys.slice(half))),
    ];
  }
}
