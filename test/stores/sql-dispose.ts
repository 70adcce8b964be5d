// What an SQL store does to rows: purges, flags and anonymises exactly those let go, undoes a batch that fails, and
// leaves rows that something else still needs.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyMask, type Mask } from '../../src/masks/mask.ts';
import type { Child, Judge } from '../../src/stores/order.ts';
import { HASH_KEY, type SqlFixture } from '../support/sql-fixture.ts';
import type { DatasetFile } from '../support/store-maps.ts';
import { keysOf, letAllGo, namesOf, scanned } from '../support/store-use.ts';

const start = { event: 'recorded', column: 'recorded', unit: 'datetime', zone: 'UTC' } as const;
const people: DatasetFile = {
  dataset: 'people',
  table: 'people',
  key: ['id'],
  class: 'person',
  start,
  flag: { column: 'state', value: 'expired' },
  anonymise: {
    fields: [
      { column: 'name', mask: { text: 'removed' } },
      { column: 'email', mask: null },
      { column: 'login', mask: 'keyed-hash' },
      { column: 'phone', mask: 'last-three-digits' },
      { column: 'born', mask: { truncateDate: 'year' } },
      { column: 'seen', mask: { truncateDate: 'month' } },
    ],
  },
};

export function describeSqlDispose(name: string, makeFixture: () => Promise<SqlFixture>): void {
  describe(`disposing in ${name}`, () => {
    let fixture: SqlFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
      await fixture.knex.raw(
        'CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(30), email VARCHAR(50), login VARCHAR(30), phone VARCHAR(30), born DATE, seen DATETIME, state VARCHAR(10), recorded DATETIME NOT NULL)',
      );
    });
    afterAll(() => fixture.drop());

    const person = (id: number) => ({
      id,
      name: `Name ${id}`,
      email: `${id}@example.test`,
      login: `login-${id}`,
      phone: `+64 9 555 0${id}`,
      born: '1980-05-17',
      seen: '2015-05-17 13:14:15',
      state: null,
      recorded: '2015-06-01 00:00:00',
    });
    beforeEach(async () => {
      await fixture.knex('people').delete();
      await fixture.knex('people').insert([person(101), person(102), person(103)]);
    });
    const row = async (id: number) => fixture.knex('people').where({ id }).first();

    it('flags the rows let go and no others, and knows them again', async () => {
      const { store, reader, dataset, order } = fixture.open(people);
      expect(await reader.check(dataset('people'), ['purge'])).toEqual([]);
      const judge: Judge = async records =>
        records.map(({ key }) => (key[0] === '102' ? { go: false, why: 'held', by: 'h' } : { go: true }));
      expect(await store.dispose(order('flag', [['101'], ['102'], ['999']]), judge)).toEqual([
        { key: ['101'], did: 'flagged' },
        { key: ['102'], did: 'spared', why: 'held', by: 'h' },
        { key: ['999'], did: 'spared', why: 'gone', by: null },
      ]);
      expect(await row(101)).toEqual({ ...person(101), state: 'expired' });
      expect(await row(102)).toEqual(person(102));
      const done = (await scanned(reader, dataset('people'))).map(record => record.done);
      expect(done).toEqual([['flag'], [], []]);
    });

    it('flags a row twice as once', async () => {
      const { store, order } = fixture.open(people);
      await store.dispose(order('flag', [['101'], ['102']]), letAllGo);
      expect(await store.dispose(order('flag', [['101'], ['102']]), letAllGo)).toEqual([
        { key: ['101'], did: 'flagged' },
        { key: ['102'], did: 'flagged' },
      ]);
      expect(await row(101)).toEqual({ ...person(101), state: 'expired' });
    });

    it('anonymises by every mask, and knows the rows again without a marker', async () => {
      const { store, reader, dataset, order } = fixture.open(people);
      const outcomes = await store.dispose(order('anonymise', [['101'], ['102']]), letAllGo);
      expect(outcomes.map(outcome => outcome.did)).toEqual(['anonymised', 'anonymised']);
      for (const id of [101, 102]) {
        expect(await row(id)).toEqual({
          ...person(id),
          name: 'removed',
          email: null,
          login: applyMask({ kind: 'keyed-hash' }, `login-${id}`, HASH_KEY),
          phone: '+64 9 555 0xxx',
          born: '1980-01-01',
          seen: '2015-05-01 00:00:00',
        });
      }
      expect(await row(103)).toEqual(person(103));
      const found = await scanned(reader, dataset('people'));
      expect(found.map(record => record.done)).toEqual([['anonymise'], ['anonymise'], []]);
    });

    it('anonymises a row twice as once', async () => {
      const { store, order } = fixture.open(people);
      await store.dispose(order('anonymise', [['101']]), letAllGo);
      const once = await row(101);
      await store.dispose(order('anonymise', [['101']]), letAllGo);
      expect(await row(101)).toEqual(once);
    });

    it('writes the marker of anonymising, and goes by it alone', async () => {
      const { store, reader, dataset, order } = fixture.open({
        ...people,
        anonymise: {
          fields: [{ column: 'name', mask: null }],
          marker: { column: 'state', value: 'masked' },
        },
        flag: { column: 'email', value: 'x' },
      });
      await fixture.knex('people').where({ id: 103 }).update({ name: null });
      await store.dispose(order('anonymise', [['101']]), letAllGo);
      expect(await row(101)).toEqual({ ...person(101), name: null, state: 'masked' });
      const found = await scanned(reader, dataset('people'));
      expect(found.map(record => record.done)).toEqual([['anonymise'], [], []]);
    });

    it('anonymises the start itself when it is among the fields', async () => {
      const mask: Mask = { kind: 'truncate-date', to: 'year' };
      const { store, order } = fixture.open({
        ...people,
        anonymise: { fields: [{ column: 'recorded', mask: { truncateDate: 'year' } }] },
      });
      await store.dispose(order('anonymise', [['101']]), letAllGo);
      expect((await row(101)).recorded).toBe(applyMask(mask, person(101).recorded, HASH_KEY));
    });

    it('reports masks that the table cannot take', async () => {
      await fixture.knex.raw(
        'CREATE TABLE strict_ones (id INT PRIMARY KEY, name VARCHAR(30) NOT NULL, recorded DATETIME)',
      );
      const { reader, dataset } = fixture.open({
        ...people,
        table: 'strict_ones',
        flag: { column: 'name', value: 'x' },
        anonymise: {
          fields: [
            { column: 'name', mask: null },
            { column: 'id', mask: { text: '0' } },
          ],
        },
      });
      expect((await reader.check(dataset('people'), ['purge'])).map(one => one.message)).toEqual([
        'column "name" does not take NULL',
        'column "id" says what the record is, whose, or from when, and cannot be masked',
      ]);
    });

    it('shows the judge each row as it is at that moment', async () => {
      const { store, order } = fixture.open({ ...people, customer: 'name', numbers: ['phone', 'login'] });
      await fixture
        .knex('people')
        .where({ id: 102 })
        .update({ recorded: '2025-01-01 00:00:00', name: 'Moved' });
      const seen: unknown[] = [];
      await store.dispose(order('purge', [['102']]), async records => {
        seen.push(...records);
        return [];
      });
      expect(seen).toMatchObject([
        {
          key: ['102'],
          customer: 'Moved',
          numbers: ['+64 9 555 0102', 'login-102'],
          start: { value: '2025-01-01 00:00:00', sourceFound: true },
        },
      ]);
    });

    describe('rows that others need', () => {
      beforeAll(async () => {
        await fixture.knex.raw(
          'CREATE TABLE orders (id INT PRIMARY KEY, person_id INT NOT NULL, recorded DATETIME, CONSTRAINT orders_person FOREIGN KEY (person_id) REFERENCES people (id))',
        );
        await fixture.knex.raw('CREATE TABLE notes (id INT PRIMARY KEY, person_id INT, recorded DATETIME)');
      });
      beforeEach(async () => {
        await fixture.knex('orders').delete();
        await fixture.knex('notes').delete();
      });
      const keys = Array.from({ length: 9 }, (_, index) => [String(201 + index)]);
      const more = async () => fixture.knex('people').insert(keys.map(([id]) => person(Number(id))));

      it('are spared one by one where a foreign key holds them, and the others go', async () => {
        await more();
        await fixture.knex('orders').insert([
          { id: 1, person_id: 203 },
          { id: 2, person_id: 204 },
          { id: 3, person_id: 209 },
        ]);
        const { store, reader, dataset, order } = fixture.open(people);
        const outcomes = await store.dispose(order('purge', keys), letAllGo);
        const held = ['203', '204', '209'];
        expect(outcomes).toEqual(
          keys.map(key =>
            held.includes(key[0] ?? '')
              ? {
                  key,
                  did: 'spared',
                  why: 'blocked',
                  by: fixture.kind === 'mysql' ? 'orders (orders_person)' : 'a foreign key',
                }
              : { key, did: 'purged' },
          ),
        );
        expect(namesOf(await scanned(reader, dataset('people')))).toEqual(['101', '102', '103', ...held]);
        await fixture.knex('orders').delete();
      });

      const notes: DatasetFile = { dataset: 'notes', table: 'notes', key: ['id'], class: 'note', start };
      const child = (dataset: Child['dataset']): Child => ({ dataset, on: { person_id: 'id' } });

      it('are spared while another dataset still has records of theirs', async () => {
        await fixture.knex('notes').insert([
          { id: 1, person_id: 102 },
          { id: 2, person_id: null },
        ]);
        const { store, dataset, order } = fixture.open(people, notes);
        const three = [['101'], ['102'], ['103']];
        const purge = { ...order('purge', three), children: [child(dataset('notes'))] };
        expect(await store.dispose(purge, letAllGo)).toEqual([
          { key: ['101'], did: 'purged' },
          { key: ['102'], did: 'spared', why: 'blocked', by: 'notes' },
          { key: ['103'], did: 'purged' },
        ]);
        await fixture.knex('notes').delete();
        expect(await store.dispose(purge, letAllGo)).toContainEqual({ key: ['102'], did: 'purged' });
      });

      it('are not shown to the judge, who would remove their files', async () => {
        await fixture.knex('notes').insert([{ id: 1, person_id: 102 }]);
        const { store, dataset, order } = fixture.open(people, notes);
        const shown: unknown[] = [];
        const judge: Judge = async records => {
          shown.push(...keysOf(records));
          return letAllGo(records);
        };
        const purge = { ...order('purge', [['101'], ['102']]), children: [child(dataset('notes'))] };
        await store.dispose(purge, judge);
        expect(shown).toEqual([['101']]);
      });

      it('may be flagged all the same', async () => {
        await fixture.knex('notes').insert([{ id: 1, person_id: 102 }]);
        const { store, dataset, order } = fixture.open(people, notes);
        const flag = { ...order('flag', [['102']]), children: [child(dataset('notes'))] };
        expect(await store.dispose(flag, letAllGo)).toEqual([{ key: ['102'], did: 'flagged' }]);
      });

      it('are spared where a trigger holds them, and the others go', async () => {
        await more();
        await fixture.knex.raw(
          fixture.kind === 'mysql'
            ? "CREATE TRIGGER keep_some BEFORE DELETE ON people FOR EACH ROW IF OLD.id IN (202, 208) THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'frozen'; END IF"
            : "CREATE TRIGGER keep_some BEFORE DELETE ON people WHEN OLD.id IN (202, 208) BEGIN SELECT RAISE(ABORT, 'frozen'); END",
        );
        try {
          const { store, order } = fixture.open(people);
          expect(await store.dispose(order('purge', keys), letAllGo)).toEqual(
            keys.map(key =>
              ['202', '208'].includes(key[0] ?? '')
                ? { key, did: 'spared', why: 'blocked', by: 'a trigger' }
                : { key, did: 'purged' },
            ),
          );
        } finally {
          await fixture.knex.raw('DROP TRIGGER keep_some');
        }
      });
    });

    it('undoes the whole batch when one row cannot be written', async () => {
      await fixture.knex.raw(
        fixture.kind === 'mysql'
          ? 'ALTER TABLE people ADD CONSTRAINT no_flag_102 CHECK (id <> 102 OR state IS NULL)'
          : "CREATE TRIGGER no_flag_102 BEFORE UPDATE ON people WHEN OLD.id = 102 BEGIN SELECT RAISE(ABORT, 'no'); END",
      );
      try {
        const { store, order } = fixture.open(people);
        await expect(store.dispose(order('flag', [['101'], ['102'], ['103']]), letAllGo)).rejects.toThrow();
        for (const id of [101, 102, 103]) expect(await row(id)).toEqual(person(id));
      } finally {
        await fixture.knex.raw(
          fixture.kind === 'mysql'
            ? 'ALTER TABLE people DROP CONSTRAINT no_flag_102'
            : 'DROP TRIGGER no_flag_102',
        );
      }
    });
  });
}
