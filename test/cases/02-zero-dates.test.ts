// Trap 2: '0000-00-00' (FreePBX cdr.calldate, A2Billing cc_card.expirationdate): older than every bound, and no start at all.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import { expectOnlyDueGo, HELD, rowsOfEachAge } from '../support/trap-table.ts';

let fixture: SqlFixture;

beforeAll(async () => {
  fixture = await mysqlFixture();
});
afterAll(() => fixture.drop());

test.each([
  ['DATETIME', 'datetime', '0000-00-00 00:00:00'],
  ['DATETIME(3)', 'datetime', '0000-00-00 00:00:00.000'],
  ['DATE', 'date', '0000-00-00'],
  ['TIMESTAMP NULL', 'timestamp', '0000-00-00 00:00:00'],
  ['DATETIME', 'datetime', '2025-00-00 00:00:00'],
] as const)('a %s of zeros stays and is reported', async (type, unit, zero) => {
  await fixture.knex.raw(
    `CREATE OR REPLACE TABLE cdr (acctid INT AUTO_INCREMENT PRIMARY KEY, calldate ${type}, accountcode VARCHAR(20), label VARCHAR(60), KEY (calldate))`,
  );
  const none = (whose: string) => ({ calldate: fixture.knex.raw('?', [zero]), accountcode: whose });
  const { counts, findings } = await expectOnlyDueGo(fixture, {
    table: 'cdr',
    dataset: {
      key: ['acctid'],
      customer: 'accountcode',
      start: {
        event: 'recorded',
        column: 'calldate',
        unit,
        ...(unit === 'timestamp' ? {} : { zone: 'UTC' }),
      },
    },
    rows: [
      ...rowsOfEachAge('calldate', 'accountcode', at => (unit === 'date' ? at.slice(0, 10) : at)),
      { is: 'zeros', goes: false, row: none('any') },
      { is: 'zeros, held', goes: false, row: none(HELD) },
    ],
    looseMode: true,
  });
  expect(counts).toMatchObject({ stored: 10, due: 3, held: 1, undated: 3, keptByInstruction: 1 });
  expect(findings).toContain(
    zero.startsWith('2025') ? 'the start is not readable in the declared unit' : 'the start is a zero date',
  );
});
