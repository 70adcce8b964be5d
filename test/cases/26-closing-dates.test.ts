// Trap 26: closing dates that are missing or that the status contradicts (A2Billing status, ASTPP deleted with 1000-01-01,
// Sipwise terminated with NULL, Invoice Ninja deleted_at beside is_deleted, osTicket closed and reopened). Closed without a
// date is undated; open with a date has not started; both stay, and both are told.
import { afterEach, expect, test } from 'vitest';
import {
  CALLS,
  type CaseRow,
  type CaseRun,
  DAY_MS,
  expectFates,
  openCase,
  usualRows,
  wallUtc,
} from '../support/case-rows.ts';
import type { DatasetFile } from '../support/store-maps.ts';

let run: CaseRun;
afterEach(() => run.drop());

const ago = (days: number): string => wallUtc(Date.now() - days * DAY_MS);
const closing = { ...CALLS, start: 'account-closed' } as const;
const unit = {
  event: 'account-closed',
  column: 'terminate_timestamp',
  unit: 'datetime',
  zone: 'UTC',
} as const;
const status = { column: 'status', closed: ['terminated', 'deleted'] };

const contracts = (withStatus: boolean): DatasetFile => ({
  dataset: 'contracts',
  table: 'contracts',
  key: ['id'],
  class: 'call',
  customer: 'owner',
  start: withStatus ? { ...unit, status } : unit,
});

const open = async (collation: string, withStatus = true): Promise<void> => {
  run = await openCase({
    ddl: [
      `CREATE TABLE contracts (id INT PRIMARY KEY, status VARCHAR(20) COLLATE ${collation}, terminate_timestamp DATETIME NULL, owner VARCHAR(20), KEY (terminate_timestamp))`,
    ],
    datasets: [contracts(withStatus)],
    policies: [closing],
  });
};

const row = (
  status: string | null,
  terminate_timestamp: string | null,
  fate: CaseRow['fate'],
  owner = 'plain',
): CaseRow => ({
  what: `${status} ${terminate_timestamp} ${owner}`,
  fate,
  values: { status, terminate_timestamp, owner },
});
const closedUndated = 'undated: not there although the status says closed';
const usual = usualRows(ms => ({ terminate_timestamp: wallUtc(ms), status: 'terminated' }), 'owner');

const contradicting = [
  row('active', ago(400), 'stays'),
  row('reopened', ago(400), 'stays'),
  row(null, ago(400), 'stays'),
  row('', ago(400), 'stays'),
  row('Terminated', ago(400), 'stays'),
  row('terminated ', ago(400), 'stays'),
];

test.each(['utf8mb4_bin', 'utf8mb4_general_ci'])('a status of %s beside a date', async collation => {
  await open(collation);
  const part = await expectFates(run, 'contracts', [
    ...usual,
    row('deleted', ago(400), 'goes'),
    row('active', null, 'stays'),
    ...contradicting,
    row('terminated', null, closedUndated),
    row('deleted', '0000-00-00 00:00:00', closedUndated),
    row('deleted', '1000-01-01 00:00:00', closedUndated),
  ]);
  const told = part.findings.filter(({ code }) => code === 'open-but-dated');
  expect(told.map(({ count }) => count)).toEqual([contradicting.length]);
});

test('an open account with a closing date is told, with its key', async () => {
  await open('utf8mb4_bin');
  await run.knex('contracts').insert([
    { id: 1, status: 'active', terminate_timestamp: ago(400), owner: 'plain' },
    { id: 2, status: 'active', terminate_timestamp: null, owner: 'plain' },
  ]);
  const { plan, part } = await run.plan();
  expect(part.findings.filter(({ code }) => code === 'open-but-dated')).toMatchObject([
    { severity: 'warning', count: 1, samples: ['["1"]'] },
  ]);
  expect(part.counts).toMatchObject({ due: 0, undated: 0 });
  await run.enforce(plan);
  expect(await run.knex('contracts').orderBy('id').pluck('id')).toEqual([1, 2]);
});

test('a date alone: none is an open account and no doubt, a zero one is a doubt', async () => {
  await open('utf8mb4_bin', false);
  await expectFates(run, 'contracts', [
    ...usual,
    row(null, null, 'stays'),
    row(null, '0000-00-00 00:00:00', 'undated: a zero date'),
    row(null, '1000-01-01 00:00:00', 'undated: too early to be real'),
  ]);
});

test('letters follow their account: of one that was opened again they stay', async () => {
  run = await openCase({
    ddl: [
      'CREATE TABLE contracts (id INT PRIMARY KEY, status VARCHAR(20), terminate_timestamp DATETIME NULL, owner VARCHAR(20))',
      'CREATE TABLE letters (id INT PRIMARY KEY, contract INT, owner VARCHAR(20))',
    ],
    datasets: [
      {
        dataset: 'letters',
        table: 'letters',
        key: ['id'],
        class: 'call',
        customer: 'owner',
        start: { event: 'account-closed', from: { dataset: 'contracts', on: { contract: 'id' } } },
      },
      { ...contracts(true), class: 'kept' },
    ],
    policies: [closing],
  });
  const insert = (id: number, status: string, terminate_timestamp: string | null) =>
    run.knex('contracts').insert({ id, status, terminate_timestamp, owner: 'plain' });
  await insert(1, 'terminated', ago(90));
  await insert(2, 'terminated', null);
  await insert(3, 'active', ago(90));
  await insert(4, 'terminated', ago(90));
  await run.knex('letters').insert([1, 2, 3, 4, 5].map(id => ({ id, contract: id, owner: 'plain' })));
  const { plan, part } = await run.plan('letters');
  expect(part.counts).toMatchObject({ due: 2, undated: 2 });
  expect(part.findings.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      'the start is not there although the status says closed',
      'the start is lost: the record that holds it is gone',
      'the account is open by its status and has a closing date',
    ]),
  );
  await run.knex('contracts').where({ id: 4 }).update({ status: 'active', terminate_timestamp: null });
  expect(await run.enforce(plan)).toEqual({ 'changed: not-started open': 1 });
  expect(await run.knex('letters').orderBy('id').pluck('id')).toEqual([2, 3, 4, 5]);
});
