// Traps 13 and 14: between the plan and the delete a row changes (a contract is taken up again, a ticket reopened), is held,
// or another row takes its key (Asterisk's voicemail renumbers what is left in a folder): what is not due any more stays.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import { expectOnlyDueGo, HELD, rowsOfEachAge } from '../support/trap-table.ts';

let fixture: SqlFixture;

beforeAll(async () => {
  fixture = await mysqlFixture();
});
afterAll(() => fixture.drop());

const start = { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' } as const;

test('a row that is begun anew, held or gone by then is left, and the rest goes', async () => {
  await fixture.knex.raw(
    'CREATE TABLE tickets (id INT AUTO_INCREMENT PRIMARY KEY, at DATETIME, account VARCHAR(20), label VARCHAR(60), KEY (at))',
  );
  const due = (is: string, goes: boolean) => ({
    is,
    goes,
    row: { at: '2026-01-11 12:00:00', account: 'any' },
  });
  const { state } = await expectOnlyDueGo(fixture, {
    table: 'tickets',
    dataset: { key: ['id'], customer: 'account', start },
    rows: [
      ...rowsOfEachAge('at', 'account'),
      due('begun anew', false),
      due("another's by now, who has a hold", false),
      due('without a start by now', false),
      due('with another text', true),
      due('gone by then', true),
    ],
    meanwhile: async knex => {
      await knex('tickets').where({ label: 'begun anew' }).update({ at: '2026-03-02 00:00:00' });
      await knex('tickets').where('label', 'like', 'another%').update({ account: HELD });
      await knex('tickets').where('label', 'like', 'without a start%').update({ at: null });
      await knex('tickets').where({ label: 'with another text' }).update({ at: '2026-01-12 12:00:00' });
      await knex('tickets').where({ label: 'gone by then' }).delete();
    },
  });
  expect(state).toBe('done');
});
