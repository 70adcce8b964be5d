// The rights that `retention doctor` names: exactly these let planning plan and enforcing enforce, and no more than that.
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Finished, idIn, retention } from '../support/cli.ts';
import { RIGHTS_TO_DELETE } from '../support/server-facts.ts';
import {
  addCalls,
  addRecordings,
  countOf,
  daysAgo,
  type SmallTelecom,
  smallTelecom,
} from '../support/small-telecom.ts';
import { thisFamily } from '../support/this-server.ts';

interface Said {
  readonly datasets: readonly {
    readonly dataset: string;
    readonly notes: readonly { readonly verdict: string; readonly message: string }[];
  }[];
  readonly grants: readonly {
    readonly store: string;
    readonly planning: readonly string[];
    readonly enforcing: readonly string[];
  }[];
}

const toDelete = (): string => RIGHTS_TO_DELETE[thisFamily()];
/** MySQL shows triggers only to who may make them. */
const toSeeTriggers = (): string => (thisFamily() === 'mysql' ? 'TRIGGER, ' : '');

let telecom: SmallTelecom;
const users: string[] = [];

beforeEach(async () => {
  telecom = await smallTelecom({ kind: 'mysql' });
  const map = JSON.parse(readFileSync(join(telecom.folder, 'jobs/stores/telecom.yaml'), 'utf8'));
  telecom.write('jobs/stores/telecom.yaml', { ...map, readUrl: { env: 'TELECOM_READ' } });
});

afterEach(async () => {
  for (const user of users.splice(0)) await telecom.database.raw(`DROP USER '${user}'@'%'`);
  await telecom.drop();
});

/** A user with no rights but these, whose statements name it as `standIn`; its URL. */
async function userWith(statements: readonly string[], standIn: string): Promise<string> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  users.push(name);
  await telecom.database.raw(`CREATE USER '${name}'@'%' IDENTIFIED BY 'tests'`);
  for (const statement of statements)
    await telecom.database.raw(statement.replace(`'${standIn}'@'%'`, `'${name}'@'%'`));
  const url = new URL(telecom.env.TELECOM_AT ?? '');
  url.username = name;
  url.password = 'tests';
  return url.href;
}

async function cliAs(reading: string, writing: string, ...args: string[]): Promise<Finished> {
  return retention(args, { ...telecom.env, TELECOM_READ: reading, TELECOM_AT: writing });
}

async function doctorAs(url: string): Promise<Said> {
  return JSON.parse((await cliAs(url, url, 'doctor', 'nightly', '--format', 'json')).stdout) as Said;
}

async function refused(url: string, ...statements: readonly string[]): Promise<void> {
  const connection = await mysql.createConnection(url);
  try {
    for (const statement of statements)
      await expect(connection.query(statement), statement).rejects.toThrow(/denied/);
  } finally {
    await connection.end();
  }
}

async function namedUsers(): Promise<{ readonly planner: string; readonly enforcer: string }> {
  const [grants] = (await doctorAs(telecom.env.TELECOM_AT ?? '')).grants;
  return {
    planner: await userWith(grants?.planning ?? [], 'retention_plan'),
    enforcer: await userWith(grants?.enforcing ?? [], 'retention_enforce'),
  };
}

