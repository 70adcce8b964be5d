// The reader of a MySQL store cannot write: by its session, by what it says to the server, and with a user who may
// do nothing but SELECT. What it says is taken from the server's own log of statements.
import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kinds } from '../../src/stores/kinds.ts';
import type { StoreReader } from '../../src/stores/store.ts';
import { type FreshMysql, freshMysql } from '../support/databases.ts';
import { type MysqlServer, startServer } from '../support/mysql-server.ts';
import { datasetNamed, sqlMap } from '../support/store-maps.ts';
import { letAllGo, namesOf, scanned } from '../support/store-use.ts';
import { thisFlavour } from '../support/this-server.ts';

const closed = { event: 'account-closed', column: 'closed_at', unit: 'datetime', zone: 'UTC' } as const;
const map = sqlMap('mysql', [
  { dataset: 'accounts', table: 'accounts', key: ['id'], class: 'account', start: closed },
  {
    dataset: 'letters',
    table: 'letters',
    key: ['account_id', 'no'],
    class: { column: 'type', values: { letter: 'letter' } },
    start: { event: 'account-closed', from: { dataset: 'accounts', on: { account_id: 'id' } } },
  },
  {
    dataset: 'trick',
    table: 'trick',
    key: ['id'],
    class: 'thing',
    start: { event: 'recorded', column: 'recorded', unit: 'datetime', zone: 'UTC' },
  },
]);
const accounts = datasetNamed(map, 'accounts');
const letters = datasetNamed(map, 'letters');

/** Everything that a reader can be asked. */
async function askAll(reader: StoreReader): Promise<void> {
  expect(await reader.clockMs()).toBeGreaterThan(Date.UTC(2020, 0, 1));
  for (const dataset of [accounts, letters]) {
    expect(await reader.check(dataset, ['purge'])).toEqual([]);
    expect((await reader.count(dataset, null, 'exact'))?.stored).toBe(2);
    await reader.unclassified(dataset);
    expect((await scanned(reader, dataset)).length).toBe(2);
    const bounds = { plausibleFrom: '1995-01-01 00:00:00', before: '2026-01-01 00:00:00' };
    const started = { kind: 'started', ...bounds, from: null, customer: null, key: null } as const;
    expect((await scanned(reader, dataset, { tags: null, which: started })).length).toBe(1);
    const doubtful = {
      kind: 'doubtful',
      plausibleFrom: bounds.plausibleFrom,
      future: bounds.before,
    } as const;
    expect((await scanned(reader, dataset, { tags: null, which: doubtful })).length).toBe(0);
  }
  expect(namesOf(await reader.find(letters, [['1', '1']]))).toEqual(['1 1']);
}

/** The statements of one user while something is done, as the server logged them. */
async function statementsOf(knex: Knex, user: string, act: () => Promise<void>): Promise<string[]> {
  await knex.raw("SET GLOBAL log_output = 'TABLE'");
  await knex.raw('SET GLOBAL general_log = ON');
  try {
    await act();
  } finally {
    await knex.raw('SET GLOBAL general_log = OFF');
  }
  const [rows] = await knex.raw(
    "SELECT CAST(argument AS CHAR) AS said FROM mysql.general_log WHERE user_host LIKE ? AND command_type NOT IN ('Connect', 'Quit')",
    [`${user}[%`],
  );
  return rows.map((row: { said: string }) => row.said);
}

