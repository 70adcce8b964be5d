// Tables that are named by date, through the command line: what doctor grants and says once of many, plans that stay
// readable, and records that are addressed by their table.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Finished, idIn, retention } from '../support/cli.ts';
import { RIGHTS_TO_DELETE } from '../support/server-facts.ts';
import { daysAgo, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import { thisFamily } from '../support/this-server.ts';

const toDelete = (): string => RIGHTS_TO_DELETE[thisFamily()];

let telecom: SmallTelecom;
const users: string[] = [];

const CAPTURES = {
  dataset: 'sip-captures',
  tables: 'sip_capture_call_{yyyyMMdd}',
  key: ['id', 'date'],
  class: 'call-detail-record',
  start: { event: 'recorded', column: 'date', unit: 'datetime', zone: 'UTC' },
};

const DATE = daysAgo(90);

beforeEach(async () => {
  telecom = await smallTelecom({ kind: 'mysql' });
  telecom.map([CAPTURES]);
});

afterEach(async () => {
  for (const user of users.splice(0)) await telecom.database.raw(`DROP USER '${user}'@'%'`);
  await telecom.drop();
});

/** Tables of so many days of 2015, the first of them with two due rows. */
async function makeDays(count: number, due = 1): Promise<string[]> {
  const days = [...Array(count).keys()].map(day =>
    new Date(Date.UTC(2015, 0, 1 + day)).toISOString().slice(0, 10).replaceAll('-', ''),
  );
  for (const [index, day] of days.entries()) {
    const table = `sip_capture_call_${day}`;
    await telecom.database.raw(
      `CREATE TABLE ${table} (id INT NOT NULL, date DATETIME NOT NULL, node VARCHAR(20), PRIMARY KEY (id, date))`,
    );
    await telecom.database.raw(`CREATE INDEX of_${table} ON ${table} (date)`);
    await telecom.database(table).insert({ id: 3, date: daysAgo(1) });
    if (index < due) await telecom.database(table).insert([1, 2].map(id => ({ id, date: DATE })));
  }
  return days;
}

async function userWith(statements: readonly string[], standIn: string): Promise<string> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  users.push(name);
  await telecom.database.raw(`CREATE USER '${name}'@'%' IDENTIFIED BY 'tests'`);
  for (const statement of statements)
    await telecom.database.raw(statement.replace(`'${standIn}'@'%'`, `'${name}'@'%'`));
  const url = new URL(telecom.env.TELECOM_AT ?? '');
  [url.username, url.password] = [name, 'tests'];
  return url.href;
}

test('doctor grants the database, says why, and tomorrow is granted too', async () => {
  await makeDays(2);
  const { stdout } = await telecom.cli('doctor', 'nightly', '--format', 'json');
  const [grants] = JSON.parse(stdout).grants;
  const home = new URL(telecom.env.TELECOM_AT ?? '').pathname.slice(1).replaceAll('_', '\\_');
  expect(grants).toEqual({
    store: 'telecom',
    note: expect.stringContaining('for sip_capture_call_{yyyyMMdd} the whole database is granted'),
    planning: [
      `GRANT SELECT ON \`${home}\`.* TO 'retention_plan'@'%';`,
      "GRANT REFERENCES ON *.* TO 'retention_plan'@'%';",
    ],
    enforcing: [
      `GRANT SELECT, ${toDelete()} ON \`${home}\`.* TO 'retention_enforce'@'%';`,
      "GRANT REFERENCES ON *.* TO 'retention_enforce'@'%';",
    ],
  });
  const reading = await userWith(grants.planning, 'retention_plan');
  const writing = await userWith(grants.enforcing, 'retention_enforce');
  telecom.write('jobs/stores/telecom.yaml', {
    store: 'telecom',
    kind: 'mysql',
    url: { env: 'TELECOM_AT' },
    readUrl: { env: 'TELECOM_READ' },
    datasets: [CAPTURES],
  });
  await telecom.database.raw('CREATE TABLE sip_capture_call_20990101 LIKE sip_capture_call_20150101');
  await telecom.database('sip_capture_call_20990101').insert({ id: 1, date: DATE });
  const run = await retention(['run', 'nightly', '--verify'], {
    ...telecom.env,
    TELECOM_READ: reading,
    TELECOM_AT: writing,
  });
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(await telecom.database('sip_capture_call_20990101')).toEqual([]);
});

test('doctor says once what is so of many tables, and names those that differ', async () => {
  await makeDays(12);
  for (const day of ['20160101', '20160102', '20160103'])
    await telecom.database.raw(`CREATE TABLE sip_capture_call_${day} (id INT PRIMARY KEY)`);
  const { code, stdout } = await telecom.cli('doctor', 'nightly');
  expect(code).toBe(3);
  expect(stdout).toContain(
    'telecom/sip-captures:sip_capture_call_20150101  sip_capture_call_20150101 and 11 more tables',
  );
  expect(stdout).toContain('sip_capture_call_20160101 and 2 more tables');
  expect(stdout).toContain('table "sip_capture_call_20160101" has no column "date"');
  expect(stdout).not.toContain('"sip_capture_call_20160102"');
  expect(stdout).toContain('3 of 15 datasets are refused');
  const json = JSON.parse((await telecom.cli('doctor', 'nightly', '--format', 'json')).stdout);
  expect(json.datasets).toHaveLength(15);
});

test('doctor warns of a name that no table has', async () => {
  const { code, stdout } = await telecom.cli('doctor', 'nightly');
  expect(code).toBe(0);
  expect(stdout).toMatch(/warns {2}no table is named "sip_capture_call_\{yyyyMMdd\}" with a date in it/);
});

