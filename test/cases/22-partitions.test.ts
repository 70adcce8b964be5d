// Trap 22: tables in partitions, by time (HOMER hep_proto_*, with a pmax), by id (sipstats), by nothing that tells the time.
// Rows go one by one unless it is asked for otherwise; a partition is dropped only where its bound proves all of it due
// and nobody holds a row of it; the last one, without a bound, is never dropped.
import { afterEach, expect, test } from 'vitest';
import {
  type CaseRow,
  type CaseRun,
  cutoffMs,
  DAY_MS,
  expectFates,
  HELD,
  openCase,
  usualRows,
  wallUtc,
} from '../support/case-rows.ts';

let run: CaseRun;
afterEach(() => run.drop());

const NOW = Date.now();
const midnight = (days: number): string => `${wallUtc(NOW - days * DAY_MS).slice(0, 10)} 00:00:00`;

async function open(by: string, partitions: 'rows' | 'drop' = 'drop'): Promise<void> {
  run = await openCase({
    ddl: [
      `CREATE TABLE hep (id BIGINT NOT NULL, at DATETIME NOT NULL, node VARCHAR(20), PRIMARY KEY (id, at), KEY (at)) PARTITION BY ${by}`,
    ],
    datasets: [
      {
        dataset: 'hep',
        table: 'hep',
        key: ['id', 'at'],
        class: 'call',
        customer: 'node',
        partitions,
        start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
      },
    ],
  });
}

const BY_TIME = `RANGE COLUMNS (at) (PARTITION p_old VALUES LESS THAN ('${midnight(200)}'), PARTITION p_mid VALUES LESS THAN ('${midnight(60)}'), PARTITION p_cut VALUES LESS THAN ('${wallUtc(cutoffMs())}'), PARTITION p_new VALUES LESS THAN ('${midnight(10)}'), PARTITION pmax VALUES LESS THAN (MAXVALUE))`;

const usual = usualRows(ms => ({ at: wallUtc(ms) }), 'node');
const ago = (days: number, fate: CaseRow['fate'], node = 'plain'): CaseRow => ({
  what: `${days} days ago, of ${node}`,
  fate,
  values: { at: wallUtc(NOW - days * DAY_MS), node },
});

async function partitions(): Promise<string[]> {
  const [rows] = await run.knex.raw(
    "SELECT PARTITION_NAME AS name FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'hep' ORDER BY PARTITION_ORDINAL_POSITION",
  );
  return rows.map((row: { name: string }) => row.name);
}

const ALL = ['p_old', 'p_mid', 'p_cut', 'p_new', 'pmax'];

test('by time: what is due as a whole is dropped, what holds one kept row goes by rows', async () => {
  await open(BY_TIME);
  const part = await expectFates(run, 'hep', [...usual, ago(300, 'goes'), ago(70, 'goes')]);
  expect(part.partitions.map(({ name, as }) => `${name} ${as}`)).toEqual([
    'p_old drop',
    'p_mid rows',
    'p_cut drop',
  ]);
  // The held row and the one whose customer wants it longer stand in p_mid.
  expect(await partitions()).toEqual(['p_mid', 'p_new', 'pmax']);
});

test('by time, and nothing is said of dropping: the same rows go, and every partition stays', async () => {
  await open(BY_TIME, 'rows');
  const part = await expectFates(run, 'hep', [...usual, ago(300, 'goes'), ago(70, 'goes')]);
  expect(part.partitions).toEqual([]);
  expect(await partitions()).toEqual(ALL);
});

test('a hold on one row of it keeps a partition, and the row', async () => {
  await open(BY_TIME);
  await expectFates(run, 'hep', [
    ago(300, 'goes'),
    ago(310, 'held', HELD),
    ago(320, 'goes'),
    ago(1, 'stays'),
  ]);
  expect(await partitions()).toContain('p_old');
});

test('all that is stored is due and in the partition without a bound: its rows go, and it stays', async () => {
  await open(
    `RANGE COLUMNS (at) (PARTITION p_old VALUES LESS THAN ('${midnight(900)}'), PARTITION pmax VALUES LESS THAN (MAXVALUE))`,
  );
  await expectFates(run, 'hep', [ago(300, 'goes'), ago(100, 'goes'), ago(40, 'goes')]);
  expect(await partitions()).toContain('pmax');
});

test.each([
  [
    'id',
    'RANGE (id) (PARTITION p1 VALUES LESS THAN (4), PARTITION p2 VALUES LESS THAN (8), PARTITION pmax VALUES LESS THAN MAXVALUE)',
  ],
  ['a hash', 'HASH (id) PARTITIONS 4'],
  [
    'month of any year',
    'LIST (MONTH(at)) (PARTITION p1 VALUES IN (1,2,3,4,5,6), PARTITION p2 VALUES IN (7,8,9,10,11,12))',
  ],
])('by %s: no bound says anything of time, the rows go, and the plan tells why', async (_, by) => {
  await open(by);
  const before = await partitions();
  const part = await expectFates(run, 'hep', [...usual, ago(300, 'goes'), ago(70, 'goes')]);
  expect(part.findings.map(({ code }) => code)).toContain('partitions-as-rows');
  expect(await partitions()).toEqual(before);
});

test('a row that comes into a due partition after the plan keeps it from being dropped', async () => {
  await open(BY_TIME);
  const values = (id: number, days: number, node = 'plain') => ({ ...ago(days, 'goes', node).values, id });
  await run.knex('hep').insert([values(1, 300), values(2, 310), values(3, 1)]);
  const { plan, part } = await run.plan();
  expect(part.partitions.filter(({ as }) => as === 'drop').map(({ name }) => name)).toContain('p_old');
  await run.knex('hep').insert([values(4, 305), values(5, 306, HELD)]);
  await run.enforce(plan);
  // Only what was listed goes, and what came later waits for the next plan.
  expect(await run.knex('hep').orderBy('id').pluck('id')).toEqual(['3', '4', '5']);
  expect(await partitions()).toContain('p_old');
});
