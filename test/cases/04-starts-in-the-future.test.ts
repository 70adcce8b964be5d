// Trap 4: starts that are still to come (Kill Bill effective_date, a PBX with a wrong clock): up to two days ahead they are
// clock skew, beyond that nobody knows when the record really began.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import { expectOnlyDueGo, HELD, rowsOfEachAge } from '../support/trap-table.ts';

let fixture: SqlFixture;

beforeAll(async () => {
  fixture = await mysqlFixture();
});
afterAll(() => fixture.drop());

const ahead = (hours: number): string =>
  new Date(Date.now() + hours * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

test('a start in the future is not due, and reported when it is more than two days ahead', async () => {
  await fixture.knex.raw(
    'CREATE TABLE blocking_states (record_id INT AUTO_INCREMENT PRIMARY KEY, effective_date DATETIME NOT NULL, account VARCHAR(20), label VARCHAR(60), KEY (effective_date))',
  );
  const row = (is: string, hours: number, account = 'any') => ({
    is,
    goes: false,
    row: { effective_date: ahead(hours), account },
  });
  const { counts, plan } = await expectOnlyDueGo(fixture, {
    table: 'blocking_states',
    dataset: {
      key: ['record_id'],
      customer: 'account',
      start: { event: 'recorded', column: 'effective_date', unit: 'datetime', zone: 'UTC' },
    },
    rows: [
      ...rowsOfEachAge('effective_date', 'account'),
      row('an hour ahead', 1),
      row('a minute less than two days ahead', 47.98),
      row('a minute more than two days ahead', 48.02),
      row('a year ahead, held', 9000, HELD),
    ],
  });
  // The one of 2037 besides.
  expect(counts).toMatchObject({ stored: 12, due: 3, undated: 3 });
  expect(plan.parts[0]?.findings).toContainEqual(
    expect.objectContaining({ code: 'undated', message: 'the start is in the future', count: 3 }),
  );
});