describe('the reader of a MySQL store', () => {
  let server: MysqlServer;
  let database: FreshMysql;
  let user: string;
  let userUrl: string;

  beforeAll(async () => {
    // Of its own: a server has one log of statements, and others write to it too.
    server = await startServer(thisFlavour());
    database = await freshMysql(server.url);
    const { knex } = database;
    await knex.raw('CREATE TABLE accounts (id INT PRIMARY KEY, closed_at DATETIME)');
    await knex.raw(
      'CREATE TABLE letters (account_id INT, no INT, type VARCHAR(20), PRIMARY KEY (account_id, no))',
    );
    await knex('accounts').insert([
      { id: 1, closed_at: '2015-01-01' },
      { id: 2, closed_at: null },
    ]);
    await knex('letters').insert([
      { account_id: 1, no: 1, type: 'letter' },
      { account_id: 2, no: 1, type: 'oddity' },
    ]);
    // A user of its own with every right, so that only the product can be what keeps it from writing.
    user = `all_${randomBytes(6).toString('hex')}`;
    await knex.raw("CREATE USER ?@'%' IDENTIFIED BY 'tests'", [user]);
    await knex.raw("GRANT ALL PRIVILEGES ON *.* TO ?@'%'", [user]);
    const url = new URL(database.url);
    url.username = user;
    url.password = 'tests';
    userUrl = url.href;
  });
  afterAll(async () => {
    await database.knex.raw("DROP USER ?@'%'", [user]);
    await database.drop();
    await server.stop();
  });

  it('says nothing to the server but SELECT, SHOW GRANTS, SHOW VARIABLES and SET SESSION', async () => {
    const reader = kinds.mysql.openReader(map, userUrl);
    const said = await statementsOf(database.knex, user, () => askAll(reader).finally(() => reader.close()));
    expect(said.filter(one => /^SELECT .*FROM (`[^`]+`\.)?`letters`/i.test(one)).length).toBeGreaterThan(4);
    expect(
      said.filter(one => !/^(SELECT|SET SESSION|SHOW SESSION VARIABLES|SHOW GRANTS$)( |$)/i.test(one)),
    ).toEqual([]);
    expect(said.filter(one => /FOR UPDATE|LOCK IN SHARE|INTO OUTFILE/i.test(one))).toEqual([]);
  });

  it('is seen by the same log when a store writes', async () => {
    const store = kinds.mysql.open(map, userUrl, '');
    const order = { dataset: accounts, disposition: 'purge' as const, keys: [['99']], children: [] };
    await database.knex('accounts').insert({ id: 99 });
    const said = await statementsOf(database.knex, user, async () => {
      await store.dispose(order, letAllGo);
      await store.close();
    });
    expect(said.filter(one => /^DELETE/i.test(one)).length).toBe(1);
  });

  it('needs no right but SELECT', async () => {
    const url = await database.readOnlyUrl();
    const reader = kinds.mysql.openReader(map, url);
    await askAll(reader).finally(() => reader.close());
    const store = kinds.mysql.open(map, url, '');
    const order = { dataset: accounts, disposition: 'purge' as const, keys: [['1']], children: [] };
    await expect(store.dispose(order, letAllGo)).rejects.toThrow('ER_TABLEACCESS_DENIED_ERROR');
    await store.close();
    expect(await database.knex('accounts').pluck('id')).toEqual([1, 2]);
  });

  it('is refused by the server when a query of its would write, whatever its user may do', async () => {
    const { knex } = database;
    await knex.raw('CREATE TABLE victims (id INT PRIMARY KEY)');
    await knex.raw(
      'CREATE FUNCTION strike() RETURNS INT MODIFIES SQL DATA BEGIN INSERT INTO victims SELECT COUNT(*) FROM victims; RETURN 1; END',
    );
    await knex.raw("CREATE VIEW trick AS SELECT strike() AS id, '2015-01-01 00:00:00' AS recorded");
    const trick = datasetNamed(map, 'trick');
    const reader = kinds.mysql.openReader(map, userUrl);
    await expect(scanned(reader, trick).finally(() => reader.close())).rejects.toThrow(
      'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION',
    );
    expect(await knex('victims')).toEqual([]);
    // The trick does work where nothing stops it.
    const store = kinds.mysql.open(map, userUrl, '');
    await scanned(store, trick).finally(() => store.close());
    expect(await knex('victims')).not.toEqual([]);
  });
});
