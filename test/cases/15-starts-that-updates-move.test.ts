// Trap 15: ON UPDATE CURRENT_TIMESTAMP on the start (MagnusBilling pkg_sms.date, ASTPP mail_details.date): any write to the
// row begins its period again, and what had to go stays. Refused until somebody has said that it is meant.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import type { DatasetFile } from '../support/store-maps.ts';

let fixture: SqlFixture;

beforeAll(async () => {
  fixture = await mysqlFixture();
  await fixture.knex.raw(
    'CREATE TABLE sms (id INT PRIMARY KEY, sent DATETIME, date TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)',
  );
});
afterAll(() => fixture.drop());

const messages = (
  column: string,
  unit: 'timestamp' | 'datetime',
  more: Partial<DatasetFile> = {},
): DatasetFile => ({
  dataset: 'messages',
  table: 'sms',
  key: ['id'],
  class: 'sms',
  start: { event: 'recorded', column, unit, ...(unit === 'datetime' ? { zone: 'UTC' } : {}) },
  ...more,
});

async function checked(written: DatasetFile): Promise<readonly { message: string; hint: string }[]> {
  const opened = fixture.open(written);
  return opened.reader.check(opened.dataset('messages'), ['purge']);
}

test('is refused, and the way out is a column that stays', async () => {
  expect(await checked(messages('date', 'timestamp'))).toMatchObject([
    {
      message:
        'start column "date" is set anew by every update of its row (ON UPDATE), and the period with it',
      hint: expect.stringContaining('acknowledged: { restarts: [date] }'),
    },
  ]);
  expect(await checked(messages('sent', 'datetime'))).toEqual([]);
});

test('is taken once somebody has said so, of that column and no other', async () => {
  const said = (restarts: string[]) => messages('date', 'timestamp', { acknowledged: { restarts } });
  expect(await checked(said(['date']))).toEqual([]);
  expect(await checked(said(['sent']))).toHaveLength(1);
});
