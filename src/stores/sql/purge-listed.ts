// Purges listed records a write at a time: each a transaction of its own that takes exactly its keys, all of them and no
// others, or is undone. Between two writes nothing is open, so that others get their turn for as long as the pace says.
import type { Knex } from 'knex';
import { stopwatch } from '../../clock.ts';
import { inTransaction } from '../../database/in-transaction.ts';
import { fitting } from '../../database/packet.ts';
import { keyOfText, splitKeys } from '../../policy/key-text.ts';
import type { ListedOrder, Stretch } from '../listed.ts';
import type { Dialect } from './dialect.ts';
import type { Target } from './query.ts';

/** `unlocked`: tries again while somebody else has the rows, and gives null when they keep them. */
export async function purgeListed(
  database: Knex,
  dialect: Dialect,
  target: Target,
  order: ListedOrder,
  unlocked: (act: () => Promise<boolean>) => Promise<boolean | null>,
): Promise<void> {
  const listed = splitKeys(order.keys);
  let rest: readonly string[] = listed;
  let { stretch } = order;
  while (rest.length > 0) {
    const atMost = order.writeKeys();
    const isFirst = rest === listed;
    if (isFirst && atMost < rest.length) rest = dialect.listed?.inWritingOrder(target, rest, stretch) ?? rest;
    // In equal parts: a last write of a few keys costs as much of everybody's time as any other.
    const even = Math.ceil(rest.length / Math.ceil(rest.length / atMost));
    const keys = rest.slice(0, Math.min(even, fitting(database, rest)));
    const own = endingWith(stretch, keys);
    const beganMs = stopwatch.nowMs();
    let tookMs: number | null = null;
    const purged = await unlocked(() =>
      purgeSome(database, dialect, target, order, keys, own, ms => {
        tookMs = ms;
      }),
    );
    tookMs ??= stopwatch.nowMs() - beganMs;
    rest = rest.slice(keys.length);
    if (stretch.by === 'key') stretch = { ...stretch, after: own.to };
    await order.wrote({ keys, purged: purged === true, tookMs });
  }
}

/** Along the key each write has a stretch of its own; along the start all of them share the batch's. */
function endingWith(stretch: Stretch, keys: readonly string[]): Stretch {
  const last = keyOfText(keys.at(-1) ?? '');
  return stretch.by === 'start' || last === null ? stretch : { ...stretch, to: { start: '', key: last } };
}

async function purgeSome(
  database: Knex,
  { listed, explainError }: Dialect,
  target: Target,
  { range: rangeNow, confirm, inTurn }: ListedOrder,
  keys: readonly string[],
  stretch: Stretch,
  onDeleted: (tookMs: number) => void,
): Promise<boolean> {
  const askedMs = stopwatch.nowMs();
  try {
    return await inTransaction(database, async transaction => {
      const begunMs = stopwatch.nowMs();
      const range = await inTurn(async () => {
        const now = rangeNow();
        if (now === null) throw new Differs();
        const fromMs = stopwatch.nowMs();
        const went = await listed?.delete(transaction, target, keys, stretch, now);
        onDeleted(timeAtRows(stopwatch.nowMs() - fromMs, begunMs - askedMs));
        if (went !== true) throw new Differs();
        return now;
      });
      // The rows are locked now: a hold that is placed from here on finds them gone.
      if (!(await confirm(range))) throw new Differs();
      return true;
    });
  } catch (error) {
    // What is blocked, or has lost its table, comes to its outcome by a look at each record.
    if (error instanceof Differs || ['blocked', 'gone'].includes(explainError(error).kind)) return false;
    throw error;
  }
}

/** Beginning a transaction may have to wait for a connection, which says nothing of the way to the server. */
const LEAST_SHARE = 0.25;

/**
 * How long the server was at the rows: the time of the delete without that of a statement that does nothing, which
 * is the way there and back. The flush of the commit is left out too: both take as long for few keys as for many, and a
 * write that is made smaller for them never gets shorter. Measured: 0.8 and 1.1 ms, and 7 us a row.
 */
function timeAtRows(deleteMs: number, beginMs: number): number {
  return Math.max(deleteMs - beginMs, deleteMs * LEAST_SHARE);
}

/** Undoes the transaction that it is thrown in. */
class Differs extends Error {}
