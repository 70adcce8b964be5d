// Trap 18: rows that the database itself will not let go: a foreign key that restricts (jambonz has 13 on accounts), or a
// trigger that signals. Those are told as blocked, and everything else goes.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import { expectOnlyDueGo, HELD, rowsOfEachAge } from '../support/trap-table.ts';

let fixture: SqlFixture;

beforeAll(async () => {
  fixture = await mysqlFixture();
});
afterAll(() => fixture.drop());

const start = { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' } as const;
const due = (is: string, goes: boolean, account = 'any') => ({
  is,
  goes,
  row: { at: '2026-01-11 12:00:00', account },
});

test('a foreign key that restricts', async () => {
  await fixture.knex.raw(
    'CREATE TABLE calls (id INT AUTO_INCREMENT PRIMARY KEY, at DATETIME, account VARCHAR(20), label VARCHAR(60), KEY (at), KEY (label))',
  );
  await fixture.knex.raw(
    'CREATE TABLE disputes (id INT AUTO_INCREMENT PRIMARY KEY, call_id INT, FOREIGN KEY (call_id) REFERENCES calls (id) ON DELETE RESTRICT)',
  );
  const { state } = await expectOnlyDueGo(fixture, {
    table: 'calls',
    dataset: { key: ['id'], customer: 'account', start },
    rows: [
      ...rowsOfEachAge('at', 'account'),
      due('disputed', false),
      due('disputed too', false),
      due('disputed and held', false, HELD),
      due('disputed no more', true),
    ],
    meanwhile: async knex => {
      const disputed = await knex('calls').where('label', 'like', 'disputed%').pluck('id');
      await knex('disputes').insert(disputed.map(call_id => ({ call_id })));
      await knex('disputes')
        .whereIn('call_id', knex('calls').where({ label: 'disputed no more' }).select('id'))
        .delete();
    },
  });
  expect(state).toBe('partial');
});

test('a trigger that signals, once it has been acknowledged', async () => {
  await fixture.knex.raw(
    'CREATE TABLE charges (id INT AUTO_INCREMENT PRIMARY KEY, at DATETIME, account VARCHAR(20), label VARCHAR(60), KEY (at))',
  );
  await fixture.knex.raw(
    "CREATE TRIGGER charges_rest BEFORE DELETE ON charges FOR EACH ROW IF OLD.label LIKE 'billed%' THEN SIGNAL SQLSTATE '45000'; END IF",
  );
  const { state } = await expectOnlyDueGo(fixture, {
    table: 'charges',
    dataset: { key: ['id'], customer: 'account', start, acknowledged: { triggers: ['charges_rest'] } },
    rows: [
      ...rowsOfEachAge('at', 'account'),
      due('billed', false),
      due('billed twice', false),
      due('waived', true),
    ],
  });
  expect(state).toBe('partial');
});
