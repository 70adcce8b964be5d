// Trap 1: NULL where the start should be (ViciDial recording_log.start_time, Asterisk cdr.start): nobody knows how old the
// record is, so that it stays, and is counted as undated.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import { expectOnlyDueGo, HELD, rowsOfEachAge } from '../support/trap-table.ts';

let fixture: SqlFixture;

beforeAll(async () => {
  fixture = await mysqlFixture();
});
afterAll(() => fixture.drop());

test.each([
  ['with an index', 'KEY (start_time)'],
  ['without one', 'KEY (user)'],
])('a recording without a start stays and is reported, %s on it', async (_, index) => {
  await fixture.knex.raw(
    `CREATE OR REPLACE TABLE recording_log (recording_id INT AUTO_INCREMENT PRIMARY KEY, start_time DATETIME, user VARCHAR(20), label VARCHAR(60), ${index})`,
  );
  const { counts, findings } = await expectOnlyDueGo(fixture, {
    table: 'recording_log',
    dataset: {
      key: ['recording_id'],
      customer: 'user',
      start: { event: 'recorded', column: 'start_time', unit: 'datetime', zone: 'UTC' },
    },
    rows: [
      ...rowsOfEachAge('start_time', 'user'),
      { is: 'without a start', goes: false, row: { start_time: null, user: 'any' } },
      { is: 'without a start, held', goes: false, row: { start_time: null, user: HELD } },
    ],
  });
  expect(counts).toMatchObject({ stored: 10, due: 3, held: 1, undated: 3, keptByInstruction: 1 });
  expect(findings).toContain('the start is not there (NULL)');
});
