// SQL stores find the rows that may name a file, whatever stands in its name: one that is not found would make an orphan of
// the file of a record, or take a file from a row that stays.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Naming } from '../../src/policy/naming.ts';
import type { OpenedSql, SqlFixture } from '../support/sql-fixture.ts';
import { keysOf } from '../support/store-use.ts';

const start = { event: 'recorded', column: 'recorded', unit: 'datetime', zone: 'UTC' } as const;
const naming = (columns: Naming['columns'], anyEnding: string | null = null): Naming => ({
  ...{ columns, anyEnding, starts: null },
});

/** Names that break whatever builds queries and patterns by hand, each with an ending. */
const NAMES = [
  'a.wav',
  'a.wav.old',
  "it's.wav",
  'say "hello".wav',
  '%.wav',
  '_.wav',
  '|.wav',
  'back\\slash.wav',
  'two\nlines.wav',
  '?.wav',
  'grün ☎.wav',
  'a/b.c/d',
  '.hidden',
];

export function describeSqlNamed(name: string, make: () => Promise<SqlFixture>): void {
  describe(`${name} finds rows by what they name`, () => {
    let fixture: SqlFixture;

    beforeAll(async () => {
      fixture = await make();
      const { knex } = fixture;
      const binary = fixture.kind === 'mysql' ? 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin' : '';
      for (const table of ['plain', 'with_index'])
        await knex.raw(
          `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, recorded DATETIME NOT NULL, name VARCHAR(100) ${binary}, part BIGINT, amount DECIMAL(10, 2))`,
        );
      await knex.raw('CREATE INDEX by_name ON with_index (name)');
      for (const table of ['plain', 'with_index'])
        await knex(table).insert(
          NAMES.map((one, id) => ({
            ...{ id, name: one, part: id, amount: id + 0.5 },
            recorded: `2026-0${1 + (id % 9)}-15 12:00:00`,
          })),
        );
    });
    afterAll(() => fixture.drop());

    const opened = new Map<string, OpenedSql>();
    const open = (table: string): OpenedSql => {
      const one = fixture.open({
        ...{ dataset: 'd', table, key: ['id'], class: 'thing', start },
        files: [{ store: 'files', path: '{part}/{amount}/{name}' }],
      });
      opened.set(table, one);
      return one;
    };
    const found = async (table: string, namings: readonly Naming[], pageRecords = 100): Promise<number[]> => {
      const { reader, dataset } = opened.get(table) ?? open(table);
      const pages: number[][] = [];
      for await (const page of reader.namedBy?.(dataset('d'), namings, pageRecords) ?? [])
        pages.push(keysOf(page).map(([id]) => Number(id)));
      expect(pages.filter(page => page.length < 1 || page.length > pageRecords)).toEqual([]);
      return pages.flat();
    };

    describe.each(['plain', 'with_index'])('in table %s', table => {
      it.each(NAMES.map((one, id) => [one, id] as const))('by the text %j', async (one, id) => {
        expect(await found(table, [naming({ name: one })])).toEqual([id]);
      });

      it.each([
        ['a', [0]],
        ['a.wav', [0, 1]],
        ["it's", [2]],
        ['%', [4]],
        ['_', [5]],
        ['|', [6]],
        ['back\\slash', [7]],
        ['two\nlines', [8]],
        ['?', [9]],
        ['grün ☎', [10]],
        ['a/b.c/d', [11]],
        ['no such', []],
      ])('by %j with any ending', async (stem, ids) => {
        // More may come, such as `a.wav.old` for `a`: never fewer.
        expect(await found(table, [naming({ name: stem }, 'name')])).toEqual(expect.arrayContaining(ids));
        if (stem.length === 1 && stem !== 'a')
          expect(await found(table, [naming({ name: stem }, 'name')])).toEqual(ids);
      });

      it.each([1, 3, 100])('several at once, %i to a page', async size => {
        const all = NAMES.map(one => naming({ name: one }));
        expect(await found(table, all, size)).toEqual(NAMES.map((_, id) => id));
      });
    });

    it('by whole numbers and decimals as they are written, and by what no number is', async () => {
      expect(await found('plain', [naming({ part: '3' })])).toEqual([3]);
      expect(await found('plain', [naming({ part: '007' })])).toEqual([7]);
      expect(await found('plain', [naming({ part: "'; DROP TABLE plain; --" })])).toEqual([]);
      expect(await found('plain', [naming({ part: 'a' }), naming({ part: '4' })])).toEqual([4]);
      expect(await found('plain', [naming({ amount: fixture.kind === 'mysql' ? '3.50' : '3.5' })])).toEqual([
        3,
      ]);
      expect(await found('plain', [naming({ amount: 'x' })])).toEqual([]);
    });

    it('by several columns, and more of them than one query takes', async () => {
      expect(await found('plain', [naming({ name: 'a.wav', part: '0' })])).toEqual([0]);
      expect(await found('plain', [naming({ name: 'a.wav', part: '1' })])).toEqual([]);
      const many = Array.from({ length: 12_000 }, (_, at) => naming({ name: `${at}`, part: `${at}` }));
      many.splice(11_000, 0, naming({ name: '.hidden', part: '12' }));
      expect(await found('plain', many)).toEqual([12]);
    });

    it('of a time, and of no other', async () => {
      const of = (from: string, before: string): Naming => ({
        ...naming({}),
        starts: { fromMs: Date.parse(from), beforeMs: Date.parse(before) },
      });
      expect(await found('plain', [of('2026-02-01T00:00:00Z', '2026-03-01T00:00:00Z')])).toEqual([1, 10]);
      expect(await found('plain', [of('2026-02-15T12:00:00Z', '2026-02-15T12:00:01Z')])).toEqual([1, 10]);
      expect(await found('plain', [])).toEqual([]);
    });
  });
}