test('they are the least: a table each, the columns that are masked, and what shows foreign keys', async () => {
  const [grants, ...others] = (await doctorAs(telecom.env.TELECOM_AT ?? '')).grants;
  const home = new URL(telecom.env.TELECOM_AT ?? '').pathname.slice(1);
  expect(others).toEqual([]);
  expect(grants).toEqual({
    store: 'telecom',
    planning: [
      ...['cdr', 'recordings', 'prospects', 'accounts'].map(
        table => `GRANT SELECT ON \`${home}\`.\`${table}\` TO 'retention_plan'@'%';`,
      ),
      "GRANT REFERENCES ON *.* TO 'retention_plan'@'%';",
    ],
    enforcing: [
      `GRANT SELECT, ${toDelete()} ON \`${home}\`.\`cdr\` TO 'retention_enforce'@'%';`,
      `GRANT SELECT, ${toDelete()} ON \`${home}\`.\`recordings\` TO 'retention_enforce'@'%';`,
      `GRANT SELECT, ${toSeeTriggers()}UPDATE (\`name\`, \`state\`) ON \`${home}\`.\`prospects\` TO 'retention_enforce'@'%';`,
      `GRANT SELECT, ${toDelete()} ON \`${home}\`.\`accounts\` TO 'retention_enforce'@'%';`,
      "GRANT REFERENCES ON *.* TO 'retention_enforce'@'%';",
    ],
  });
});

test('with them a job runs from plan to end, and neither user can do anything else', async () => {
  await addCalls(telecom, 30, 20);
  await addRecordings(telecom, 3, 2);
  await telecom.database('prospects').insert({ phone: '1', at: daysAgo(90), name: 'A' });
  await telecom.database('accounts').insert({ id: 1, status: 'closed', closed_at: daysAgo(1200) });
  const { planner, enforcer } = await namedUsers();
  await refused(
    planner,
    'DELETE FROM cdr',
    "UPDATE cdr SET account = ''",
    'INSERT INTO cdr VALUES ()',
    'CREATE TABLE mine (id INT)',
    'DROP TABLE cdr',
    'LOCK TABLES cdr WRITE',
  );
  await refused(
    enforcer,
    'DELETE FROM prospects',
    "UPDATE prospects SET phone = ''",
    "UPDATE cdr SET account = ''",
    'INSERT INTO cdr VALUES ()',
    'DROP TABLE cdr',
  );
  // Whoever has the planner's rights only can plan with them, and dispose of nothing.
  const cannot = await cliAs(planner, planner, 'run', 'nightly');
  expect(cannot.code).not.toBe(0);
  expect(await countOf(telecom.database, 'cdr')).toBe(50);

  const run = await cliAs(planner, enforcer, 'run', 'nightly', '--verify');
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(await countOf(telecom.database, 'cdr')).toBe(20);
  expect(await countOf(telecom.database, 'recordings')).toBe(2);
  expect(await countOf(telecom.database, 'accounts')).toBe(0);
  expect(await telecom.database('prospects').first('name', 'state')).toEqual({
    name: null,
    state: 'anonymised',
  });
});

test('they are enough for a table without a key, and the words for one of its copies explain it', async () => {
  const map = JSON.parse(readFileSync(join(telecom.folder, 'jobs/stores/telecom.yaml'), 'utf8'));
  const datasets = map.datasets.map(({ key, ...one }: { dataset: string; key: string[] }) =>
    one.dataset === 'calls' ? { ...one, keyless: true } : { ...one, key },
  );
  await telecom.database.raw('ALTER TABLE cdr DROP id');
  telecom.write('jobs/stores/telecom.yaml', { ...map, datasets });
  await addCalls(telecom, 30, 20);
  const { planner, enforcer } = await namedUsers();
  const planned = await cliAs(planner, enforcer, 'plan', 'nightly');
  const listed = await cliAs(planner, enforcer, 'report', idIn(planned.stdout, 'plan'), '--keys');
  const [, start = '', digest = ''] = /,([^,]+) ([0-9a-f]{64}) 1$/m.exec(listed.stdout) ?? [];
  const run = await cliAs(planner, enforcer, 'run', 'nightly', '--verify');
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(await countOf(telecom.database, 'cdr')).toBe(20);
  const explained = await cliAs(planner, enforcer, 'explain', 'telecom', 'calls', start, digest, '1');
  expect(explained.stdout).toContain('purged');
});

