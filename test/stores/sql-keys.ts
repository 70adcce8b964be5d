// Keys of SQL stores are exact: numbers beyond what a double holds, composite keys, bytes, texts that look like
// numbers. A key that is rounded, reordered or matched loosely deletes the wrong row.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlFixture } from '../support/sql-fixture.ts';
import { keysOf, letAllGo, pagesOf } from '../support/store-use.ts';

const start = { event: 'recorded', column: 'recorded', unit: 'datetime', zone: 'UTC' } as const;

interface KeyCase {
  readonly table: string;
  /** The key columns with their types; `recorded` is added. */
  readonly columns: Readonly<Record<string, string>>;
  /** SQL literals in key order. */
  readonly rows: readonly (readonly string[])[];
  /** The keys as text; the same as `rows` unless said otherwise. */
  readonly keys?: readonly (readonly string[])[];
}

const CASES: readonly KeyCase[] = [
  {
    table: 'bigints',
    columns: { id: 'BIGINT UNSIGNED NOT NULL' },
    rows: [
      ['1'],
      ['2'],
      ['10'],
      ['9007199254740991'],
      ['9007199254740992'],
      ['9007199254740993'],
      ['9007199254740994'],
    ],
  },
  {
    table: 'signed',
    columns: { id: 'BIGINT NOT NULL' },
    rows: [['-9223372036854775808'], ['-9007199254740993'], ['-1'], ['0'], ['9223372036854775807']],
  },
  {
    table: 'pairs',
    columns: { account: 'BIGINT NOT NULL', line: 'VARCHAR(20) NOT NULL' },
    rows: [
      ['1', "'b'"],
      ['2', "'a'"],
      ['2', "'b'"],
      ['9007199254740993', "'0'"],
      ['9007199254740993', "'00'"],
    ],
    keys: [
      ['1', 'b'],
      ['2', 'a'],
      ['2', 'b'],
      ['9007199254740993', '0'],
      ['9007199254740993', '00'],
    ],
  },
  {
    table: 'triples',
    columns: { day: 'DATE NOT NULL', switch: 'INT NOT NULL', call_no: 'INT NOT NULL' },
    rows: [
      ["'2015-01-01'", '1', '1'],
      ["'2015-01-01'", '1', '2'],
      ["'2015-01-01'", '2', '1'],
      ["'2015-01-02'", '1', '1'],
    ],
    keys: [
      ['2015-01-01', '1', '1'],
      ['2015-01-01', '1', '2'],
      ['2015-01-01', '2', '1'],
      ['2015-01-02', '1', '1'],
    ],
  },
  {
    table: 'uuids',
    columns: { id: 'CHAR(36) NOT NULL' },
    rows: [
      ["'0b7c5a52-3a0a-4b5e-8f7b-000000000001'"],
      ["'0b7c5a52-3a0a-4b5e-8f7b-000000000002'"],
      ["'f0000000-0000-4000-8000-000000000000'"],
    ],
    keys: [
      ['0b7c5a52-3a0a-4b5e-8f7b-000000000001'],
      ['0b7c5a52-3a0a-4b5e-8f7b-000000000002'],
      ['f0000000-0000-4000-8000-000000000000'],
    ],
  },
  {
    table: 'digits',
    columns: { id: 'VARCHAR(20) NOT NULL' },
    rows: [["'007'"], ["'07'"], ["'7'"], ["'7.0'"], ["'7e0'"]],
    keys: [['007'], ['07'], ['7'], ['7.0'], ['7e0']],
  },
];

