// Trap 17: what a write sets off unseen. A delete trigger empties other tables (Sipwise cdr); an update trigger writes the
// old name into a history (Kill Bill) just when it is masked. Each is refused until somebody has looked into it.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import { replaceTable } from '../support/sql-spelling.ts';
import type { DatasetFile } from '../support/store-maps.ts';
import { testOn } from '../support/test-on.ts';

let fixture: SqlFixture;

beforeAll(async () => {
  fixture = await mysqlFixture();
});
afterAll(() => fixture.drop());
beforeEach(async () => {
  await replaceTable(fixture.knex, 'history', '(id INT, name VARCHAR(20))');
  await replaceTable(fixture.knex, 'people', '(id INT PRIMARY KEY, name VARCHAR(20), at DATETIME)');
});

const people = (triggers: string[] = []): DatasetFile => ({
  dataset: 'people',
  table: 'people',
  key: ['id'],
  class: 'prospect',
  start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
  anonymise: { fields: [{ column: 'name', mask: null }] },
  acknowledged: { triggers },
});

async function checked(
  disposition: 'purge' | 'anonymise' | 'flag',
  triggers: string[] = [],
): Promise<string[]> {
  const opened = fixture.open(people(triggers));
  const found = await opened.reader.check(opened.dataset('people'), [disposition]);
  return found.map(({ message }) => message);
}

const trigger = (name: string, when: string): Promise<unknown> =>
  fixture.knex.raw(
    `CREATE TRIGGER ${name} ${when} ON people FOR EACH ROW INSERT INTO history VALUES (OLD.id, OLD.name)`,
  );

test('of an update: masking and flagging are refused, deleting is not', async () => {
  await trigger('keeping', 'BEFORE UPDATE');
  const refused = ['writing to "people" sets off the trigger "keeping"'];
  expect(await checked('anonymise')).toEqual(refused);
  expect(await checked('flag')).toEqual(refused);
  expect(await checked('purge')).toEqual([]);
  expect(await checked('anonymise', ['keeping'])).toEqual([]);
});

test('of a delete: deleting is refused, masking is not', async () => {
  await trigger('emptying', 'AFTER DELETE');
  expect(await checked('purge')).toEqual(['deleting from "people" sets off the trigger "emptying"']);
  expect(await checked('anonymise')).toEqual([]);
  expect(await checked('purge', ['emptying'])).toEqual([]);
});

test('of an insert: nothing here sets it off', async () => {
  await fixture.knex.raw(
    'CREATE TRIGGER counting AFTER INSERT ON people FOR EACH ROW INSERT INTO history VALUES (NEW.id, NEW.name)',
  );
  expect([...(await checked('purge')), ...(await checked('anonymise'))]).toEqual([]);
});

test('an event that names the table is told, with its name; one that is switched off or names another is not', async () => {
  const event = (name: string, body: string, state = 'ENABLE'): Promise<unknown> =>
    fixture.knex.raw(`CREATE EVENT ${name} ON SCHEDULE EVERY 1 DAY ${state} DO ${body}`);
  await event('nightly_people', 'DELETE FROM people WHERE at < NOW() - INTERVAL 1 YEAR');
  await event('switched_off', 'DELETE FROM people', 'DISABLE');
  await event('of_others', 'DELETE FROM people_archive');
  try {
    const opened = fixture.open(people());
    expect(await opened.reader.caveats(opened.dataset('people'))).toEqual([
      {
        about: 'event',
        message: expect.stringMatching(/^the event "nightly_people" of the server names "people"/),
      },
    ]);
  } finally {
    for (const name of ['nightly_people', 'switched_off', 'of_others'])
      await fixture.knex.raw(`DROP EVENT ${name}`);
  }
});

testOn('system versioning', 'a table that keeps a history of what is deleted is refused', async () => {
  await fixture.knex.raw('ALTER TABLE people ADD SYSTEM VERSIONING');
  const refused = ['"people" is system-versioned: whatever is deleted or masked stays in its history'];
  expect(await checked('purge')).toEqual(refused);
  expect(await checked('anonymise')).toEqual(refused);
});
