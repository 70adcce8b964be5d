// Opens the database that the ledger lives in: an SQLite file by default, MySQL or MariaDB by URL.
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import knex, { type Knex } from 'knex';
import { RetentionError, reasonOf } from '../errors.ts';
import { SILENT } from '../knex-log.ts';
import { migrations } from './migrations.ts';

/** `at` is a file's path, or a `mysql://user:password@host/database` URL. Tables are made or brought up to date. */
export async function openDatabase(at: string): Promise<Knex> {
  const database = /^(mysql|mariadb):\/\//.test(at) ? openMysql(at) : openSqlite(at);
  try {
    await database.migrate.latest({ migrationSource: migrations, tableName: 'ledger_migrations' });
    return database;
  } catch (error) {
    await database.destroy();
    throw new RetentionError(
      'ledger-unusable',
      `the ledger cannot be opened: ${reasonOf(error)}`,
      'Check RETENTION_LEDGER: a writable file, or a MySQL URL whose user may create tables. Nothing is deleted without a ledger',
      { cause: error },
    );
  }
}

function openSqlite(path: string): Knex {
  const file = resolve(path.replace(/^sqlite:(\/\/)?/, ''));
  mkdirSync(dirname(file), { recursive: true });
  return knex({
    client: 'better-sqlite3',
    log: SILENT,
    connection: { filename: file },
    useNullAsDefault: true,
    pool: {
      min: 1,
      max: 1,
      afterCreate: (
        connection: { exec: (sql: string) => void },
        ready: (error: unknown, connection: unknown) => void,
      ) => {
        try {
          // FULL: an entry that was acknowledged survives a power cut, which is what "intent before act" rests on.
          connection.exec('PRAGMA busy_timeout = 10000');
          connection.exec('PRAGMA journal_mode = WAL');
          connection.exec('PRAGMA synchronous = FULL');
          ready(null, connection);
        } catch (error) {
          ready(error, connection);
        }
      },
    },
  });
}

function openMysql(url: string): Knex {
  return knex({
    client: 'mysql2',
    log: SILENT,
    connection: {
      uri: url.replace(/^mariadb:/, 'mysql:'),
      charset: 'utf8mb4',
      timezone: 'Z',
    } as Knex.MySql2ConnectionConfig,
    pool: { min: 0, max: 2 },
  });
}
