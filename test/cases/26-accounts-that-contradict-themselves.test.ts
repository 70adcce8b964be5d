// Trap 26: accounts whose status and closing date say different things (ASTPP deleted with 1000-01-01, Sipwise terminated with
// NULL, osTicket reopened and still dated): whichever says that the clock runs, the other keeps the record, and it is told.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import { expectOnlyDueGo, HELD } from '../support/trap-table.ts';

let fixture: SqlFixture;

beforeAll(async () => {
  fixture = await mysqlFixture();
});
afterAll(() => fixture.drop());

test('a contradiction keeps the account, and is reported', async () => {
  await fixture.knex.raw(
    "CREATE TABLE contracts (id INT AUTO_INCREMENT PRIMARY KEY, status VARCHAR(20), terminate_timestamp DATETIME DEFAULT '1000-01-01 00:00:00', customer VARCHAR(20), label VARCHAR(60), KEY (terminate_timestamp))",
  );
  const row = (is: string, goes: boolean, status: string | null, at: string | null, customer = 'any') => ({
    is,
    goes,
    row: { status, terminate_timestamp: at, customer },
  });
  const { counts, findings } = await expectOnlyDueGo(fixture, {
    table: 'contracts',
    policy: { start: 'account-closed' },
    dataset: {
      key: ['id'],
      customer: 'customer',
      start: {
        ...{ event: 'account-closed', column: 'terminate_timestamp', unit: 'datetime', zone: 'UTC' },
        status: { column: 'status', closed: ['terminated', 'cancelled'] },
      },
    },
    rows: [
      row('closed long ago', true, 'terminated', '2026-01-10 12:00:00'),
      row('cancelled long ago', true, 'cancelled', '2026-01-10 12:00:00'),
      row('closed the last second that is due', true, 'terminated', '2026-03-01 23:59:59'),
      row('closed the first second that is not', false, 'terminated', '2026-03-02 00:00:00'),
      row('open', false, 'active', null),
      row('open, with the default date', false, 'active', '1000-01-01 00:00:00'),
      row('reopened, and still dated', false, 'active', '2026-01-10 12:00:00'),
      row('no status, and dated', false, null, '2026-01-10 12:00:00'),
      row('a status nobody knows, and dated', false, 'Terminated?', '2026-01-10 12:00:00'),
      row('closed without a date', false, 'terminated', null),
      row('closed with the default date', false, 'terminated', '1000-01-01 00:00:00'),
      row('closed in the future', false, 'terminated', '2037-06-01 00:00:00'),
      row('closed long ago, held', false, 'terminated', '2026-01-10 12:00:00', HELD),
      row('reopened after the plan', false, 'terminated', '2026-01-11 12:00:00'),
    ],
    meanwhile: knex =>
      knex('contracts').where({ label: 'reopened after the plan' }).update({ status: 'active' }),
  });
  expect(counts).toMatchObject({ stored: 14, due: 4, held: 1, undated: 3 });
  expect(findings).toContain('the account is open by its status and has a closing date');
  expect(findings).toContain('the start is not there although the status says closed');
});
