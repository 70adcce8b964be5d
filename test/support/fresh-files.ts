// A fresh folder or SQLite file for a test to put data in, and the way to be rid of it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import knex, { type Knex } from 'knex';

export interface FreshFolder {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

/** A new, empty folder. */
export async function freshFolder(): Promise<FreshFolder> {
  const path = await mkdtemp(join(tmpdir(), 'retention-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export interface FreshSqlite {
  readonly path: string;
  readonly knex: Knex;
  /** Closes the connection and deletes the file. */
  readonly drop: () => Promise<void>;
}

/** A new, empty SQLite file and a connection to it. */
export async function freshSqlite(): Promise<FreshSqlite> {
  const folder = await freshFolder();
  const path = join(folder.path, 'store.sqlite');
  const database = knex({
    client: 'better-sqlite3',
    connection: { filename: path },
    useNullAsDefault: true,
    pool: { min: 1, max: 1 },
  });
  await database.raw('PRAGMA journal_mode = WAL');
  return {
    path,
    knex: database,
    drop: async () => {
      await database.destroy();
      await folder.remove();
    },
  };
}
