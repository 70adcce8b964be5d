// What only a MySQL or MariaDB server can do to a store: update a start by itself, refuse by a signal, hold a lock,
// choose a deadlock's victim, order and compare keys in its own way, or escape texts differently.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kinds } from '../../src/stores/kinds.ts';
import { freshMysql } from '../support/databases.ts';
import { startServer } from '../support/mysql-server.ts';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import { replaceTable } from '../support/sql-spelling.ts';
import { type DatasetFile, datasetNamed, sqlMap } from '../support/store-maps.ts';
import { keysOf, letAllGo, namesOf, pagesOf, scanned } from '../support/store-use.ts';
import { thisFlavour } from '../support/this-server.ts';

const start = { event: 'recorded', column: 'recorded', unit: 'datetime', zone: 'UTC' } as const;
const thing = (table: string, key: string[], more: Partial<DatasetFile> = {}): DatasetFile => ({
  dataset: 'things',
  table,
  key,
  class: 'thing',
  start,
  ...more,
});

describe('a MySQL store', () => {
  let fixture: SqlFixture;
  beforeAll(async () => {
    fixture = await mysqlFixture();
  });
  afterAll(() => fixture.drop());

  it('leaves a start that updates itself as it was when it flags or anonymises', async () => {
    await fixture.knex.raw(
      'CREATE TABLE selfish (id INT PRIMARY KEY, name VARCHAR(20), state VARCHAR(10), recorded TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)',
    );
    await fixture.knex('selfish').insert({ id: 1, name: 'N', recorded: '2015-06-01 00:00:00' });
    const { store, order } = fixture.open(
      thing('selfish', ['id'], {
        start: { event: 'recorded', column: 'recorded', unit: 'timestamp' },
        flag: { column: 'state', value: 'expired' },
        anonymise: { fields: [{ column: 'name', mask: null }] },
      }),
    );
    const [before] = await fixture.knex('selfish');
    await store.dispose(order('flag', [['1']]), letAllGo);
    await store.dispose(order('anonymise', [['1']]), letAllGo);
    expect(await fixture.knex('selfish')).toEqual([{ ...before, name: null, state: 'expired' }]);
  });

  it('flags rows whose start is a generated column', async () => {
    await fixture.knex.raw(
      'CREATE TABLE generated_starts (id INT PRIMARY KEY, at_s INT, state VARCHAR(10), recorded DATETIME GENERATED ALWAYS AS (MAKEDATE(2015, at_s)) STORED)',
    );
    await fixture.knex('generated_starts').insert({ id: 1, at_s: 100 });
    const { store, reader, dataset, order } = fixture.open(
      thing('generated_starts', ['id'], { flag: { column: 'state', value: 'expired' } }),
    );
    expect(await reader.check(dataset('things'), ['purge'])).toEqual([]);
    expect(await store.dispose(order('flag', [['1']]), letAllGo)).toEqual([{ key: ['1'], did: 'flagged' }]);
    expect((await fixture.knex('generated_starts'))[0].state).toBe('expired');
  });

  it('refuses a mask that does not fit its column, and changes nothing', async () => {
    await fixture.knex.raw('CREATE TABLE narrow (id INT PRIMARY KEY, name VARCHAR(10), recorded DATETIME)');
    await fixture.knex('narrow').insert([
      { id: 1, name: 'A', recorded: '2015-01-01' },
      { id: 2, name: 'B', recorded: '2015-01-01' },
    ]);
    const { store, order } = fixture.open(
      thing('narrow', ['id'], { anonymise: { fields: [{ column: 'name', mask: 'keyed-hash' }] } }),
    );
    await expect(store.dispose(order('anonymise', [['1'], ['2']]), letAllGo)).rejects.toThrow();
    expect(await fixture.knex('narrow').pluck('name')).toEqual(['A', 'B']);
  });

  it.each(['45000', '45100', '12345'])('spares rows that a trigger holds by signal %s', async state => {
    await replaceTable(fixture.knex, 'frozen', '(id INT PRIMARY KEY, recorded DATETIME)');
    await fixture.knex('frozen').insert([{ id: 1 }, { id: 2 }, { id: 3 }]);
    await fixture.knex.raw(
      `CREATE TRIGGER frozen_2 BEFORE DELETE ON frozen FOR EACH ROW IF OLD.id = 2 THEN SIGNAL SQLSTATE '${state}'; END IF`,
    );
    const { store, order } = fixture.open(thing('frozen', ['id']));
    expect(await store.dispose(order('purge', [['1'], ['2'], ['3']]), letAllGo)).toEqual([
      { key: ['1'], did: 'purged' },
      { key: ['2'], did: 'spared', why: 'blocked', by: 'a trigger' },
      { key: ['3'], did: 'purged' },
    ]);
  });

  it.each([
    ['datetime', 'BIGINT'],
    ['datetime', 'DATE'],
    ['date', 'DATETIME'],
    ['timestamp', 'DATETIME'],
    ['epoch-s', 'DATETIME'],
    ['epoch-ms', 'VARCHAR(20)'],
    ['epoch-us', 'DOUBLE'],
  ] as const)('refuses a start declared as %s that is a %s', async (unit, type) => {
    await replaceTable(fixture.knex, 'units', `(id INT PRIMARY KEY, recorded ${type} NULL)`);
    const zone = unit === 'datetime' || unit === 'date' ? { zone: 'UTC' } : {};
    const { reader, dataset } = fixture.open(
      thing('units', ['id'], { start: { event: 'recorded', column: 'recorded', unit, ...zone } }),
    );
    const [mismatch, ...others] = await reader.check(dataset('things'), ['purge']);
    expect(others).toEqual([]);
    expect(mismatch?.message.toLowerCase()).toContain(`declared as ${unit} and is a ${type.toLowerCase()}`);
    expect(mismatch?.hint).toContain('Declare the unit');
  });

  it('refuses unique keys over a prefix, which do not tell every row apart', async () => {
    await fixture.knex.raw(
      'CREATE TABLE prefixed (a VARCHAR(20) NOT NULL, recorded DATETIME, UNIQUE (a(5)))',
    );
    const { reader, dataset } = fixture.open(thing('prefixed', ['a']));
    expect((await reader.check(dataset('things'), ['purge']))[0]?.message).toContain(
      'not a primary or unique',
    );
  });

  it('walks keys of bytes, given as hexadecimal text, and purges exactly one', async () => {
    await fixture.knex.raw('CREATE TABLE bytes (id BINARY(16) PRIMARY KEY, recorded DATETIME)');
    const keys = ['00'.repeat(16), `27${'5c'.repeat(15)}`, 'ff'.repeat(16)];
    for (const key of keys) await fixture.knex.raw(`INSERT INTO bytes VALUES (x'${key}', NULL)`);
    const { store, dataset, order } = fixture.open(thing('bytes', ['id']));
    const pages = await pagesOf(store, dataset('things'), undefined, 1);
    expect(keysOf(pages.flat())).toEqual(keys.map(key => [key]));
    const [, middle = ''] = keys;
    expect(await store.dispose(order('purge', [[middle]]), letAllGo)).toEqual([
      { key: [middle], did: 'purged' },
    ]);
    expect(namesOf(await scanned(store, dataset('things')))).toEqual(keys.filter(key => key !== middle));
  });

  it.each([
    ['ENUM', "ENUM('sms', 'call', 'data')"],
    ['SET', "SET('sms', 'call', 'data')"],
    ['BIT', 'BIT(8)'],
  ])('refuses a key with an %s: a walk along it would pass rows over', async (_, type) => {
    await replaceTable(
      fixture.knex,
      'odd',
      `(kind ${type} NOT NULL, id INT NOT NULL, recorded DATETIME, PRIMARY KEY (kind, id))`,
    );
    const { reader, dataset } = fixture.open(thing('odd', ['kind', 'id']));
    const refused = await reader.check(dataset('things'), ['purge']);
    expect(refused.map(one => one.message)).toEqual([expect.stringContaining('"kind"')]);
  });

  describe('with rows that others hold', () => {
    beforeEach(async () => {
      await fixture.knex.raw('DROP TABLE IF EXISTS parts, wholes');
      await fixture.knex.raw('CREATE TABLE wholes (id INT PRIMARY KEY, n INT, recorded DATETIME)');
      await fixture.knex.raw(
        'CREATE TABLE parts (id INT PRIMARY KEY, whole_id INT, n INT, FOREIGN KEY (whole_id) REFERENCES wholes (id) ON DELETE CASCADE)',
      );
      await fixture.knex('wholes').insert([1, 2, 3].map(id => ({ id, n: 0 })));
      await fixture.knex('parts').insert(Array.from({ length: 50 }, (_, id) => ({ id, whole_id: 1, n: 0 })));
    });

    it('spares a batch as locked when another transaction keeps one of its rows', async () => {
      const { store, order } = fixture.open(thing('wholes', ['id']));
      const other = await fixture.knex.transaction();
      await other('wholes').where({ id: 2 }).update({ n: 1 });
      try {
        expect(await store.dispose(order('purge', [['1'], ['2']]), letAllGo)).toEqual([
          { key: ['1'], did: 'spared', why: 'locked', by: null },
          { key: ['2'], did: 'spared', why: 'locked', by: null },
        ]);
      } finally {
        await other.rollback();
      }
      expect(await fixture.knex('wholes').pluck('id')).toEqual([1, 2, 3]);
      expect((await store.dispose(order('purge', [['2']]), letAllGo))[0]?.did).toBe('purged');
    });

    it('lets nobody change a row between the ruling and the act', async () => {
      const { store, order } = fixture.open(thing('wholes', ['id']));
      const refusals: unknown[] = [];
      await store.dispose(order('purge', [['2']]), async records => {
        await fixture.knex.transaction(async other => {
          await other.raw('SET SESSION innodb_lock_wait_timeout = 1');
          await other('wholes').where({ id: 3 }).update({ n: 5 });
          refusals.push(
            await other('wholes')
              .where({ id: 2 })
              .update({ n: 5 })
              .then(
                () => 'changed',
                error => error.code,
              ),
          );
        });
        return letAllGo(records);
      });
      expect(refusals).toEqual(['ER_LOCK_WAIT_TIMEOUT']);
      expect(await fixture.knex('wholes').select('id', 'n')).toEqual([
        { id: 1, n: 0 },
        { id: 3, n: 5 },
      ]);
    });

    it('tries again when it was the victim of a deadlock', async () => {
      const { store, order } = fixture.open(thing('wholes', ['id']));
      const other = await fixture.knex.transaction();
      // The heavier transaction survives a deadlock.
      await other('parts').update({ n: 1 });
      let rulings = 0;
      let waiting: Promise<unknown> = Promise.resolve();
      const outcomes = await store.dispose(order('purge', [['1']]), async records => {
        rulings += 1;
        if (rulings === 1) {
          waiting = other('wholes')
            .where({ id: 1 })
            .update({ n: 1 })
            .then(() => other.commit());
          await new Promise(resolve => setTimeout(resolve, 300));
        }
        return letAllGo(records);
      });
      await waiting;
      expect(outcomes).toEqual([{ key: ['1'], did: 'purged' }]);
      expect(rulings).toBe(2);
      expect(await fixture.knex('wholes').pluck('id')).toEqual([2, 3]);
    });
  });
});

