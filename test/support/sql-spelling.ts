// Statements that MariaDB and MySQL spell differently, spelled so that both take them.
import type { Knex } from 'knex';
import type { Family } from './flavours.ts';

/** Makes a table in place of one of this name that may be there. */
export async function replaceTable(knex: Knex, name: string, definition: string): Promise<void> {
  await knex.raw('DROP TABLE IF EXISTS ??', [name]);
  await knex.raw(`CREATE TABLE ${knex.ref(name).toQuery()} ${definition}`);
}

/** A derived table of the numbers from 1 to `count` in a column `seq`, for INSERT ... SELECT ... ORDER BY seq. */
export function numbersTo(count: number): string {
  const digits = Math.max(1, String(count).length);
  const parts = Array.from({ length: digits }, (_, place) => {
    const most = place === digits - 1 ? Math.floor(count / 10 ** place) : 9;
    const values = Array.from({ length: most + 1 }, (_value, digit) => `SELECT ${digit * 10 ** place} AS n`);
    return `(${values.join(' UNION ALL ')}) AS d${place}`;
  });
  const sum = parts.map((_, place) => `d${place}.n`).join(' + ');
  return `(SELECT ${sum} AS seq FROM ${parts.join(', ')} WHERE ${sum} BETWEEN 1 AND ${count}) AS numbers`;
}

/** Drops a table unless somebody keeps it locked for as long as the shortest time that a server knows. */
export async function dropUnlessLocked(knex: Knex, name: string): Promise<void> {
  const connection = await knex.client.acquireConnection();
  const ask = (sql: string, ...names: string[]) => knex.raw(sql, names).connection(connection);
  try {
    await ask('SET SESSION lock_wait_timeout = 1');
    await ask('DROP TABLE IF EXISTS ??', name).catch((error: { errno?: number }) => {
      if (error.errno !== LOCK_WAIT_TIMEOUT) throw error;
    });
    await ask('SET SESSION lock_wait_timeout = DEFAULT');
  } finally {
    await knex.client.releaseConnection(connection);
  }
}

const LOCK_WAIT_TIMEOUT = 1205;

/** What a backup says so that a table may be locked and written meanwhile, and not be dropped or altered. */
export const BACKUP_LOCK: Readonly<
  Record<Family, { readonly on: (table: string) => string; readonly off: string }>
> = {
  mariadb: { on: table => `BACKUP LOCK ${table}`, off: 'BACKUP UNLOCK' },
  mysql: { on: () => 'LOCK INSTANCE FOR BACKUP', off: 'UNLOCK INSTANCE' },
};