test('a plan and a run of many tables stay readable, and programs are told of each', async () => {
  await makeDays(60, 30);
  for (const day of ['20160101', '20160102'])
    await telecom.database.raw(`CREATE TABLE sip_capture_call_${day} (id INT PRIMARY KEY)`);
  const planned = await telecom.cli('plan', 'nightly');
  expect(planned.code).toBe(4);
  const rows = planned.stdout.split('\n').filter(line => /^telecom\/sip-captures/.test(line));
  expect(rows).toHaveLength(22);
  expect(rows[0]).toMatch(/^telecom\/sip-captures:sip_capture_call_20150101 .* 3 +2 /);
  expect(rows[20]).toMatch(/^telecom\/sip-captures: 12 more tables .* 30 +20 /);
  expect(rows[21]).toMatch(/^telecom\/sip-captures: 30 tables with nothing due .* 30 +0 /);
  expect(planned.stdout).toMatch(/total +120 +60 /);
  expect(planned.stdout).toMatch(
    /telecom\/sip-captures \(call-detail-record\)\n.*60 records: past their period/,
  );
  expect(planned.stdout).toContain('2 of 62 were not read');
  expect(planned.stdout).toContain('sip_capture_call_20160101 and 1 more table (call-detail-record)');
  expect(planned.stdout.split('\n').length).toBeLessThan(70);
  const json = JSON.parse((await telecom.cli('plan', 'nightly', '--format', 'json')).stdout);
  expect(json.parts.filter((part: { counts: { stored: number } }) => part.counts.stored > 0)).toHaveLength(
    60,
  );

  const ran = await telecom.cli('enforce', json.id);
  const told = ran.stdout.split('\n').filter(line => /^telecom\/sip-captures/.test(line));
  expect(told).toHaveLength(21);
  expect(told[20]).toMatch(/^telecom\/sip-captures: 10 more tables .* 20 +20 /);
  expect(ran.stdout).toMatch(/total +60 +60 /);
  const again = await telecom.cli('report', idIn(ran.stdout, 'run'), '--format', 'csv');
  expect(again.stdout.match(/sip-captures:sip_capture_call_2015\d+/g)).toHaveLength(30);
  expect((await telecom.cli('audit', 'verify')).code).toBe(0);
});

test('the same on SQLite, from plan to replay', async () => {
  await telecom.drop();
  telecom = await smallTelecom({ kind: 'sqlite' });
  telecom.map([CAPTURES]);
  await makeDays(3, 2);
  const run = await telecom.cli('run', 'nightly', '--verify', '--format', 'json');
  expect(run.code, run.stderr).toBe(0);
  const { id, counts } = JSON.parse(run.stdout);
  expect(counts.purged).toBe(4);
  await telecom.database('sip_capture_call_20150102').insert({ id: 2, date: DATE });
  const replay = await telecom.cli('replay', id, '--enforce', '--format', 'json');
  expect(JSON.parse(replay.stdout).counts.purged).toBe(1);
  for (const day of ['20150101', '20150102', '20150103'])
    expect(await telecom.database(`sip_capture_call_${day}`).select('id')).toEqual([{ id: 3 }]);
});

test('a record is addressed by its table: explained while it is there, when it went, and when its table has gone', async () => {
  await makeDays(2);
  const explain = (dataset: string): Promise<Finished> =>
    telecom.cli('explain', 'telecom', dataset, '1', DATE);
  const address = 'sip-captures:sip_capture_call_20150101';
  expect((await explain(address)).stdout).toMatch(/verdict +due/);
  const many = await explain('sip-captures');
  expect(many.code).toBe(2);
  expect(many.stderr).toContain('Name the table: sip-captures:sip_capture_call_{yyyyMMdd}');
  expect((await explain('sip-captures:sip_capture_call_20150231')).stderr).toContain('has no dataset');

  expect((await telecom.cli('run', 'nightly')).code).toBe(0);
  expect((await explain(address)).stdout).toMatch(/There is no such record now\.[\s\S]*purged/);
  expect((await explain('sip-captures:sip_capture_call_20150102')).stdout).toContain(
    'has never seen this key',
  );
  await telecom.database.raw('DROP TABLE sip_capture_call_20150101');
  const gone = await explain(address);
  expect(gone.code, gone.stderr).toBe(0);
  expect(gone.stdout).toMatch(/There is no such record now\.[\s\S]*purged/);
});

test('a hold is placed on a record of one table, or of whichever has the key, and on no other name', async () => {
  await makeDays(3, 3);
  const place = (record: string): Promise<Finished> =>
    telecom.cli('hold', 'place', '--matter', 'M', '--reason', 'R', '--record', record);
  expect((await place(`telecom/sip-captures:sip_capture_call_20150101/1|${DATE}`)).code).toBe(0);
  expect((await place(`telecom/sip-captures/2|${DATE}`)).code).toBe(0);
  const wrong = await place(`telecom/sip-captures:sip_capture_call_20150231/1|${DATE}`);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('It has sip-captures:sip_capture_call_{yyyyMMdd}');
  expect((await place('telecom/sip-captures:sip_capture_call_20150101/1')).stderr).toContain('has 2 values');

  expect((await telecom.cli('run', 'nightly')).code).toBe(0);
  const left = async (day: string): Promise<number[]> =>
    (await telecom.database(`sip_capture_call_${day}`).orderBy('id')).map((row: { id: number }) => row.id);
  expect(await left('20150101')).toEqual([1, 2, 3]);
  expect(await left('20150102')).toEqual([2, 3]);
  expect(await left('20150103')).toEqual([2, 3]);
});
