// Trap 1: rows without a start (ViciDial recording_log.start_time, Asterisk cdr.start, Invoice Ninja invoices.date). They
// are not due and never go; they are told, with their keys; and no other column is taken for a start in their stead, unless
// the data map names one.
import { afterEach, describe, expect, test } from 'vitest';
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

const open = async (more = '', start: object = {}): Promise<void> => {
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
        start: { event: 'recorded', column: 'start_time', unit: 'datetime', zone: 'UTC', ...start },
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

describe('with a column that stands in for a start', () => {
  const fallback = { fallback: 'end_time', sentinels: ['2000-01-01 00:00:00'] };
  const ended = (
    start_time: string | null,
    ms: number | null,
    fate: CaseRow['fate'],
    user = 'plain',
  ): CaseRow => ({
    what: `${start_time} ${ms} ${user}`,
    fate,
    values: { start_time, end_time: ms === null ? null : wallUtc(ms), user },
  });
  const now = Date.now();
  const boundary = cutoffMs();

  test('it is read where the start says nothing, and only there', async () => {
    await open('', fallback);
    await expectFates(
      run,
      'recording_log',
      [
        // A start that says something is the start, whatever stands beside it.
        ...usualRows(ms => ({ start_time: wallUtc(ms), end_time: wallUtc(now - 900 * DAY_MS) }), 'user'),
        ended(null, now - 400 * DAY_MS, 'goes'),
        ended(null, boundary - 1000, 'goes'),
        ended(null, boundary, 'stays'),
        ended(null, now - 90 * DAY_MS, 'held', HELD),
        ended(null, null, 'undated: not there (NULL)'),
        ended('2000-01-01 00:00:00', now - 400 * DAY_MS, 'goes'),
        ended('1994-01-01 00:00:00', now - 400 * DAY_MS, 'undated: too early to be real'),
        ended(null, now + 3 * DAY_MS, 'undated: in the future'),
      ],
      'recording_id',
    );
  });

  test('a start that comes in between the plan and the run decides', async () => {
    await open('', fallback);
    await run.knex('recording_log').insert([
      { recording_id: 1, start_time: null, end_time: long, user: 'plain' },
      { recording_id: 2, start_time: null, end_time: long, user: 'plain' },
    ]);
    const { plan, part } = await run.plan();
    expect(part.counts.due).toBe(2);
    await run
      .knex('recording_log')
      .where({ recording_id: 1 })
      .update({ start_time: wallUtc(now) });
    await run.enforce(plan);
    expect(await run.knex('recording_log').pluck('recording_id')).toEqual([1]);
  });

  test('one of another type or that updates move is refused', async () => {
    await open(', touched TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP, made INT', { fallback: 'touched' });
    const said = async () => (await run.plan()).part.findings.map(({ message }) => message).join('; ');
    expect(await said()).toMatch(
      /start column "touched" is set anew by every update.*declared as datetime and is a timestamp/,
    );
  });
});
