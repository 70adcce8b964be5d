// Opens the database that the ledger lives in: an SQLite file by default, MySQL or MariaDB by URL.
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Knex } from 'knex';
import { openMysqlDatabase } from '../database/open-mysql.ts';
import { RetentionError, reasonOf } from '../errors.ts';
import { openSqliteFile } from '../knex-sqlite.ts';
import { migrations } from './migrations.ts';

/**
 * `at` is a file's path, or a `mysql://user:password@host/database` URL. Tables are made or brought up to date; with
 * `mustExist` a ledger that is not there is an error, since a misspelt place would look like one without holds.
 */
export async function openDatabase(
  at: string,
  mustExist: boolean,
): Promise<{ readonly database: Knex; readonly isNew: boolean }> {
  const isMysql = /^(mysql|mariadb):\/\//.test(at);
  if (!isMysql && mustExist && !existsSync(fileOf(at))) throw missing(at);
  const database = isMysql ? openMysql(at) : openSqlite(fileOf(at));
  try {
    const isNew = !(await database.schema.hasTable('audit_head'));
    if (isNew && mustExist) throw missing('this place');
    await database.migrate.latest({ migrationSource: migrations, tableName: 'ledger_migrations' });
    return { database, isNew };
  } catch (error) {
    await database.destroy();
    if (error instanceof RetentionError) throw error;
    throw new RetentionError(
      'ledger-unusable',
      `the ledger cannot be opened: ${reasonOf(error)}`,
      'Check RETENTION_LEDGER: a writable file, or a MySQL URL whose user may create tables. Nothing is deleted without a ledger',
      { cause: error },
    );
  }
}

function missing(where: string): RetentionError {
  return new RetentionError(
    'not-found',
    `there is no ledger at ${where}`,
    'Check RETENTION_LEDGER. A new ledger is made by: retention plan, retention run, retention hold place',
  );
}

function fileOf(at: string): string {
  return resolve(at.replace(/^sqlite:(\/\/)?/, ''));
}

function openSqlite(file: string): Knex {
  mkdirSync(dirname(file), { recursive: true });
  // FULL: an entry that was acknowledged survives a power cut, which is what "intent before act" rests on.
  return openSqliteFile(file, [
    'PRAGMA busy_timeout = 10000',
    'PRAGMA journal_mode = WAL',
    'PRAGMA synchronous = FULL',
  ]);
}

/** One transaction at a time takes the head of the log, at the level at which it was always taken. */
function openMysql(url: string): Knex {
  return openMysqlDatabase({
    what: 'the ledger',
    url,
    access: 'writes',
    isolation: 'REPEATABLE READ',
    longestMs: null,
    connections: 2,
    values: { timezone: 'Z' },
  });
}
