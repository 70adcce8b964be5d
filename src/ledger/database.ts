// Opens the database that the ledger lives in: an SQLite file by default, MySQL or MariaDB by URL.
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Knex } from 'knex';
import { openMysqlDatabase } from '../database/open-mysql.ts';
import { RetentionError, reasonOf } from '../errors.ts';
import { openSqliteFile } from '../knex-sqlite.ts';
import { migrations, unknownMigrations } from './migrations.ts';
import { describePlace, type LedgerPlace, ledgerPlace } from './place.ts';

/** What to do where there is no ledger. `look`: open an empty one that is forgotten again. */
export type WhenMissing = 'make' | 'refuse' | 'look';

/**
 * `at` is a file's path, or a `mysql://user:password@host/database` URL. Tables are made or brought up to date; where there
 * is no ledger it is as `whenMissing` says, since a misspelt place would look like one without holds.
 */
export async function openDatabase(
  at: string,
  whenMissing: WhenMissing,
): Promise<{ readonly database: Knex; readonly isNew: boolean }> {
  const place = ledgerPlace(at);
  if (place.kind === 'file' && whenMissing !== 'make' && !existsSync(place.file)) {
    if (whenMissing === 'refuse') throw missingAt(place);
    return openEmpty();
  }
  const database = opened(place);
  try {
    const isNew = !(await database.schema.hasTable('audit_head'));
    if (isNew && whenMissing !== 'make') {
      if (whenMissing === 'refuse') throw missingAt(place);
      await database.destroy();
      return openEmpty();
    }
    const unknown = await unknownMigrations(database);
    if (unknown.length > 0) throw newer(unknown);
    await database.migrate.latest({ migrationSource: migrations, tableName: 'ledger_migrations' });
    return { database, isNew };
  } catch (error) {
    await database.destroy();
    throw unusable(error);
  }
}

function opened(place: LedgerPlace): Knex {
  try {
    return place.kind === 'mysql' ? openMysql(place.url) : openSqlite(place.file);
  } catch (error) {
    throw unusable(error);
  }
}

/** A ledger in memory: it knows of nothing, and nothing of it is left. */
async function openEmpty(): Promise<{ readonly database: Knex; readonly isNew: boolean }> {
  const database = openSqliteFile(':memory:', []);
  await database.migrate.latest({ migrationSource: migrations, tableName: 'ledger_migrations' });
  return { database, isNew: true };
}

/** A connection to a ledger as it is, which brings nothing up to date: for questions only. */
export function openUntouched(place: LedgerPlace): Knex {
  return place.kind === 'mysql'
    ? openMysql(place.url)
    : openSqliteFile(place.file, ['PRAGMA busy_timeout = 10000', 'PRAGMA query_only = ON']);
}

function unusable(error: unknown): RetentionError {
  if (error instanceof RetentionError) return error;
  return new RetentionError(
    'ledger-unusable',
    `the ledger cannot be opened: ${reasonOf(error)}`,
    'Check RETENTION_LEDGER: a writable file, or a MySQL URL whose user may create tables. Nothing is deleted without a ledger',
    { cause: error },
  );
}

function newer(unknown: readonly string[]): RetentionError {
  return new RetentionError(
    'ledger-unusable',
    `the ledger was used by a newer retention than this one: it has had ${unknown.join(', ')}`,
    'Run that version, or a later one. This one cannot tell what has changed, and touches nothing',
  );
}

function missingAt(place: LedgerPlace): RetentionError {
  return new RetentionError(
    'not-found',
    `there is no ledger at ${describePlace(place)}`,
    "Is RETENTION_LEDGER the right one? If there has never been one: retention ledger new --reason 'Why'",
  );
}

/** Holds and keys stand in it: its files are readable by their owner alone. */
function openSqlite(file: string): Knex {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Files that SQLite puts beside it get its mode. One that is there is not opened: to close it again would give up every
  // lock that this process has on it.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  for (const one of [file, `${file}-wal`, `${file}-shm`]) closeToOthers(one);
  // FULL: an entry that was acknowledged survives a power cut, which is what "intent before act" rests on.
  return openSqliteFile(file, [
    'PRAGMA busy_timeout = 10000',
    'PRAGMA journal_mode = WAL',
    'PRAGMA synchronous = FULL',
    // The keys of a plan are taken out once they are settled, and must not stay in free pages.
    'PRAGMA secure_delete = ON',
  ]);
}

function closeToOthers(file: string): void {
  try {
    if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  } catch {
    // It is not there, or somebody else's to close: who may read it is its owner's to say.
  }
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