describe('a MySQL server that takes back-slashes for themselves', () => {
  it('is told texts in a way that it cannot misread', async () => {
    const server = await startServer(thisFlavour(), ['--sql-mode=NO_BACKSLASH_ESCAPES']);
    const database = await freshMysql(server.url);
    try {
      await database.knex.raw('CREATE TABLE things (id VARCHAR(50) PRIMARY KEY, recorded DATETIME)');
      const attack = "x' OR id <> '";
      await database.knex('things').insert(['a', 'b\\c', attack].map(id => ({ id })));
      const map = sqlMap('mysql', [thing('things', ['id'])]);
      const store = kinds.mysql.open(map, database.url, '');
      const dataset = datasetNamed(map, 'things');
      try {
        const order = { dataset, disposition: 'purge' as const, keys: [[attack], ['b\\c']], children: [] };
        expect(keysOf(await store.find(dataset, order.keys)).sort()).toEqual([['b\\c'], [attack]]);
        const shown: unknown[] = [];
        const outcomes = await store.dispose(order, async records => {
          shown.push(...keysOf(records));
          return letAllGo(records);
        });
        expect(shown).toEqual(order.keys);
        expect(outcomes.map(outcome => outcome.did)).toEqual(['purged', 'purged']);
        expect(namesOf(await scanned(store, dataset))).toEqual(['a']);
      } finally {
        await store.close();
      }
    } finally {
      await database.drop();
      await server.stop();
    }
  });
});
