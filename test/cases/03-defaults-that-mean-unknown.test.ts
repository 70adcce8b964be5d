// Trap 3: rows without a start hold what the column gives them (ASTPP 1000-01-01, OpenSIPS 1900-01-01 00:00:01, HOMER
// 1971-01-01, Kamailio 2000-01-01 and 2030-05-28). A default that reads as a start is refused until it is a sentinel.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import { replaceTable } from '../support/sql-spelling.ts';
import type { DatasetFile } from '../support/store-maps.ts';

let fixture: SqlFixture;

beforeAll(async () => {
  fixture = await mysqlFixture();
});
afterAll(() => fixture.drop());

const dataset = (
  sentinels: readonly string[],
  unit: 'datetime' | 'date' | 'text' = 'datetime',
): DatasetFile => ({
  dataset: 'calls',
  table: 'cdrs',
  key: ['id'],
  class: 'cdr',
  start: {
    ...{ event: 'recorded', column: 'callstart', unit, zone: 'UTC', sentinels: [...sentinels] },
    ...(unit === 'text' ? { format: 'yyyy-MM-dd' } : {}),
  },
});

async function checked(column: string, written: DatasetFile): Promise<string[]> {
  await replaceTable(fixture.knex, 'cdrs', `(id INT PRIMARY KEY, callstart ${column})`);
  const opened = fixture.open(written);
  const found = await opened.reader.check(opened.dataset('calls'), ['purge']);
  return found.map(({ message, hint }) => `${message}. ${hint}`);
}

test.each([
  ['DATETIME NOT NULL DEFAULT "2000-01-01 00:00:00"', 'datetime', '2000-01-01 00:00:00'],
  ['DATETIME(3) DEFAULT "2000-01-01 00:00:00"', 'datetime', '2000-01-01 00:00:00.000'],
  ['DATE DEFAULT "2030-05-28"', 'date', '2030-05-28'],
  ['VARCHAR(20) DEFAULT "2000-01-01"', 'text', '2000-01-01'],
] as const)('%s is refused, with the sentinel to add, and taken with it', async (column, unit, value) => {
  expect(await checked(column, dataset([], unit))).toEqual([
    `start column "callstart" is "${value}" where a row was given none, which looks like a start. Add it to its sentinels: sentinels: ['${value}']`,
  ]);
  expect(await checked(column, dataset([value], unit))).toEqual([]);
});

test.each([
  'DATETIME NOT NULL DEFAULT "1000-01-01 00:00:00"',
  'DATETIME NOT NULL DEFAULT "1971-01-01 00:00:00"',
  'DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP',
  'DATETIME DEFAULT NULL',
  'DATETIME NOT NULL',
])('%s is no start that could be taken for one', async column => {
  expect(await checked(column, dataset([]))).toEqual([]);
});
