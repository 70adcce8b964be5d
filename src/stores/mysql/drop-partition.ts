// Drops a partition in one statement, under a lock on its table: only if the server finds in it exactly the keys that were
// listed, all of them as sure as then, and nothing else. Anything that differs, or cannot be told, leaves it as it is.
import type { Knex } from 'knex';
import { explainMysqlError, mysqlNumber } from '../../database/mysql-errors.ts';
import type { Stretch, SureRange } from '../listed.ts';
import type { PartitionDrop, PartitionOrder } from '../partition.ts';
import { sealed, tableOf } from '../sql/names.ts';
import type { Target } from '../sql/query.ts';
import type { Ask } from './ask.ts';
import { keyTextsOf } from './key-texts.ts';
import { axisOf } from './partition-axis.ts';
import { isProven, partitionBound } from './partition-bound.ts';
import { pageFrom, sureRule } from './partition-page.ts';
import { partitionsOf, wholeTableObjection } from './survey-partitions.ts';
import { unlockedAfter } from './table-locks.ts';

/**
 * How long each try waits for the lock, in seconds. Whoever comes after one that waits has to wait too: so it is tried
 * without waiting first, which MySQL cannot, and then for a second at most, the least that both can, and not many times.
 */
const LOCK_WAITS = { mariadb: [...Array<number>(10).fill(0), 1, 1], mysql: [1, 1, 1] };
const BETWEEN_TRIES_MS = 50;
/** A backup may bar the drop of a table that is locked already. */
const ALTER_WAIT_SECONDS = 1;

export async function dropPartition(
  database: Knex,
  target: Target,
  order: PartitionOrder,
  /** One may have been added since the table was described. */
  triggersNow: (ask: Ask) => Promise<readonly string[]>,
): Promise<PartitionDrop> {
  const range = await order.range();
  if (range === null) return kept('none of its rows is sure any more');
  return withConnection(database, run =>
    unlockedAfter(run, async () => {
      const waits = LOCK_WAITS[target.table.returnsDeleted ? 'mariadb' : 'mysql'];
      const locked = await lockTable(run, target, waits);
      if (locked !== null) return kept(locked);
      const table = { ...target.table, deleteTriggers: await triggersNow(run) };
      const why = await difference(database, run, { ...target, table }, order, range);
      if (why !== null) return kept(why);
      // The table is locked: a hold that is placed from here on finds the rows gone.
      if (!(await order.confirm(range))) return kept('a hold or an instruction was changed meanwhile');
      return alter(run, target, order);
    }),
  );
}

/** A connection of its own, since the lock belongs to it; one that fails is not used again, so that no lock outlives this. */
async function withConnection<T>(database: Knex, use: (run: Ask) => Promise<T>): Promise<T> {
  const client = database.client as {
    acquireConnection: () => Promise<{ __knex__disposed?: unknown; destroy: () => void }>;
    releaseConnection: (connection: unknown) => Promise<void>;
  };
  const connection = await client.acquireConnection();
  try {
    return await use(async (sql, bindings = []) => {
      const [rows] = await database.raw(sql, [...bindings]).connection(connection);
      return rows;
    });
  } catch (error) {
    connection.__knex__disposed = error;
    connection.destroy();
    throw error;
  } finally {
    await client.releaseConnection(connection);
  }
}

/** Why the lock was not to be had; null when it was. */
async function lockTable(
  run: Ask,
  { dataset: { at }, table }: Target,
  waitSeconds: readonly number[],
): Promise<string | null> {
  for (const seconds of waitSeconds) {
    try {
      await run(`set session lock_wait_timeout = ${seconds}`);
      await run('lock tables ?? write', [tableOf(table.place)]);
      return null;
    } catch (error) {
      const { kind } = explainMysqlError(error);
      if (kind === 'denied' || mysqlNumber(error) === 1044)
        return `the user may not lock ${at}: GRANT LOCK TABLES on its database`;
      if (kind !== 'locked') throw error;
      await new Promise(resolve => setTimeout(resolve, BETWEEN_TRIES_MS));
    }
  }
  return 'others kept the table busy, and a lock was not to be had';
}

/** What differs from when it was listed, under the lock; null when nothing does. */
async function difference(
  database: Knex,
  run: Ask,
  target: Target,
  order: PartitionOrder,
  range: SureRange,
): Promise<string | null> {
  const { dataset } = target;
  const all = await partitionsOf(run, target.table.place);
  const against = await wholeTableObjection(run, target, all);
  if (against !== null) return against;
  const own = all.find(one => one.name === order.partition);
  if (own === undefined) return 'it is not there any more';
  if (all.length === 1) return 'it is the last that the table has';
  const bound = partitionBound(own, dataset.startColumn, dataset.start.unit);
  if (own.description !== order.bound || bound === null || !isProven(bound, range.before))
    return 'its bound is another than when it was listed';
  const [rule, axis] = [sureRule(database, target, range), axisOf(target)];
  if (rule === null || axis === null) return 'the server cannot tell any more what is sure in it';
  const place = { partition: order.partition, index: axis.index };
  if (!tiles(order.batches, axis.by)) return 'it was not listed whole';
  for (const { stretch, records, keysDigest } of order.batches) {
    const [row = {}] = await run('select count(*) as n, ? as sure, ? as inRange, sha2(?, 256) as digest ?', [
      rule.count,
      rule.inRange,
      keyTextsOf(database, target, null),
      pageFrom(database, target, place, stretch),
    ]);
    if (Number(row.n) !== records || row.digest !== keysDigest) return 'it holds other rows than were listed';
    if (Number(row.sure) !== records || (rule.isPlain && Number(row.inRange) !== 1))
      return 'some of its rows may be held, or are not due any more';
  }
  return null;
}

/** Whether slices follow each other from end to end, so that no row is left out. */
function tiles(batches: PartitionOrder['batches'], by: Stretch['by']): boolean {
  return (
    batches.length > 0 &&
    batches.every(({ stretch }, at) => {
      const previous = batches[at - 1]?.stretch.slice;
      const [from, isLast] = [previous === undefined ? null : previous.until, at === batches.length - 1];
      const { slice } = stretch;
      if (stretch.by !== by || slice === undefined || slice.from !== from) return false;
      return at > 0 && from === null ? false : (slice.until === null) === isLast;
    })
  );
}

async function alter(
  run: Ask,
  { dataset, table }: Target,
  { partition }: PartitionOrder,
): Promise<PartitionDrop> {
  try {
    await run(`set session lock_wait_timeout = ${ALTER_WAIT_SECONDS}`);
    await run('alter table ?? drop partition ??', [tableOf(table.place), sealed(partition)]);
    return { did: 'dropped' };
  } catch (error) {
    const { kind } = explainMysqlError(error);
    // Anything else may have come after the act: that stops the run, and is looked into by the next.
    if (kind === 'denied' || mysqlNumber(error) === 1044)
      return kept(`the user may not drop partitions: GRANT ALTER, DROP on ${dataset.at}`);
    if (kind === 'locked') return kept('a backup or another statement kept it from being dropped');
    throw error;
  }
}

function kept(why: string): PartitionDrop {
  return { did: 'kept', why };
}
