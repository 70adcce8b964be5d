// Locks on whole tables, and the way they are given back.
import type { Knex } from 'knex';
import { inTransaction } from '../../database/in-transaction.ts';
import { STATED } from '../../database/mysql-stated.ts';
import type { TableLock } from '../sql/dialect.ts';
import { aliasOf, tableOf } from '../sql/names.ts';
import { type Ask, askOf } from './ask.ts';

/** Whoever comes after one that waits for the lock has to wait too: a second is the least that MySQL knows. */
const LOCK_WAIT_SECONDS = 1;
/** A process that dies without a word, or is stopped, must not leave a table locked for long. */
const LONGEST_SILENCE_SECONDS = 20;

/** Runs something that locks tables on the connection of `run`: they are unlocked after it, and the session is as before. */
export async function unlockedAfter<T>(run: Ask, act: () => Promise<T>): Promise<T> {
  await run(`set session wait_timeout = ${LONGEST_SILENCE_SECONDS}`);
  try {
    return await act();
  } finally {
    await run('unlock tables');
    const [lockWait, wait] = [STATED.lock_wait_timeout?.value, STATED.wait_timeout?.value];
    await run(`set session lock_wait_timeout = ${lockWait}, session wait_timeout = ${wait}`);
  }
}

/**
 * Keeps others off tables for a moment, for engines that cannot lock a row. Throws what the server throws when the locks
 * are not to be had. Nothing else can be read or written meanwhile.
 */
export async function withTablesLocked<T>(
  database: Knex,
  locks: readonly TableLock[],
  act: (connection: Knex.Transaction) => Promise<T>,
): Promise<T> {
  // Only so that all of it goes over one connection: locking the tables ends the transaction itself.
  return inTransaction(database, connection =>
    unlockedAfter(askOf(connection), async () => {
      await connection.raw(`set session lock_wait_timeout = ${LOCK_WAIT_SECONDS}`);
      await connection.raw(
        `lock tables ${locks.map(({ as, mode }) => `??${as === null ? '' : ' as ??'} ${mode}`).join(', ')}`,
        locks.flatMap(({ table, as }) => [tableOf(table), ...(as === null ? [] : [aliasOf(as)])]),
      );
      return act(connection);
    }),
  );
}
