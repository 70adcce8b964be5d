// Disposes of batches in SQL stores: one transaction a batch, each row re-read under lock and ruled on again before it
// is touched. What is disposed of is the set that was ruled on, not only its count.
import type { Knex } from 'knex';
import { inTransaction } from '../../database/in-transaction.ts';
import { fitting } from '../../database/packet.ts';
import { rowOf } from '../../policy/identity.ts';
import { splitKeys } from '../../policy/key-text.ts';
import type { Key } from '../../policy/policy.ts';
import type { StoredRecord } from '../../policy/record.ts';
import type { Order, Outcome } from '../order.ts';
import type { PartitionDrop } from '../partition.ts';
import type { Dataset, Store } from '../store.ts';
import type { Dialect } from './dialect.ts';
import { type Begun, lockRecords, type Referrer, type Work, withChildren } from './lock-records.ts';
import { unreadAmong } from './prove-gone.ts';
import { purge } from './purge.ts';
import { locksFor, MOST_FOR_GOOD, purgeForGood } from './purge-for-good.ts';
import { purgeListed } from './purge-listed.ts';
import type { Target } from './query.ts';
import type { SqlReader } from './reader.ts';
import { partsOfRows } from './row-parts.ts';
import { anonymise, flag } from './update.ts';
import { type FileOwner, withFiles } from './with-files.ts';

/** Other writers hold their locks for moments: three tries, then the batch is left for the next run. */
const TRIES = 3;

export function sqlStore(reader: SqlReader, dialect: Dialect, database: Knex, hashKey: string): Store {
  return {
    ...reader,
    removeFile: null,
    dispose: async (order, judge) => {
      const outcomes: Outcome[] = [];
      const disposeAll = async (): Promise<void> => {
        const target = await reader.target(order.dataset);
        const parts = await Promise.all(
          (order.rowParts ?? []).map(async part => ({ ...part, target: await reader.target(part.dataset) })),
        );
        const referrers = await Promise.all(
          order.children.map(async child => ({
            ...child,
            place: (await reader.target(child.dataset)).table.place,
          })),
        );
        for (const one of writesOf(database, target, order)) {
          let went = new Map<string, number>();
          const written = await unlocked(reader, dialect, database, () => {
            went = new Map();
            return inOneGo(database, dialect, target, referrers, transaction =>
              disposeBatch({
                ...{ transaction, dialect, target, order: one, referrers, parts, judge, hashKey, went },
              }),
            );
          });
          if (written !== null && went.size > 0) order.onChildren?.(Object.fromEntries(went));
          const locked = (key: Key): Outcome => ({ key, did: 'spared', why: 'locked', by: null });
          for (const outcome of written ?? one.keys.map(locked)) outcomes.push(outcome);
        }
      };
      await whileThere(reader, order.dataset, disposeAll, async () => {
        for (const key of order.keys.slice(outcomes.length))
          outcomes.push({ key, did: 'spared', why: 'gone', by: 'with its table' });
      });
      return outcomes;
    },
    dropPartition: dropping(reader, dialect, database),
    purgeListed:
      dialect.listed === null
        ? null
        : async order => {
            const { dataset, keys } = order;
            const find = (): Promise<Target | null> => reader.target(dataset);
            const target = await whileThere(reader, dataset, find, async () => null);
            if (target === null) await order.wrote({ keys: splitKeys(keys), purged: false, tookMs: 0 });
            else
              await purgeListed(database, dialect, target, order, act =>
                unlocked(reader, dialect, database, act),
              );
          },
  };
}

/** What fails for want of a table that is named by date, and has been dropped by whoever makes such tables, is no failure. */
async function whileThere<T>(
  { datedTables }: SqlReader,
  dataset: Dataset,
  act: () => Promise<T>,
  gone: () => Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(await datedTables?.isGone(dataset))) throw error;
    return gone();
  }
}

/** Where nothing can be undone, no write is large; elsewhere an order is one, if its keys fit into a statement. */
function writesOf(database: Knex, target: Target, order: Order): Order[] {
  const most = target.table.unsafeEngine === null ? order.keys.length : MOST_FOR_GOOD;
  const texts = order.keys.map(key => JSON.stringify(key));
  const writes: Order[] = [];
  for (let from = 0; from < texts.length; ) {
    let until = from + Math.min(most, fitting(database, texts, from));
    // Copies of a row are told by how many are left, and so looked at together.
    if (target.identity !== null)
      while (
        until < order.keys.length &&
        rowOf(order.keys[until] ?? []) === rowOf(order.keys[until - 1] ?? [])
      )
        until += 1;
    writes.push({ ...order, keys: order.keys.slice(from, until) });
    from = until;
  }
  return writes;
}

