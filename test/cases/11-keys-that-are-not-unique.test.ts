// Trap 11: ids that look unique and are not. Asterisk's `uniqueid` is the same for every leg of a call; a key by it would
// delete legs that are not due. A key is what the server itself keeps unique and never NULL, and nothing else.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import { replaceTable } from '../support/sql-spelling.ts';

let fixture: SqlFixture;

beforeAll(async () => {
  fixture = await mysqlFixture();
});
afterAll(() => fixture.drop());

async function checked(
  columns: string,
  ...key: string[]
): Promise<readonly { message: string; hint: string }[]> {
  await replaceTable(fixture.knex, 'cdr', `(calldate DATETIME, uniqueid VARCHAR(32) NOT NULL, ${columns})`);
  const { reader, dataset } = fixture.open({
    dataset: 'calls',
    table: 'cdr',
    key,
    class: 'call',
    start: { event: 'recorded', column: 'calldate', unit: 'datetime', zone: 'UTC' },
  });
  return reader.check(dataset('calls'), ['purge']);
}

const message = '"uniqueid" is not a primary or unique NOT NULL key of "cdr"';

test('a column that only has an index is refused, with the keys that there are', async () => {
  expect(await checked('id INT PRIMARY KEY, INDEX (uniqueid)', 'uniqueid')).toEqual([
    { dataset: 'calls', message, hint: 'Use key: [id]' },
  ]);
});

test('half of a key is refused, and so is more than one', async () => {
  const columns = 'server INT NOT NULL, UNIQUE (server, uniqueid)';
  expect(await checked(columns, 'uniqueid')).toEqual([
    { dataset: 'calls', message, hint: 'Use key: [server, uniqueid]' },
  ]);
  expect(await checked(columns, 'server', 'uniqueid')).toEqual([]);
  expect(await checked(columns, 'server', 'uniqueid', 'calldate')).toHaveLength(1);
});

test('an index over the beginning of a column, or over one that takes NULL, is none', async () => {
  expect(await checked('id INT PRIMARY KEY, UNIQUE (uniqueid(8))', 'uniqueid')).toMatchObject([{ message }]);
  expect(
    await checked('id INT PRIMARY KEY, leg INT, UNIQUE (uniqueid, leg)', 'uniqueid', 'leg'),
  ).toHaveLength(1);
});
