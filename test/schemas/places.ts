// Where a random schema is made: an SQLite file, or two databases of a server, with odd names of their own now and then.
import { randomBytes } from 'node:crypto';
import knex from 'knex';
import { freshSqlite } from '../support/fresh-files.ts';
import { madePlain, plainSession } from '../support/plain-session.ts';
import type { Server } from './schema.ts';
import type { Place } from './try-schema.ts';

const AS_MADE = plainSession('STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION');

export async function openPlace(
  server: Server,
  serverUrl: string,
): Promise<Place & { readonly drop: () => Promise<void> }> {
  if (server === 'sqlite') {
    const file = await freshSqlite();
    // Rows that refer to each other come one after the other.
    await file.knex.raw('PRAGMA foreign_keys = OFF');
    return { at: file.path, homes: [null, null], run: file.knex, drop: file.drop };
  }
  const id = randomBytes(5).toString('hex');
  const homes = [`schema_${id}`, `other_${id}`] as const;
  const url = new URL(serverUrl);
  url.pathname = `/${homes[0]}`;
  const database = knex({
    client: 'mysql2',
    connection: { uri: serverUrl, charset: 'utf8mb4' } as object,
    pool: { min: 0, max: 1, afterCreate: madePlain(AS_MADE) },
  });
  for (const home of homes) await database.raw('CREATE DATABASE ?? CHARACTER SET utf8mb4', [home]);
  await database.raw('USE ??', [homes[0]]);
  // Rows that refer to each other come one after the other.
  await database.raw('SET foreign_key_checks = 0');
  return {
    at: url.href,
    homes,
    run: database,
    drop: async () => {
      for (const home of homes) await database.raw('DROP DATABASE ??', [home]);
      await database.destroy();
    },
  };
}
