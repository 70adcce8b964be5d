// Trap 1: rows without a start (ViciDial recording_log.start_time, Asterisk cdr.start, Invoice Ninja invoices.date). They
// are not due and never go; they are told, with their keys; and no other column is taken for a start in their stead.
import { afterEach, expect, test } from 'vitest';
import { type CaseRun, expectFates, openCase, usualRows, wallUtc } from '../support/case-rows.ts';

let run: CaseRun;
afterEach(() => run.drop());

const open = async (more = ''): Promise<void> => {
  run = await openCase({
    ddl: [
      `CREATE TABLE recording_log (recording_id INT PRIMARY KEY, start_time DATETIME NULL, end_time DATETIME NULL, user VARCHAR(20)${more})`,
    ],
    datasets: [
      {
        dataset: 'recordings',
        table: 'recording_log',
        key: ['recording_id'],
        class: 'call',
        customer: 'user',
        start: { event: 'recorded', column: 'start_time', unit: 'datetime', zone: 'UTC' },
      },
    ],
  });
};

const long = wallUtc(Date.now() - 900 * 86_400_000);
const rows = [
  ...usualRows(ms => ({ start_time: wallUtc(ms), end_time: wallUtc(ms) }), 'user'),
  { what: 'NULL', fate: 'undated: not there (NULL)', values: { start_time: null, user: 'plain' } },
  {
    what: 'NULL, with a date beside it that is long past',
    fate: 'undated: not there (NULL)',
    values: { start_time: null, end_time: long, user: 'plain' },
  },
] as const;

test.each([
  ['without an index', ''],
  ['with an index of the start, which has the NULLs first', ', KEY (start_time)'],
])('%s: they stay, and the plan counts them', async (_, index) => {
  await open(index);
  await expectFates(run, 'recording_log', rows, 'recording_id');
});

test('the finding names their keys', async () => {
  await open();
  await run.knex('recording_log').insert([
    { recording_id: 7, start_time: null, user: 'plain' },
    { recording_id: 8, start_time: long, user: 'plain' },
  ]);
  const { plan, part } = await run.plan();
  expect(part.findings).toContainEqual(
    expect.objectContaining({ severity: 'warning', code: 'undated', count: 1, samples: ['["7"]'] }),
  );
  await run.enforce(plan);
  expect(await run.knex('recording_log').pluck('recording_id')).toEqual([7]);
});
