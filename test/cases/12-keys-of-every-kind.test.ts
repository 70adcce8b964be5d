// Trap 12: keys that a driver rounds or a server takes for one another: BIGINT UNSIGNED above 2^53, a number and a DECIMAL
// (Sipwise cdr), CHAR(36), and texts that differ in case or in accents only, compared by their bytes or not (A2Billing).
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import { expectOnlyDueGo, rowsOfEachAge, type TrapRow } from '../support/trap-table.ts';

let fixture: SqlFixture;

beforeAll(async () => {
  fixture = await mysqlFixture();
});
afterAll(() => fixture.drop());

/** Rows with a key of their own, and beside each due one a neighbour that is fresh. */
function keyed(keys: readonly Readonly<Record<string, unknown>>[]): TrapRow[] {
  return keys.map((key, index) => ({
    is: `row ${index}`,
    goes: index % 2 === 0,
    row: { ...key, at: index % 2 === 0 ? '2026-01-10 12:00:00' : '2026-03-20 12:00:00' },
  }));
}

test.each<[string, string, string[], Record<string, unknown>[]]>([
  [
    'numbers that differ only beyond 2^53',
    'id BIGINT UNSIGNED',
    ['id'],
    [
      '9007199254740992',
      '9007199254740993',
      '9007199254740994',
      '18446744073709551614',
      '18446744073709551615',
    ].map(id => ({ id })),
  ],
  [
    'a number and a decimal of milliseconds',
    'id INT UNSIGNED, start_time DECIMAL(13,3)',
    ['id', 'start_time'],
    [
      { id: 1, start_time: '1700000000.001' },
      { id: 1, start_time: '1700000000.002' },
      { id: 1, start_time: '1700000000.010' },
      { id: 2, start_time: '1700000000.001' },
    ],
  ],
  [
    'texts of a uuid',
    'id CHAR(36)',
    ['id'],
    [
      { id: '00000000-0000-4000-8000-000000000001' },
      { id: '00000000-0000-4000-8000-000000000002' },
      { id: 'ffffffff-ffff-4fff-bfff-ffffffffffff' },
    ],
  ],
  [
    'texts that differ in case only, compared by their bytes',
    'id VARCHAR(20) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin',
    ['id'],
    ['A', 'a', 'B', 'b', 'é', 'e', 'É'].map(id => ({ id })),
  ],
  [
    'texts of latin1 that are compared without case',
    'id VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci',
    ['id'],
    ['A', 'b', 'ß', 'ÿ', "o'b\\c", 'x"y'].map(id => ({ id })),
  ],
  [
    'bytes',
    'id BINARY(4)',
    ['id'],
    ['00000000', '00000001', 'ff00ff00', '27275c22'].map(hex => ({ id: Buffer.from(hex, 'hex') })),
  ],
])('%s', async (_, columns, key, keys) => {
  await fixture.knex.raw(
    `CREATE OR REPLACE TABLE charges (${columns}, at DATETIME, label VARCHAR(60), PRIMARY KEY (${key.join(', ')}), KEY (at))`,
  );
  const { counts, state } = await expectOnlyDueGo(fixture, {
    table: 'charges',
    dataset: { key, start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' } },
    rows: keyed(keys),
  });
  expect(counts.due).toBe(Math.ceil(keys.length / 2));
  expect(state).toBe('done');
});

test('every age beside a number beyond 2^53', async () => {
  await fixture.knex.raw(
    'CREATE OR REPLACE TABLE charges (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, at DATETIME, account VARCHAR(20), label VARCHAR(60), KEY (at)) AUTO_INCREMENT=9007199254740993',
  );
  const { counts } = await expectOnlyDueGo(fixture, {
    table: 'charges',
    dataset: {
      key: ['id'],
      customer: 'account',
      start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
    },
    rows: rowsOfEachAge('at', 'account'),
  });
  expect(counts).toMatchObject({ stored: 8, due: 3, held: 1 });
});