export function describeSqlKeys(name: string, makeFixture: () => Promise<SqlFixture>): void {
  describe(`keys of ${name}`, () => {
    let fixture: SqlFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.drop());

    async function make({ table, columns, rows }: KeyCase) {
      const names = Object.keys(columns);
      await fixture.knex.raw(`DROP TABLE IF EXISTS ${table}`);
      await fixture.knex.raw(
        `CREATE TABLE ${table} (${names.map(one => `${one} ${columns[one]}`).join(', ')}, recorded DATETIME NOT NULL, PRIMARY KEY (${names.join(', ')}))`,
      );
      // Not in key order, so that the order of a scan is the store's work.
      for (const row of [...rows].reverse())
        await fixture.knex.raw(`INSERT INTO ${table} VALUES (${row.join(', ')}, '2015-06-01 00:00:00')`);
      const opened = fixture.open({ dataset: table, table, key: names, class: 'thing', start });
      return { ...opened, dataset: opened.dataset(table) };
    }

    describe.each(CASES.map(one => [one.table, one] as const))('%s', (_, one) => {
      const keys = one.keys ?? one.rows;

      it('fit', async () => {
        const { reader, dataset } = await make(one);
        expect(await reader.check(dataset, ['purge'])).toEqual([]);
      });

      it('are walked in key order, whatever the size of a page', async () => {
        const { reader, dataset } = await make(one);
        for (const size of [1, 2, 3, 100]) {
          const pages = await pagesOf(reader, dataset, undefined, size);
          expect(keysOf(pages.flat())).toEqual(keys);
        }
      });

      it('are found exactly', async () => {
        const { reader, dataset } = await make(one);
        for (const key of keys) expect(keysOf(await reader.find(dataset, [key]))).toEqual([key]);
        expect(keysOf(await reader.find(dataset, keys)).length).toBe(keys.length);
      });

      it('are purged exactly', async () => {
        for (const [index, key] of keys.entries()) {
          const { reader, store, dataset, order } = await make(one);
          expect(await store.dispose(order('purge', [key]), letAllGo)).toEqual([{ key, did: 'purged' }]);
          const [page = []] = await pagesOf(reader, dataset);
          expect(keysOf(page)).toEqual(keys.filter((_key, at) => at !== index));
        }
      });
    });

    it('that are not unique, may be NULL, are of floating point or cannot be ordered are refused', async () => {
      const { knex } = fixture;
      await knex.raw(
        'CREATE TABLE loose (a INT NOT NULL, b INT NULL UNIQUE, c DOUBLE NOT NULL UNIQUE, recorded DATETIME)',
      );
      const refusalOf = async (key: string[]) => {
        const { reader, dataset } = fixture.open({
          dataset: 'loose',
          table: 'loose',
          key,
          class: 'thing',
          start,
        });
        return reader.check(dataset('loose'), ['purge']);
      };
      expect(await refusalOf(['a'])).toEqual([
        {
          dataset: 'loose',
          message: expect.stringContaining('"a" is not a primary or unique'),
          hint: 'Use key: [c]',
        },
      ]);
      expect((await refusalOf(['b']))[0]?.message).toContain('"b" is not a primary or unique');
      expect((await refusalOf(['c']))[0]?.message).toContain('floating-point');
    });

    it('of a table without any are refused with the way to add one', async () => {
      await fixture.knex.raw('CREATE TABLE keyless (a INT NOT NULL, recorded DATETIME)');
      const { reader, dataset } = fixture.open({
        dataset: 'keyless',
        table: 'keyless',
        key: ['a'],
        class: 'thing',
        start,
      });
      expect((await reader.check(dataset('keyless'), ['purge']))[0]?.hint).toContain(
        'ALTER TABLE keyless ADD COLUMN',
      );
    });

    it('that are part of a longer key are refused, and unique indexes are as good as a primary key', async () => {
      await fixture.knex.raw(
        'CREATE TABLE phone_lines (a INT NOT NULL, b INT NOT NULL, c VARCHAR(20) NOT NULL, recorded DATETIME, PRIMARY KEY (a, b))',
      );
      await fixture.knex.raw('CREATE UNIQUE INDEX lines_c ON phone_lines (c)');
      const check = async (key: string[]) => {
        const { reader, dataset } = fixture.open({
          dataset: 'lines',
          table: 'phone_lines',
          key,
          class: 'thing',
          start,
        });
        return (await reader.check(dataset('lines'), ['purge'])).map(one => one.hint);
      };
      expect(await check(['a'])).toEqual(['Use key: [a, b] or [c]']);
      expect(await check(['a', 'b'])).toEqual([]);
      expect(await check(['b', 'a'])).toEqual([]);
      expect(await check(['c'])).toEqual([]);
    });

    it('are walked in the order that the data map names their columns in', async () => {
      await fixture.knex.raw(
        'CREATE TABLE turned (a INT NOT NULL, b INT NOT NULL, recorded DATETIME, PRIMARY KEY (a, b))',
      );
      for (const [a, b] of [
        [1, 3],
        [2, 1],
        [2, 2],
        [3, 1],
      ])
        await fixture.knex('turned').insert({ a, b });
      const { reader, dataset } = fixture.open({
        dataset: 'turned',
        table: 'turned',
        key: ['b', 'a'],
        class: 'thing',
        start,
      });
      const pages = await pagesOf(reader, dataset('turned'), undefined, 1);
      expect(keysOf(pages.flat())).toEqual([
        ['1', '2'],
        ['1', '3'],
        ['2', '2'],
        ['3', '1'],
      ]);
    });

    it('name columns that are there: every one that is missing is reported', async () => {
      await fixture.knex.raw('CREATE TABLE short (id INT PRIMARY KEY, recorded DATETIME)');
      const { reader, dataset } = fixture.open({
        dataset: 'short',
        table: 'short',
        key: ['no_key'],
        class: { column: 'no_tag', values: { a: 'thing' } },
        customer: 'no_customer',
        numbers: ['no_number'],
        jurisdiction: { column: 'no_country' },
        bytes: 'no_bytes',
        start: { ...start, column: 'no_start' },
        flag: { column: 'no_flag', value: '1' },
        anonymise: {
          fields: [{ column: 'no_field', mask: null }],
          marker: { column: 'no_marker', value: '1' },
        },
      });
      const found = await reader.check(dataset('short'), ['purge']);
      const columns = [
        'key',
        'tag',
        'customer',
        'number',
        'country',
        'bytes',
        'flag',
        'field',
        'marker',
        'start',
      ];
      expect(found.map(one => one.message)).toEqual(
        columns.map(column => `table "short" has no column "no_${column}"`),
      );
      expect(new Set(found.map(one => one.hint))).toEqual(new Set(['It has id, recorded']));
    });

    it('of views are refused', async () => {
      await fixture.knex.raw('CREATE TABLE base (id INT PRIMARY KEY, recorded DATETIME)');
      await fixture.knex.raw('CREATE VIEW looking AS SELECT * FROM base');
      const { reader, dataset } = fixture.open({
        dataset: 'looking',
        table: 'looking',
        key: ['id'],
        class: 'thing',
        start,
      });
      expect((await reader.check(dataset('looking'), ['purge']))[0]?.message).toContain('is a view');
    });
  });
}
