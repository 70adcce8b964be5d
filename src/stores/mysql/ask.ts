// One way to put a question to the server: on any connection of a pool, or on the one that holds a lock.
import type { Knex } from 'knex';

/** Rows of a statement; errors are the driver's. */
export type Ask = (
  sql: string,
  bindings?: readonly Knex.RawBinding[],
) => Promise<readonly Readonly<Record<string, string | number | null>>[]>;

export function askOf(database: Knex): Ask {
  return async (sql, bindings = []) => (await database.raw(sql, [...bindings]))[0];
}