test('a table without a key takes all of its columns', async () => {
  const map = JSON.parse(readFileSync(join(telecom.folder, 'jobs/stores/telecom.yaml'), 'utf8'));
  const [{ key: _, ...calls }] = map.datasets;
  await telecom.database.raw('ALTER TABLE cdr DROP id, ADD note TEXT');
  telecom.write('jobs/stores/telecom.yaml', { ...map, datasets: [{ ...calls, keyless: true }] });
  const home = new URL(telecom.env.TELECOM_AT ?? '').pathname.slice(1);
  const some = await userWith(
    [`GRANT SELECT (at, account), ${toDelete()} ON \`${home}\`.cdr TO 'x'@'%'`],
    'x',
  );
  expect((await doctorAs(some)).datasets[0]?.notes).toMatchObject([
    { verdict: 'refuses', message: expect.stringContaining('may not read every column of "cdr"') },
  ]);
});

test('a history that tells when an account was closed is read by both, and written by neither', async () => {
  const map = JSON.parse(readFileSync(join(telecom.folder, 'jobs/stores/telecom.yaml'), 'utf8'));
  const history = {
    ...{ table: 'status_log', on: { account_id: 'id' }, column: 'changed' },
    status: { column: 'status', closed: ['closed'] },
  };
  const start = { event: 'account-closed', unit: 'datetime', zone: 'UTC', history };
  const datasets = map.datasets.map((one: { dataset: string }) =>
    one.dataset === 'accounts' ? { ...one, start } : one,
  );
  telecom.write('jobs/stores/telecom.yaml', { ...map, datasets });
  await telecom.database.raw(
    'CREATE TABLE status_log (account_id INT, status VARCHAR(20), changed DATETIME, KEY (account_id))',
  );
  await telecom.database('accounts').insert([1, 2].map(id => ({ id, status: 'closed' })));
  await telecom.database('status_log').insert([
    { account_id: 1, status: 'closed', changed: daysAgo(1200) },
    { account_id: 2, status: 'closed', changed: daysAgo(1200) },
    { account_id: 2, status: 'open', changed: daysAgo(1100) },
  ]);
  const home = new URL(telecom.env.TELECOM_AT ?? '').pathname.slice(1);
  const [grants] = (await doctorAs(telecom.env.TELECOM_AT ?? '')).grants;
  expect(grants?.planning).toContain(`GRANT SELECT ON \`${home}\`.\`status_log\` TO 'retention_plan'@'%';`);
  expect(grants?.enforcing).toContain(
    `GRANT SELECT ON \`${home}\`.\`status_log\` TO 'retention_enforce'@'%';`,
  );
  const { planner, enforcer } = await namedUsers();
  await refused(enforcer, 'DELETE FROM status_log', "UPDATE status_log SET status = ''");
  const planned = await cliAs(planner, enforcer, 'plan', 'nightly');
  expect(planned.code, planned.stdout + planned.stderr).toBe(0);
  const run = await cliAs(planner, enforcer, 'run', 'nightly', '--verify');
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(await telecom.database('accounts').pluck('id')).toEqual([2]);
});

test('a partition that may be dropped takes the lock and the drop as well', async () => {
  const map = JSON.parse(readFileSync(join(telecom.folder, 'jobs/stores/telecom.yaml'), 'utf8'));
  const datasets = map.datasets.map((one: { dataset: string }) =>
    one.dataset === 'calls' ? { ...one, partitions: 'drop' } : one,
  );
  telecom.write('jobs/stores/telecom.yaml', { ...map, datasets });
  const home = new URL(telecom.env.TELECOM_AT ?? '').pathname.slice(1);
  const { enforcing } = (await doctorAs(telecom.env.TELECOM_AT ?? '')).grants[0] ?? { enforcing: [] };
  expect(enforcing).toContain(
    `GRANT SELECT, ${toDelete()}, ALTER, DROP ON \`${home}\`.\`cdr\` TO 'retention_enforce'@'%';`,
  );
  expect(enforcing).toContain(`GRANT LOCK TABLES ON \`${home}\`.* TO 'retention_enforce'@'%';`);
});

