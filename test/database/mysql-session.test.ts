// A session of ours is what the data says, on every server and whatever it was before: and the data knows every variable that
// the server in hand has.
import knex, { type Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTransaction } from '../../src/database/in-transaction.ts';
import { explainMysqlError } from '../../src/database/mysql-errors.ts';
import { STATED } from '../../src/database/mysql-stated.ts';
import { IRRELEVANT, READ } from '../../src/database/mysql-unstated.ts';
import { type MysqlOpening, openMysqlDatabase } from '../../src/database/open-mysql.ts';
import { familyOf } from '../support/flavours.ts';
import { type MysqlServer, startServer } from '../support/mysql-server.ts';
import { thisFlavour } from '../support/this-server.ts';

const isMariadb = familyOf(thisFlavour()) === 'mariadb';

let server: MysqlServer;
let admin: Knex;
beforeAll(async () => {
  server = await startServer(thisFlavour(), ['--log-bin=binlog', '--server-id=1']);
  admin = knex({ client: 'mysql2', connection: server.url, pool: { min: 0, max: 1 } });
  await admin.raw('CREATE DATABASE ours');
  await admin.raw('CREATE DATABASE another');
  await admin.raw('CREATE TABLE ours.calls (id INT PRIMARY KEY)');
  await admin.raw("CREATE USER 'plain'@'%' IDENTIFIED BY 'plain'");
  await admin.raw("GRANT ALL ON ours.* TO 'plain'@'%'");
});
afterAll(async () => {
  await admin.destroy();
  await server.stop();
});

/** Opens a connection as a user without special rights. */
function opened(rules: Partial<MysqlOpening> = {}): Knex {
  const url = new URL(server.url);
  [url.username, url.password, url.pathname] = ['plain', 'plain', '/ours'];
  return openMysqlDatabase({
    what: 'store tested',
    url: url.href,
    access: 'writes',
    isolation: 'READ COMMITTED',
    longestMs: null,
    connections: 1,
    values: {},
    ...rules,
  });
}

async function asked<T>(ask: (database: Knex) => Promise<T>, rules: Partial<MysqlOpening> = {}): Promise<T> {
  const database = opened(rules);
  try {
    return await ask(database);
  } finally {
    await database.destroy();
  }
}

async function withGlobal(name: string, value: unknown, act: () => Promise<void>): Promise<void> {
  const [[before]] = await admin.raw(`SELECT @@GLOBAL.${name} AS value`);
  await admin.raw(`SET GLOBAL ${name} = ?`, [value as string]);
  try {
    await act();
  } finally {
    const text = String(before.value);
    await admin.raw(`SET GLOBAL ${name} = ?`, [/^\d+$/.test(text) ? Number(text) : text]);
  }
}

describe('the data', () => {
  test('knows every session variable of this server, once', async () => {
    const [rows] = await admin.raw(
      isMariadb
        ? "SELECT VARIABLE_NAME AS name FROM information_schema.SYSTEM_VARIABLES WHERE VARIABLE_SCOPE <> 'GLOBAL'"
        : "SELECT VARIABLE_NAME AS name FROM performance_schema.variables_metadata WHERE VARIABLE_SCOPE <> 'GLOBAL'",
    );
    const own: string[] = rows.map((row: { name: string }) => row.name.toLowerCase());
    const known = [...Object.keys(STATED), ...[...READ, ...IRRELEVANT].flatMap(({ names }) => names)];
    expect(own.length).toBeGreaterThan(150);
    expect(own.filter(name => !known.includes(name))).toEqual([]);
    expect(known.filter((name, index) => known.indexOf(name) !== index)).toEqual([]);
    for (const { why } of [...Object.values(STATED), ...READ, ...IRRELEVANT]) expect(why).not.toBe('');
  });
});

test('a transaction that loses its connection fails with that, not with what undoing it came to', async () => {
  await asked(async database => {
    const lost = inTransaction(database, async transaction => {
      const [[own]] = await transaction.raw('SELECT CONNECTION_ID() AS id');
      await admin.raw(`KILL ${Number(own.id)}`);
      await transaction.raw('SELECT 1');
    });
    const error: unknown = await lost.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(explainMysqlError(error).kind).toBe('unreachable');
    expect(String(error)).not.toContain('ROLLBACK');
    expect(String(error)).toContain('SELECT 1');
  });
});

describe('a session', () => {
  const ADVERSE =
    "SET NAMES latin1; SET sql_mode = 'ANSI_QUOTES', autocommit = 0, sql_select_limit = 1, foreign_key_checks = 0, time_zone = '+10:00', timestamp = 1000000000; START TRANSACTION READ ONLY";

  test('is as stated, whatever init_connect has made of it', async () => {
    await withGlobal('init_connect', ADVERSE, async () => {
      await asked(async database => {
        const [[row]] = await database.raw(
          'SELECT @@sql_mode AS mode, @@autocommit AS auto, @@sql_select_limit AS most, @@foreign_key_checks AS kept, @@time_zone AS zone, @@character_set_results AS spelt, @@collation_connection AS compared, NOW() > ? AS now',
          ['2020-01-01'],
        );
        expect(row).toMatchObject({
          ...{ auto: 1, kept: 1, zone: '+00:00', spelt: 'utf8mb4', compared: 'utf8mb4_unicode_ci', now: 1 },
          mode: STATED.sql_mode?.value,
        });
        expect(String(row.most)).toMatch(/^1844674407370955/);
        await database.raw('INSERT INTO calls VALUES (1)');
      });
      const [rows] = await admin.raw('SELECT id FROM ours.calls');
      expect(rows).toEqual([{ id: 1 }]);
    });
  });

  test('in another database is refused by the name of what put it there', async () => {
    await withGlobal('init_connect', 'USE information_schema', async () => {
      await expect(asked(database => database.raw('SELECT 1'))).rejects.toMatchObject({
        code: 'session-unfit',
        message: expect.stringContaining('another database than "ours"'),
        hint: expect.stringContaining('init_connect'),
      });
    });
  });

  test('for writing is refused where the server is only to be read, and for reading is not', async () => {
    await withGlobal('read_only', 1, async () => {
      await expect(asked(database => database.raw('SELECT 1'))).rejects.toMatchObject({
        code: 'session-unfit',
        message: expect.stringContaining('read_only is ON'),
        hint: expect.stringContaining('Point the URL at the server that takes writes'),
      });
      await asked(database => database.raw('SELECT 1'), { access: 'reads' });
    });
  });

  test('for writing is refused where the log is of statements, but for a level that it allows', async () => {
    await withGlobal('binlog_format', 'STATEMENT', async () => {
      await expect(asked(database => database.raw('SELECT 1'))).rejects.toMatchObject({
        code: 'session-unfit',
        message: expect.stringContaining('binlog_format is STATEMENT'),
      });
      await asked(database => database.raw('SELECT 1'), { isolation: 'REPEATABLE READ' });
    });
  });

  test('with a packet that holds no page is refused; a statement that is too long is never sent', async () => {
    await withGlobal('max_allowed_packet', 1024, async () => {
      await expect(asked(database => database.raw('SELECT 1'))).rejects.toMatchObject({
        message: expect.stringContaining('max_allowed_packet is 1024'),
      });
    });
    await withGlobal('max_allowed_packet', 65_536, async () => {
      await asked(async database => {
        await expect(database.raw('SELECT ? AS t', ['x'.repeat(70_000)])).rejects.toMatchObject({
          errno: 1153,
        });
        expect((await database.raw('SELECT 2 AS two'))[0]).toEqual([{ two: 2 }]);
      });
    });
  });
});