/**
 * Where rows of a history tell a start, no row may come in between the look at them and the commit, or an account would go
 * that has just been opened again. At this level locks on rows are locks on the gaps between them as well: a row of one of
 * these accounts is waited with, for as long as the write takes. (A row that refers to the account by foreign key waits at
 * any level, and who changes the account itself waits for its row.)
 */
const WITHOUT_PHANTOMS: Knex.TransactionConfig = { isolationLevel: 'repeatable read' };

/** In a transaction; where the table knows none, with nobody else at it. */
function inOneGo<T>(
  database: Knex,
  { locksRows, withTablesLocked }: Dialect,
  target: Target,
  referrers: readonly Referrer[],
  act: (connection: Knex.Transaction) => Promise<T>,
): Promise<T> {
  if (target.table.unsafeEngine === null || withTablesLocked === null)
    return inTransaction(database, act, locksRows && target.rows !== null ? WITHOUT_PHANTOMS : undefined);
  return withTablesLocked(database, locksFor(target, referrers), act);
}

/** Errors of a statement that locks stop the run: whether it acted is looked into by the next. */
function dropping(reader: SqlReader, { partitions }: Dialect, database: Knex): Store['dropPartition'] {
  if (partitions === null) return null;
  return async order => {
    const drop = async (): Promise<PartitionDrop> => {
      const target = await reader.target(order.dataset);
      return reader.reached(() => partitions.drop(database, target, order));
    };
    return whileThere(reader, order.dataset, drop, async () => ({ did: 'kept', why: 'its table is gone' }));
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
    // A server lost in the middle may have committed or not: that stops the run, and is looked into by the next.
    const done = await reader.reached(async () => {
      try {
        return { did: await act() };
      } catch (error) {
        const { kind } = dialect.explainError(error);
        // A commit that is refused, for a key that is checked no earlier, leaves its transaction open as one that found a lock does.
        if (kind === 'blocked') await dialect.afterLocked(database);
        if (kind !== 'locked') throw error;
        return null;
      }
    });
    if (done !== null) return done.did;
    await dialect.afterLocked(database);
    if (tries === TRIES) return null;
  }
}

async function disposeBatch(begun: Begun): Promise<readonly Outcome[]> {
  const { order, judge } = begun;
  const { locked, copies } = await lockRecords(begun, order.keys);
  const work = { ...begun, copies };
  const read = new Set(locked.map(record => JSON.stringify(record.key)));
  // Before anything is deleted: copies of a row are told by how many there are.
  const unread = await unreadAmong(
    work,
    order.keys.filter(key => !read.has(JSON.stringify(key))),
  );
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
  const keys = going.map(({ key }) => key);
  const { kept, owners } = await partsOfRows(begun.parts, keys, async target => {
    return (await lockRecords({ ...begun, target }, keys)).locked;
  });
  for (const [id, outcome] of kept) outcomes.set(id, outcome);
  const left = going.filter(({ key }) => !kept.has(JSON.stringify(key)));
  for (const outcome of await act(work, left, owners)) outcomes.set(JSON.stringify(outcome.key), outcome);
  return order.keys.map(key => {
    const id = JSON.stringify(key);
    return outcomes.get(id) ?? { key, did: 'spared', why: unread.has(id) ? 'unread' : 'gone', by: null };
  });
}

async function act(
  work: Work,
  records: readonly StoredRecord[],
  parts: readonly FileOwner[],
): Promise<readonly Outcome[]> {
  if (records.length === 0) return [];
  const { order, target } = work;
  const { release } = order;
  const own = release === undefined ? [] : [{ target, release, records }];
  const keysOf = (some: readonly StoredRecord[]): Key[] => some.map(record => record.key);
  switch (order.disposition) {
    case 'purge':
      if (target.table.unsafeEngine === null)
        return withFiles(work, records, [...parts, ...own], (transaction, some) =>
          purge(work, transaction, keysOf(some)),
        );
      return purgeForGood(work, records, async keys => (await lockRecords(work, keys)).locked);
    case 'flag':
      return flag(work, keysOf(records));
    case 'anonymise':
      // The files of a whole row stay with it: only those of a part go with its columns.
      return withFiles(work, records, target.dataset.partOf === null ? [] : own, (transaction, some) =>
        anonymise(work, transaction, some),
      );
  }
}
