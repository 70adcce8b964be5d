// What is special about SQLite as a store: columns without types, bytes where texts are expected, one writer at a time,
// and a driver that has to be told that a reader may not write.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SqlFixture, sqliteFixture } from '../support/sql-fixture.ts';
import type { DatasetFile } from '../support/store-maps.ts';
import { letAllGo, namesOf, pagesOf, scanned } from '../support/store-use.ts';

const start = { event: 'recorded', column: 'recorded', unit: 'datetime', zone: 'UTC' } as const;
const things: DatasetFile = { dataset: 'things', table: 'things', key: ['id'], class: 'thing', start };

describe('an SQLite store', () => {
  let fixture: SqlFixture;
  beforeEach(async () => {
    fixture = await sqliteFixture();
  });
  afterEach(() => fixture.drop());

  it('opens its reader so that SQLite refuses every write', async () => {
    // A view shows the setting of the very connection that reads it.
    await fixture.knex.raw(
      "CREATE VIEW things AS SELECT query_only AS id, '2015-01-01' AS recorded FROM pragma_query_only",
    );
    const { reader, store, dataset } = fixture.open(things);
    expect(namesOf(await scanned(reader, dataset('things')))).toEqual(['1']);
    expect(namesOf(await scanned(store, dataset('things')))).toEqual(['0']);
    await fixture.knex.raw('CREATE TABLE written (id INT)');
    await fixture.knex.raw('PRAGMA query_only = ON');
    await expect(fixture.knex('written').insert({ id: 1 })).rejects.toThrow('readonly');
  });

  it.each(['', 'BLOB', 'VARBINARY(16)'])(
    'refuses keys of type %j, in which one text can be two keys',
    async type => {
      await fixture.knex.raw(`CREATE TABLE things (id ${type} NOT NULL PRIMARY KEY, recorded TEXT)`);
      const { reader, dataset } = fixture.open(things);
      expect((await reader.check(dataset('things'), ['purge'])).map(one => one.message)).toEqual([
        expect.stringContaining('key column "id"'),
      ]);
    },
  );

  it('stops, and does not walk for ever, where a key of text holds bytes', async () => {
    await fixture.knex.raw('CREATE TABLE things (id TEXT NOT NULL PRIMARY KEY, recorded TEXT)');
    await fixture.knex.raw("INSERT INTO things VALUES ('a', NULL), (x'31', NULL), (x'ff', NULL)");
    const { reader, dataset } = fixture.open(things);
    await expect(pagesOf(reader, dataset('things'), undefined, 1)).rejects.toMatchObject({
      code: 'store-mismatch',
    });
    expect(namesOf(await scanned(reader, dataset('things')))).toEqual(['31', 'a', 'ff']);
  });

  it('reads bytes in any column as hexadecimal text', async () => {
    await fixture.knex.raw('CREATE TABLE things (id INTEGER PRIMARY KEY, who TEXT, recorded TEXT)');
    await fixture.knex.raw("INSERT INTO things VALUES (1, x'ff00', x'c3')");
    const { reader, dataset } = fixture.open({ ...things, customer: 'who' });
    expect(await reader.find(dataset('things'), [['1']])).toMatchObject([
      { customer: 'ff00', start: { value: 'c3' } },
    ]);
  });

  it('finds starts written with a T, with a blank or as a date alone', async () => {
    await fixture.knex.raw('CREATE TABLE things (id INTEGER PRIMARY KEY, recorded TEXT)');
    const starts = ['2015-06-01T09:00:00', '2015-06-01 09:00:00', '2015-06-01', '2015-06-02T00:00:00'];
    await fixture.knex('things').insert(starts.map((recorded, index) => ({ id: index + 1, recorded })));
    const { reader, dataset } = fixture.open(things);
    const range = {
      kind: 'started',
      plausibleFrom: '1995-01-01 00:00:00',
      from: '2015-06-01 00:00:00',
      before: '2015-06-01 10:00:00',
      customer: null,
      key: null,
    } as const;
    const found = namesOf(await scanned(reader, dataset('things'), { tags: null, which: range }));
    expect(found).toEqual(['1', '2', '3']);
  });

  it('takes what its unit cannot read for doubtful', async () => {
    await fixture.knex.raw('CREATE TABLE things (id INTEGER PRIMARY KEY, recorded)');
    const starts = ['2015-06-01 09:00:00', 'yesterday', '', 1433152800, '01/06/2015', '20150601'];
    for (const [index, recorded] of starts.entries())
      await fixture.knex('things').insert({ id: index + 1, recorded });
    const { reader, dataset } = fixture.open(things);
    const bounds = { plausibleFrom: '1995-01-01 00:00:00', future: '2025-06-01 00:00:00' };
    const doubtful = { tags: null, which: { kind: 'doubtful', ...bounds } } as const;
    expect(namesOf(await scanned(reader, dataset('things'), doubtful))).toEqual(['2', '3', '4', '5', '6']);
  });

  it('leaves a row that a restricting foreign key needs', async () => {
    await fixture.knex.raw('CREATE TABLE things (id INTEGER PRIMARY KEY, recorded TEXT)');
    await fixture.knex.raw(
      'CREATE TABLE parts (id INTEGER PRIMARY KEY, thing INTEGER REFERENCES things (id) ON DELETE RESTRICT)',
    );
    await fixture.knex('things').insert([{ id: 1 }, { id: 2 }]);
    await fixture.knex('parts').insert({ id: 1, thing: 1 });
    const { store, order } = fixture.open(things);
    expect(await store.dispose(order('purge', [['1'], ['2']]), letAllGo)).toMatchObject([
      { key: ['1'], did: 'spared', why: 'blocked' },
      { key: ['2'], did: 'purged' },
    ]);
  });

  it('undoes the batch when other rows were written than those ruled on', async () => {
    await fixture.knex.raw('CREATE TABLE things (id INTEGER PRIMARY KEY, recorded TEXT)');
    await fixture.knex('things').insert([{ id: 1 }, { id: 2 }]);
    await fixture.knex.raw(
      'CREATE TRIGGER quiet BEFORE DELETE ON things WHEN OLD.id = 2 BEGIN SELECT RAISE(IGNORE); END',
    );
    const { store, order } = fixture.open(things);
    const purge = store.dispose(order('purge', [['1'], ['2']]), letAllGo);
    await expect(purge).rejects.toThrow('1 rows were written where 2 stood under lock');
    expect(await fixture.knex('things').pluck('id')).toEqual([1, 2]);
  });

  it('looks again for a table that was not there', async () => {
    const { reader, dataset } = fixture.open(things);
    expect((await reader.check(dataset('things'), ['purge']))[0]?.message).toContain('no table "things"');
    await fixture.knex.raw('CREATE TABLE things (id INTEGER PRIMARY KEY, recorded TEXT)');
    expect(await reader.check(dataset('things'), ['purge'])).toEqual([]);
  });

  it('lets nobody write between the ruling and the act', async () => {
    await fixture.knex.raw('CREATE TABLE things (id INTEGER PRIMARY KEY, recorded TEXT)');
    await fixture.knex('things').insert([{ id: 1 }, { id: 2 }]);
    const { store, order } = fixture.open(things);
    const refusals: unknown[] = [];
    await store.dispose(order('purge', [['1']]), async records => {
      const change = fixture.knex('things').where({ id: 1 }).update({ recorded: 'now' });
      refusals.push(
        await change.then(
          () => 'changed',
          error => error.code,
        ),
      );
      return letAllGo(records);
    });
    expect(refusals).toEqual(['SQLITE_BUSY']);
    expect(await fixture.knex('things').pluck('id')).toEqual([2]);
  });

  it.each(['WAL', 'DELETE'])(
    'spares a batch as locked while another writes (journal %s), and goes on after',
    async journal => {
      await fixture.knex.raw(`PRAGMA journal_mode = ${journal}`);
      await fixture.knex.raw('CREATE TABLE things (id INTEGER PRIMARY KEY, recorded TEXT)');
      await fixture.knex('things').insert([{ id: 1 }, { id: 2 }]);
      const { store, order } = fixture.open(things);
      const other = await fixture.knex.transaction();
      await other('things').where({ id: 2 }).update({ recorded: 'now' });
      const locked = await store.dispose(order('purge', [['1']]), letAllGo);
      await other.rollback();
      expect(locked).toEqual([{ key: ['1'], did: 'spared', why: 'locked', by: null }]);
      expect(await fixture.knex('things').pluck('id')).toEqual([1, 2]);
      expect(await store.dispose(order('purge', [['1']]), letAllGo)).toEqual([{ key: ['1'], did: 'purged' }]);
      await fixture.knex('things').insert({ id: 3 });
      expect(await fixture.knex('things').pluck('id')).toEqual([2, 3]);
    },
  );
});
