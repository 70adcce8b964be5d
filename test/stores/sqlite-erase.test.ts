// What is purged from an SQLite file is nowhere in the file's bytes any more, nor in its write-ahead log, though somebody else
// has the file open.
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SqlFixture, sqliteFixture } from '../support/sql-fixture.ts';
import type { DatasetFile } from '../support/store-maps.ts';
import { letAllGo } from '../support/store-use.ts';

const letters: DatasetFile = {
  dataset: 'letters',
  table: 'letters',
  key: ['id'],
  class: 'letter',
  start: { event: 'recorded', column: 'recorded', unit: 'datetime', zone: 'UTC' },
};

let fixture: SqlFixture;
beforeEach(async () => {
  fixture = await sqliteFixture();
  // Without it the application itself leaves copies in the slack of pages that it splits: those only VACUUM takes away.
  await fixture.knex.raw('PRAGMA secure_delete = ON');
  await fixture.knex.raw('CREATE TABLE letters (id INTEGER PRIMARY KEY, body TEXT, recorded TEXT)');
  await fixture.knex.raw('CREATE INDEX bodies ON letters (body)');
});
afterEach(() => fixture.drop());

/** How often a text stands in the file and in its write-ahead log. */
function found(text: string): number {
  const files = [fixture.at, `${fixture.at}-wal`].filter(existsSync);
  return files.reduce((sum, file) => sum + readFileSync(file).toString('latin1').split(text).length - 1, 0);
}

// Short ones lie in leaves, of which many become empty; long ones in pages of their own.
test.each([20, 20_000])(
  'texts of %i letters that were purged are not in the bytes of the file',
  async length => {
    const body = (id: number): string => `secret-${id}-`.padEnd(length, 'x');
    for (let id = 1; id <= 300; id += 1)
      await fixture.knex('letters').insert({ id, body: body(id), recorded: '2015-06-01' });
    expect(found('secret-150-')).toBeGreaterThan(0);
    const { store, reader, order, dataset } = fixture.open(letters);
    const keys = Array.from({ length: 299 }, (_, index) => [String(index + 1)]);
    const outcomes = await store.dispose(order('purge', keys), letAllGo);
    expect(outcomes.every(({ did }) => did === 'purged')).toBe(true);
    expect(await reader.caveats(dataset('letters'))).toEqual([]);
    await store.close();
    for (const id of [1, 2, 77, 150, 299]) expect([id, found(`secret-${id}-`)]).toEqual([id, 0]);
    expect(found('secret-300-')).toBeGreaterThan(0);
  },
);
