// Trap 20: MyISAM, MEMORY and MERGE tables (ViciDial's 324, A2Billing's 95): ROLLBACK restores nothing and no row can be
// locked, so that neither "exactly what was listed" nor "decided again under lock" can be kept there.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import type { DatasetFile } from '../support/store-maps.ts';

let fixture: SqlFixture;

beforeAll(async () => {
  fixture = await mysqlFixture();
});
afterAll(() => fixture.drop());

const log = (table: string): DatasetFile => ({
  dataset: 'recordings',
  table,
  key: ['recording_id'],
  class: 'call-recording',
  start: { event: 'recorded', column: 'start_time', unit: 'datetime', zone: 'UTC' },
});

async function checked(table: string, dispositions: readonly ('purge' | 'flag')[]) {
  const opened = fixture.open(log(table));
  return opened.reader.check(opened.dataset('recordings'), dispositions);
}

const columns = '(recording_id INT NOT NULL PRIMARY KEY, start_time DATETIME)';

test.each(['MyISAM', 'MEMORY'])('%s is refused, with the engine that would do', async engine => {
  await fixture.knex.raw(`CREATE OR REPLACE TABLE recording_log ${columns} ENGINE=${engine}`);
  for (const disposition of ['purge', 'flag'] as const)
    expect(await checked('recording_log', [disposition])).toMatchObject([
      {
        message: `"recording_log" is kept by ${engine}, which can neither lock a row nor undo a write`,
        hint: 'ALTER TABLE recording_log ENGINE=InnoDB',
      },
    ]);
  expect(await checked('recording_log', [])).toEqual([]);
  await fixture.knex.raw('ALTER TABLE recording_log ENGINE=InnoDB');
  expect(await checked('recording_log', ['purge'])).toEqual([]);
});

test('a MERGE table is refused: the rows stand in others', async () => {
  await fixture.knex.raw(`CREATE TABLE log_2025 ${columns} ENGINE=MyISAM`);
  await fixture.knex.raw(
    'CREATE TABLE log_all (recording_id INT NOT NULL, start_time DATETIME, UNIQUE (recording_id)) ENGINE=MERGE UNION=(log_2025) INSERT_METHOD=NO',
  );
  expect((await checked('log_all', ['purge'])).map(({ message }) => message)).toContain(
    '"log_all" is a MERGE table, whose rows stand in other tables',
  );
});