test('a foreign key that cascades from another database is seen with them, and refused', async () => {
  const home = new URL(telecom.env.TELECOM_AT ?? '').pathname.slice(1);
  const elsewhere = `${home}_other`;
  await telecom.database.raw('CREATE DATABASE ??', [elsewhere]);
  try {
    await telecom.database.raw(
      'CREATE TABLE ??.costs (call_id BIGINT UNSIGNED, FOREIGN KEY (call_id) REFERENCES ??.cdr (id) ON DELETE CASCADE)',
      [elsewhere, home],
    );
    const { planner, enforcer } = await namedUsers();
    const planned = await cliAs(planner, enforcer, 'plan', 'nightly');
    expect(planned.stdout).toContain(
      `reaches into "${elsewhere}.costs" by foreign key (cdr > ${elsewhere}.costs)`,
    );

    const blind = await userWith([`GRANT SELECT ON \`${home}\`.* TO 'x'@'%'`], 'x');
    // Only the way in that plans is looked through: what the one that enforces may see is another thing.
    const said = await cliAs(blind, '', 'doctor', 'nightly', '--format', 'json');
    const { datasets } = JSON.parse(said.stdout) as Said;
    const notes = datasets.find(one => one.dataset === 'calls')?.notes;
    expect(notes?.map(({ verdict, message }) => `${verdict}: ${message}`)).toEqual([
      expect.stringMatching(/^advises: this user may not see the triggers of "cdr"/),
      expect.stringMatching(/^warns: this user sees foreign keys of tables that it has rights on only/),
      expect.stringMatching(/^advises: this user may not see the events of the server/),
    ]);
  } finally {
    await telecom.database.raw('DROP DATABASE ??', [elsewhere]);
  }
});

test('what goes along by foreign key is read and counted with them, in another database too', async () => {
  const home = new URL(telecom.env.TELECOM_AT ?? '').pathname.slice(1);
  const elsewhere = `${home}_other`;
  await telecom.database.raw('CREATE DATABASE ??', [elsewhere]);
  try {
    await telecom.database.raw(
      'CREATE TABLE ??.costs (id INT PRIMARY KEY, call_id BIGINT UNSIGNED, FOREIGN KEY (call_id) REFERENCES ??.cdr (id) ON DELETE CASCADE)',
      [elsewhere, home],
    );
    await telecom.database.raw(
      'CREATE TABLE balances (id INT PRIMARY KEY, call_id BIGINT UNSIGNED, FOREIGN KEY (call_id) REFERENCES cdr (id) ON DELETE SET NULL)',
    );
    const map = JSON.parse(readFileSync(join(telecom.folder, 'jobs/stores/telecom.yaml'), 'utf8'));
    const [calls] = map.datasets;
    const acknowledged = { cascades: [{ database: elsewhere, table: 'costs' }], changes: ['balances'] };
    telecom.write('jobs/stores/telecom.yaml', { ...map, datasets: [{ ...calls, acknowledged }] });
    await addCalls(telecom, 2, 1);
    await telecom.database.raw('INSERT INTO ??.costs VALUES (1, 1), (2, 2), (3, 3)', [elsewhere]);
    await telecom.database('balances').insert([1, 2, 3].map(id => ({ id, call_id: id })));

    const { planner, enforcer } = await namedUsers();
    const notes = JSON.parse((await cliAs(planner, enforcer, 'doctor', 'nightly', '--format', 'json')).stdout)
      .datasets as Said['datasets'];
    expect(
      notes.flatMap(one => one.notes).filter(({ verdict }) => ['refuses', 'warns'].includes(verdict)),
    ).toEqual([]);
    const planned = await cliAs(planner, enforcer, 'plan', 'nightly');
    expect(planned.code, planned.stdout + planned.stderr).toBe(0);
    const enforced = await cliAs(planner, enforcer, 'enforce', idIn(planned.stdout, 'plan'));
    expect(enforced.code, enforced.stdout + enforced.stderr).toBe(0);
    expect(enforced.stdout).toMatch(/costs 2/);
    expect(await telecom.database('balances').whereNull('call_id').pluck('id')).toEqual([1, 2]);

    const blind = await userWith(
      [`GRANT SELECT ON \`${home}\`.* TO 'x'@'%'`, "GRANT REFERENCES ON *.* TO 'x'@'%'"],
      'x',
    );
    const refusalsTo = async (enforcing: string): Promise<string[]> => {
      const { stdout } = await cliAs(blind, enforcing, 'doctor', 'nightly', '--format', 'json');
      const notes = (JSON.parse(stdout) as Said).datasets.flatMap(one => one.notes);
      return notes.filter(note => note.verdict === 'refuses').map(({ message }) => message);
    };
    const unread = expect.stringMatching(/reaches into ".*_other.costs" .*this user may not read that/);
    expect(await refusalsTo('')).toEqual([unread]);
    expect(await refusalsTo(blind)).toContainEqual(
      expect.stringMatching(/the user that enforces has no SELECT on ".*_other.costs"/),
    );
  } finally {
    await telecom.database.raw('DROP DATABASE ??', [elsewhere]);
  }
});

