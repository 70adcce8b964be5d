// Fresh places for tests to put data in: a database, an SQLite file or a folder of their own, and the way to be rid
// of it. Connections read values as exact text, as the stores do.
import { randomBytes } from 'node:crypto';
import knex, { type Knex } from 'knex';
import { madePlain, plainSession } from './plain-session.ts';
import { thisServerUrl } from './this-server.ts';

export { type FreshFolder, type FreshSqlite, freshFolder, freshSqlite } from './fresh-files.ts';

export interface FreshMysql {
  /** The URL of the new database; its user may do everything. */
  readonly url: string;
  /** A connection with the same rights, for seeding and for looking behind the product's back. */
  readonly knex: Knex;
  /** Creates a user who may SELECT in this database and do nothing else, and gives a URL for it. */
  readonly readOnlyUrl: () => Promise<string>;
  /** Drops the database and its users, and closes the connection. */
  readonly drop: () => Promise<void>;
}

/** Tests write as the programs do whose tables these are: a zero date is a date to them. What the product asks is its own. */
const AS_WRITTEN = plainSession('STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION');

/** A new, empty database on the test server, with a name that no other test has. */
export async function freshMysql(serverUrl: string = thisServerUrl()): Promise<FreshMysql> {
  const name = `retention_${randomBytes(6).toString('hex')}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const server = mysqlConnection(serverUrl, 1);
  await server.raw('CREATE DATABASE ?? CHARACTER SET utf8mb4', [name]);
  const database = mysqlConnection(url.href, 4);
  const users: string[] = [];
  return {
    url: url.href,
    knex: database,
    readOnlyUrl: async () => {
      const user = `reader_${randomBytes(6).toString('hex')}`;
      const password = randomBytes(12).toString('hex');
      users.push(user);
      await server.raw(`CREATE USER ?@'%' IDENTIFIED BY ?`, [user, password]);
      await server.raw(`GRANT SELECT ON ??.* TO ?@'%'`, [name, user]);
      const readOnly = new URL(url);
      readOnly.username = user;
      readOnly.password = password;
      return readOnly.href;
    },
    drop: async () => {
      await database.destroy();
      await server.raw('DROP DATABASE ??', [name]);
      for (const user of users) await server.raw(`DROP USER ?@'%'`, [user]);
      await server.destroy();
    },
  };
}

function mysqlConnection(uri: string, max: number): Knex {
  return knex({
    client: 'mysql2',
    connection: {
      uri,
      charset: 'utf8mb4',
      dateStrings: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
    } as Knex.MySql2ConnectionConfig,
    pool: {
      min: 0,
      max,
      afterCreate: madePlain(AS_WRITTEN),
    },
  });
}
