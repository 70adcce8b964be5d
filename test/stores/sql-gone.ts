// A key is told as gone only where nothing stands under it: never of a row that was not read, whatever the reason, and never of
// one that reads otherwise than it was asked for.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlFixture } from '../support/sql-fixture.ts';
import type { DatasetFile } from '../support/store-maps.ts';
import { letAllGo, scanned } from '../support/store-use.ts';

const start = { event: 'recorded', column: 'recorded', unit: 'datetime', zone: 'UTC' } as const;
const WHEN = '2015-06-01 00:00:00';

export function describeSqlGone(name: string, makeFixture: () => Promise<SqlFixture>): void {
  describe(`what ${name} says is gone`, () => {
    let fixture: SqlFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.drop());
    const opened = async (table: string, columns: string, key: string[]) => {
      await fixture.knex.raw(`CREATE TABLE ${table} (recorded DATETIME NOT NULL, ${columns})`);
      const file: DatasetFile = { dataset: table, table, key, class: 'thing', start };
      return fixture.open(file);
    };
    const spared = (key: string[], why: string) => ({ key, did: 'spared', why, by: null });

    it('is what nothing stands under: of many keys, each for itself', async () => {
      const { store, order } = await opened('plain', 'id BIGINT NOT NULL PRIMARY KEY', ['id']);
      await fixture.knex('plain').insert([{ id: 2, recorded: WHEN }]);
      const keys = ['1', '2', '3', '9007199254740993'].map(id => [id]);
      expect(await store.dispose(order('purge', keys), letAllGo)).toEqual([
        spared(['1'], 'gone'),
        { key: ['2'], did: 'purged' },
        spared(['3'], 'gone'),
        spared(['9007199254740993'], 'gone'),
      ]);
    });

    it('is no row that the server finds under a key and that reads otherwise', async () => {
      const type = fixture.kind === 'sqlite' ? 'TEXT COLLATE NOCASE' : 'VARCHAR(20)';
      const { store, order } = await opened('folded', `id ${type} NOT NULL PRIMARY KEY`, ['id']);
      const ids = ['a', 'b', 'c', 'd', 'e'];
      await fixture.knex('folded').insert(ids.map(id => ({ id, recorded: WHEN })));
      const keys = ['A', 'x', 'C', 'y', 'E', 'z'].map(id => [id]);
      expect(await store.dispose(order('purge', keys), letAllGo)).toEqual([
        spared(['A'], 'unread'),
        spared(['x'], 'gone'),
        spared(['C'], 'unread'),
        spared(['y'], 'gone'),
        spared(['E'], 'unread'),
        spared(['z'], 'gone'),
      ]);
      expect(await fixture.knex('folded').pluck('id')).toHaveLength(5);
    });

    it('is told the same of keys of two columns', async () => {
      const { store, order } = await opened('paired', 'a INT NOT NULL, b INT NOT NULL, PRIMARY KEY (a, b)', [
        'a',
        'b',
      ]);
      await fixture.knex('paired').insert([{ a: 1, b: 2, recorded: WHEN }]);
      const keys = [
        ['2', '1'],
        ['01', '2'],
        ['1', '1'],
      ];
      expect(await store.dispose(order('purge', keys), letAllGo)).toEqual([
        spared(['2', '1'], 'gone'),
        spared(['01', '2'], 'unread'),
        spared(['1', '1'], 'gone'),
      ]);
    });

    if (name !== 'sqlite') {
      it('is asked in numbers that a padded key does not hide', async () => {
        const { store, order } = await opened('padded', 'id INT(10) ZEROFILL NOT NULL PRIMARY KEY', ['id']);
        await fixture.knex('padded').insert([{ id: 7, recorded: WHEN }]);
        const outcomes = await store.dispose(order('purge', [['7'], ['8']]), async records =>
          records.map(() => ({ go: false, why: 'held', by: null })),
        );
        expect(outcomes.map(one => one.did === 'spared' && one.why)).not.toEqual(['gone', 'gone']);
        expect(outcomes[1]).toEqual(spared(['8'], 'gone'));
      });

      it.each(['InnoDB', 'MyISAM'])(
        'is told of rows without a key by how many there are (%s)',
        async engine => {
          const table = `copies${engine.toLowerCase()}`;
          await fixture.knex.raw(
            `CREATE TABLE ${table} (who VARCHAR(20), recorded DATETIME NOT NULL) ENGINE=${engine}`,
          );
          await fixture.knex(table).insert([1, 2].map(() => ({ who: 'a', recorded: WHEN })));
          const file = { dataset: table, table, keyless: true, class: 'thing', start } as DatasetFile;
          const { store, reader, dataset, order } = fixture.open(file);
          const [first] = await scanned(reader, dataset(table));
          const [at = '', digest = ''] = first?.key ?? [];
          const keys = ['1', '2', '3'].map(copy => [at, digest, copy]);
          const outcomes = await store.dispose(order('purge', keys), letAllGo);
          expect(outcomes.map(one => (one.did === 'spared' ? one.why : one.did))).toEqual([
            'purged',
            'purged',
            'gone',
          ]);
        },
      );
    }
  });
}