test('whoever may delete sees the triggers on MariaDB, and nobody is warned for nothing', async () => {
  const { enforcer } = await namedUsers();
  const { datasets } = await doctorAs(enforcer);
  expect(datasets.flatMap(({ notes }) => notes.filter(note => note.verdict === 'warns'))).toEqual([]);
  await telecom.database.raw('CREATE TRIGGER counting AFTER DELETE ON cdr FOR EACH ROW SET @gone = 1');
  const calls = (await doctorAs(enforcer)).datasets.find(one => one.dataset === 'calls');
  expect(calls?.notes).toMatchObject([
    { verdict: 'refuses', message: 'deleting from "cdr" sets off the trigger "counting"' },
  ]);
});

test('children are read and deleted with their record, and who shares their rows is only looked at', async () => {
  for (const ddl of [
    'CREATE TABLE legs (id INT PRIMARY KEY, call_id BIGINT UNSIGNED, file_id INT, KEY (call_id))',
    'CREATE TABLE files (id INT PRIMARY KEY)',
    'CREATE TABLE greetings (id INT PRIMARY KEY, file INT, KEY (file))',
  ])
    await telecom.database.raw(ddl);
  const map = JSON.parse(readFileSync(join(telecom.folder, 'jobs/stores/telecom.yaml'), 'utf8'));
  const file = { table: 'files', on: { id: 'file_id' }, shared: { greetings: 'file' } };
  const children = [{ table: 'legs', on: { call_id: 'id' }, children: [file] }];
  const [calls] = map.datasets;
  telecom.write('jobs/stores/telecom.yaml', { ...map, datasets: [{ ...calls, children }] });
  await addCalls(telecom, 2, 1);
  await telecom.database('legs').insert([1, 2, 3].map(id => ({ id, call_id: id, file_id: id })));
  await telecom.database('files').insert([1, 2, 3].map(id => ({ id })));
  await telecom.database('greetings').insert({ id: 1, file: 2 });

  const { planner, enforcer } = await namedUsers();
  const planned = await cliAs(planner, enforcer, 'plan', 'nightly');
  expect(planned.code, planned.stdout + planned.stderr).toBe(0);
  const enforced = await cliAs(planner, enforcer, 'enforce', idIn(planned.stdout, 'plan'));
  expect(enforced.code, enforced.stdout + enforced.stderr).toBe(0);
  expect(await countOf(telecom.database, 'legs')).toBe(1);
  expect(await telecom.database('files').orderBy('id').pluck('id')).toEqual([2, 3]);
  await refused(enforcer, 'DELETE FROM greetings', 'UPDATE legs SET call_id = 1', 'DELETE FROM recordings');
  await refused(planner, 'DELETE FROM legs', 'DELETE FROM files');
});
