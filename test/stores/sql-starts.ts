// Which rows an SQL store finds for a range of starts. A start that says nothing must come up as doubtful, where it is
// counted and shown, and never among those that could be due.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBound } from '../../src/policy/start.ts';
import type { ScanRange } from '../../src/stores/scan-range.ts';
import type { Dataset } from '../../src/stores/store.ts';
import type { SqlFixture } from '../support/sql-fixture.ts';
import type { DatasetFile } from '../support/store-maps.ts';
import { namesOf, scanned } from '../support/store-use.ts';

const NOW_MS = Date.UTC(2025, 5, 1, 12);

function started(
  dataset: Dataset,
  beforeMs: number,
  more: { customer?: string; key?: string[] } = {},
): ScanRange {
  return {
    tags: null,
    which: {
      kind: 'started',
      plausibleFrom: startBound(dataset.start.plausibleFromMs, dataset.start) ?? '',
      from: null,
      before: startBound(beforeMs, dataset.start) ?? '',
      customer: more.customer ?? null,
      key: more.key ?? null,
    },
  };
}

function doubtful(dataset: Dataset): ScanRange {
  return {
    tags: null,
    which: {
      kind: 'doubtful',
      plausibleFrom: startBound(dataset.start.plausibleFromMs, dataset.start) ?? '',
      future: startBound(NOW_MS, dataset.start) ?? '',
    },
  };
}

type Start = NonNullable<DatasetFile['start']>;
const recorded = (unit: NonNullable<Start['unit']>, sentinels: string[] = []): Start => ({
  event: 'recorded',
  column: 'recorded',
  unit,
  ...(['datetime', 'date'].includes(unit) ? { zone: 'UTC' } : {}),
  sentinels,
});

/** One table for each unit: old and recent are due-able starts, the others must all be in doubt. */
const UNITS: readonly {
  readonly unit: 'datetime' | 'date' | 'timestamp' | 'epoch-s' | 'epoch-ms' | 'epoch-us';
  readonly type: string;
  readonly sentinels: string[];
  readonly old: unknown;
  readonly recent: unknown;
  readonly doubts: Readonly<Record<string, unknown>>;
}[] = [
  {
    unit: 'datetime',
    type: 'DATETIME(6) NULL',
    sentinels: ['2001-01-01 00:00:00.000000', '2001-01-01 00:00:00'],
    old: '2015-06-01 10:00:00.123456',
    recent: '2025-05-01 00:00:00',
    doubts: {
      zero: '0000-00-00 00:00:00',
      sentinel: '2001-01-01 00:00:00',
      future: '2031-01-01 00:00:00',
      early: '1994-12-31 23:59:59',
    },
  },
  {
    unit: 'date',
    type: 'DATE NULL',
    sentinels: ['2001-01-01'],
    old: '2015-06-01',
    recent: '2025-05-01',
    doubts: { zero: '0000-00-00', sentinel: '2001-01-01', future: '2031-01-01', early: '1994-12-30' },
  },
  {
    unit: 'timestamp',
    type: 'TIMESTAMP NULL DEFAULT NULL',
    sentinels: ['2001-01-01 00:00:00'],
    old: '2015-06-01 10:00:00',
    recent: '2025-05-01 00:00:00',
    doubts: {
      zero: '0000-00-00 00:00:00',
      sentinel: '2001-01-01 00:00:00',
      future: '2031-01-01 00:00:00',
      early: '1994-12-31 23:59:59',
    },
  },
  {
    unit: 'epoch-s',
    type: 'INT NULL',
    sentinels: ['978307200'],
    old: 1433152800,
    recent: 1746057600,
    doubts: { zero: 0, sentinel: 978307200, future: 1924992000, early: 788918399, negative: -1 },
  },
  {
    unit: 'epoch-ms',
    type: 'BIGINT NULL',
    sentinels: [],
    old: 1433152800123,
    recent: 1746057600000,
    doubts: { zero: 0, inSeconds: 1433152800, future: 1924992000000 },
  },
  {
    unit: 'epoch-us',
    type: 'DECIMAL(20, 0) NULL',
    sentinels: [],
    old: 1433152800123456,
    recent: 1746057600000000,
    doubts: { zero: 0, inMilliseconds: 1433152800123, future: 1924992000000000 },
  },
];

export function describeSqlStarts(name: string, makeFixture: () => Promise<SqlFixture>): void {
  describe(`starts in ${name}`, () => {
    let fixture: SqlFixture;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.drop());

    const insert = async (
      table: string,
      rows: readonly Readonly<Record<string, unknown>>[],
    ): Promise<void> => {
      await fixture.knex.transaction(async transaction => {
        // A session that lets zero dates in, as the servers did that wrote them.
        if (fixture.kind === 'mysql')
          await transaction.raw("SET SESSION sql_mode = '', time_zone = '+00:00'");
        for (const row of rows) await transaction(table).insert(row);
      });
    };

    describe.each(UNITS.map(one => [one.unit, one] as const))('as %s', (unit, one) => {
      const table = `starts_${unit.replace('-', '_')}`;
      beforeAll(async () => {
        await fixture.knex.raw(`CREATE TABLE ${table} (id VARCHAR(20) PRIMARY KEY, recorded ${one.type})`);
        const all = { old: one.old, recent: one.recent, missing: null, ...one.doubts };
        await insert(
          table,
          Object.entries(all).map(([id, value]) => ({ id, recorded: value })),
        );
      });
      const open = () => {
        const opened = fixture.open({
          dataset: unit,
          table,
          key: ['id'],
          class: 'thing',
          start: recorded(unit, one.sentinels),
        });
        return { ...opened, dataset: opened.dataset(unit) };
      };

      it('fit', async () => {
        const { reader, dataset } = open();
        expect(await reader.check(dataset, ['purge'])).toEqual([]);
      });

      it('gives only those that can be due, and all of them', async () => {
        const { reader, dataset } = open();
        expect(namesOf(await scanned(reader, dataset, started(dataset, NOW_MS)))).toEqual(['old', 'recent']);
        const before = Date.UTC(2020, 0, 1);
        expect(namesOf(await scanned(reader, dataset, started(dataset, before)))).toEqual(['old']);
      });

      it('gives all the others as doubtful', async () => {
        const { reader, dataset } = open();
        const doubts = [...Object.keys(one.doubts), 'missing'].sort();
        expect(namesOf(await scanned(reader, dataset, doubtful(dataset)))).toEqual(doubts);
      });

      it('gives exact text', async () => {
        const { reader, dataset } = open();
        const [old] = await reader.find(dataset, [['old']]);
        expect(old?.start.value?.startsWith(String(one.old))).toBe(true);
      });
    });

    it('narrows to one customer or one key', async () => {
      await fixture.knex.raw(
        'CREATE TABLE narrow (id INT PRIMARY KEY, customer VARCHAR(20), recorded DATETIME)',
      );
      await insert('narrow', [
        { id: 1, customer: 'acme', recorded: '2015-01-01 00:00:00' },
        { id: 2, customer: 'other', recorded: '2015-01-01 00:00:00' },
        { id: 3, customer: 'acme', recorded: '2024-01-01 00:00:00' },
      ]);
      const { reader, dataset } = fixture.open({
        dataset: 'narrow',
        table: 'narrow',
        key: ['id'],
        class: 'thing',
        customer: 'customer',
        start: recorded('datetime'),
      });
      const range = (more: { customer?: string; key?: string[] }) =>
        started(dataset('narrow'), Date.UTC(2020, 0, 1), more);
      const find = async (more: { customer?: string; key?: string[] }) =>
        namesOf(await scanned(reader, dataset('narrow'), range(more)));
      expect(await find({})).toEqual(['1', '2']);
      expect(await find({ customer: 'acme' })).toEqual(['1']);
      expect(await find({ key: ['2'] })).toEqual(['2']);
      expect(await find({ key: ['3'] })).toEqual([]);
    });

    it('keeps to the tags that are asked for, and counts those that no class is declared for', async () => {
      await fixture.knex.raw('CREATE TABLE tagged (id INT PRIMARY KEY, type VARCHAR(20), recorded DATETIME)');
      const tags = ['call', 'call', 'fax', 'oddity', null];
      await insert(
        'tagged',
        tags.map((type, id) => ({ id, type, recorded: '2015-01-01 00:00:00' })),
      );
      const { reader, dataset } = fixture.open({
        dataset: 'tagged',
        table: 'tagged',
        key: ['id'],
        class: { column: 'type', values: { call: 'recording', fax: 'fax' } },
        start: recorded('datetime'),
      });
      const range: ScanRange = { ...started(dataset('tagged'), NOW_MS), tags: ['call'] };
      expect(namesOf(await scanned(reader, dataset('tagged'), range))).toEqual(['0', '1']);
      expect(await reader.count(dataset('tagged'), ['call'], 'exact')).toEqual({
        stored: 2,
        isEstimate: false,
        notStarted: 0,
      });
      expect(await reader.count(dataset('tagged'), null, 'estimate')).toEqual({
        stored: 5,
        isEstimate: false,
        notStarted: 0,
      });
      expect(await reader.unclassified(dataset('tagged'))).toEqual({ count: 2, samples: [['3'], ['4']] });
    });

    describe('of accounts whose closing date rows of another table tell', () => {
      const told = {
        ...{ dataset: 'told', table: 'holders', key: ['id'], class: 'account' },
        start: {
          ...{ event: 'account-closed', unit: 'datetime', zone: 'UTC' },
          history: {
            ...{ table: 'changes', on: { holder: 'id' }, column: 'at' },
            status: { column: 'became', closed: ['closed', '7'] },
          },
        },
      } as const satisfies DatasetFile;
      const { history: _, ...plain } = told.start;
      const ending: DatasetFile = {
        ...told,
        dataset: 'ending',
        start: { ...plain, last: { table: 'changes', on: { holder: 'id' }, column: 'at' } },
      };
      const CHANGES: Readonly<
        Record<string, readonly (readonly [became: string | null, at: string | null])[]>
      > = {
        none: [],
        closed: [
          ['open', '2014-01-01 00:00:00'],
          ['closed', '2015-01-01 00:00:00'],
        ],
        inNumbers: [['7', '2015-01-01 00:00:00']],
        reopened: [
          ['open', '2015-01-01 00:00:00'],
          ['closed', '2014-01-01 00:00:00'],
        ],
        tied: [
          ['open', '2015-01-01 00:00:00'],
          ['7', '2015-01-01 00:00:00'],
        ],
        missing: [
          ['open', null],
          ['closed', '2015-01-01 00:00:00'],
        ],
        zero: [
          ['open', '0000-00-00 00:00:00'],
          ['closed', '2015-01-01 00:00:00'],
        ],
        early: [
          ['open', '1971-01-01 00:00:00'],
          ['closed', '2015-01-01 00:00:00'],
        ],
        future: [
          ['open', '2031-01-01 00:00:00'],
          ['closed', '2015-01-01 00:00:00'],
        ],
        capital: [['CLOSED', '2015-01-01 00:00:00']],
      };
      beforeAll(async () => {
        await fixture.knex.raw('CREATE TABLE holders (id VARCHAR(20) PRIMARY KEY, status VARCHAR(20))');
        await fixture.knex.raw(
          'CREATE TABLE changes (holder VARCHAR(20), became VARCHAR(20), at DATETIME NULL)',
        );
        await insert(
          'holders',
          Object.keys(CHANGES).map(id => ({ id })),
        );
        await insert(
          'changes',
          Object.entries(CHANGES).flatMap(([holder, changes]) =>
            changes.map(([became, at]) => ({ holder, became, at })),
          ),
        );
      });
      const ask = async (file: DatasetFile) => {
        const opened = fixture.open(file);
        const dataset = opened.dataset(file.dataset);
        expect(await opened.reader.check(dataset, ['purge'])).toEqual([]);
        return {
          started: namesOf(await scanned(opened.reader, dataset, started(dataset, NOW_MS))),
          doubtful: namesOf(await scanned(opened.reader, dataset, doubtful(dataset))),
          counted: await opened.reader.count(dataset, null, 'exact'),
        };
      };

      it('by the latest change', async () => {
        expect(await ask(told)).toEqual({
          started: ['closed', 'inNumbers'],
          doubtful: ['early', 'future', 'missing', 'tied', 'zero'],
          // Whether a change lies in the future is not for the store to say.
          counted: { stored: 10, isEstimate: false, notStarted: 4 },
        });
      });

      it('by the last end', async () => {
        expect(await ask(ending)).toEqual({
          started: ['capital', 'closed', 'inNumbers', 'reopened', 'tied'],
          doubtful: ['early', 'future'],
          counted: { stored: 10, isEstimate: false, notStarted: 3 },
        });
      });

      it('say what their rows say, for one as for all', async () => {
        const { reader, dataset } = fixture.open(told);
        const found = await reader.find(dataset('told'), [['closed'], ['reopened'], ['none']]);
        const all = (await scanned(reader, dataset('told'))).filter(({ key }) =>
          found.some(one => one.key[0] === key[0]),
        );
        const starts = (records: typeof found) =>
          Object.fromEntries(records.map(({ key, start }) => [key[0], start]));
        expect(starts(found)).toEqual(starts(all));
        const [early, late] = ['2014-01-01 00:00:00', '2015-01-01 00:00:00'].map(at =>
          expect.stringMatching(new RegExp(`^${at}`)),
        );
        expect(starts(found)).toMatchObject({
          closed: { value: late, rows: { say: 'closed', other: early } },
          reopened: { value: late, rows: { say: 'open', other: early } },
          none: { value: null, rows: { say: 'none', other: null } },
        });
      });

      it('are ruled on as they are under lock', async () => {
        const { store, order } = fixture.open(told);
        const shown: unknown[] = [];
        const outcomes = await store.dispose(order('purge', [['inNumbers']]), async records => {
          shown.push(...records.map(({ start }) => start.rows?.say));
          return records.map(() => ({ go: true }));
        });
        expect(shown).toEqual(['closed']);
        expect(outcomes).toEqual([{ key: ['inNumbers'], did: 'purged' }]);
      });

      it('are found by one customer or one key, and by two columns', async () => {
        await fixture.knex.raw(
          'CREATE TABLE tenants (tenant INT, id INT, owner VARCHAR(20), PRIMARY KEY (tenant, id))',
        );
        await fixture.knex.raw('CREATE TABLE ends (id INT, `of` INT, at DATETIME NULL)');
        await insert('tenants', [
          { tenant: 1, id: 1, owner: 'acme' },
          { tenant: 1, id: 2, owner: 'other' },
          { tenant: 2, id: 1, owner: 'acme' },
        ]);
        await insert('ends', [
          { of: 1, id: 1, at: '2015-01-01 00:00:00' },
          { of: 1, id: 2, at: '2015-01-01 00:00:00' },
          { of: 2, id: 1, at: null },
        ]);
        const { reader, dataset } = fixture.open({
          ...{ dataset: 'tenants', table: 'tenants', key: ['tenant', 'id'], class: 'account' },
          customer: 'owner',
          start: { ...plain, last: { table: 'ends', on: { of: 'tenant', id: 'id' }, column: 'at' } },
        });
        const found = async (more: { customer?: string; key?: string[] }) =>
          namesOf(await scanned(reader, dataset('tenants'), started(dataset('tenants'), NOW_MS, more)));
        expect(await found({})).toEqual(['1 1', '1 2']);
        expect(await found({ customer: 'acme' })).toEqual(['1 1']);
        expect(await found({ key: ['1', '2'] })).toEqual(['1 2']);
        expect(await found({ key: ['2', '1'] })).toEqual([]);
        const [open] = await reader.find(dataset('tenants'), [['2', '1']]);
        expect(open?.start.rows?.say).toBe('open');
      });

      it('leave out what is spelt in two ways', async () => {
        await insert('changes', [{ holder: 'closeD', became: 'open', at: '2016-01-01 00:00:00' }]);
        const { reader, dataset } = fixture.open(told);
        const [found] = await reader.find(dataset('told'), [['closed']]);
        // SQLite takes the two for two accounts.
        expect(found?.start.rows?.say).toBe(fixture.kind === 'mysql' ? 'tied' : 'closed');
      });
    });

    describe('of accounts and what hangs on them', () => {
      const closed = { event: 'account-closed', column: 'closed_at', unit: 'datetime', zone: 'UTC' } as const;
      const byDate: DatasetFile = {
        dataset: 'by-date',
        table: 'accounts',
        key: ['id'],
        class: 'account',
        start: closed,
      };
      const byStatus: DatasetFile = {
        ...byDate,
        dataset: 'by-status',
        start: { ...closed, status: { column: 'status', closed: ['closed', 'ended'] } },
      };
      const letters = (of: string): DatasetFile => ({
        dataset: 'letters',
        table: 'letters',
        key: ['id'],
        class: 'letter',
        start: { event: 'account-closed', from: { dataset: of, on: { account_id: 'id' } } },
      });
      beforeAll(async () => {
        await fixture.knex.raw(
          'CREATE TABLE accounts (id VARCHAR(20) PRIMARY KEY, status VARCHAR(20), closed_at DATETIME)',
        );
        await fixture.knex.raw('CREATE TABLE letters (id VARCHAR(20) PRIMARY KEY, account_id VARCHAR(20))');
        const accounts = {
          closed: ['closed', '2015-01-01 00:00:00'],
          ended: ['ended', '2016-01-01 00:00:00'],
          open: ['open', null],
          noStatus: [null, null],
          closedUndated: ['closed', null],
          openDated: ['open', '2015-01-01 00:00:00'],
          noStatusDated: [null, '2015-01-01 00:00:00'],
          future: ['closed', '2031-01-01 00:00:00'],
        };
        const rows = Object.entries(accounts);
        await insert(
          'accounts',
          rows.map(([id, [status, at]]) => ({ id, status, closed_at: at })),
        );
        await insert('letters', [
          ...rows.map(([id]) => ({ id, account_id: id })),
          { id: 'orphan', account_id: 'lost' },
        ]);
        await insert('letters', [{ id: 'astray', account_id: null }]);
      });
      const ask = async (...datasets: DatasetFile[]) => {
        const { reader, dataset } = fixture.open(...datasets);
        const first = dataset(datasets[0]?.dataset ?? '');
        expect(await reader.check(first, ['purge'])).toEqual([]);
        return {
          started: namesOf(await scanned(reader, first, started(first, NOW_MS))),
          doubtful: namesOf(await scanned(reader, first, doubtful(first))),
          counted: await reader.count(first, null, 'exact'),
        };
      };

      it('by the date alone: no date is an open account', async () => {
        expect(await ask(byDate)).toEqual({
          started: ['closed', 'ended', 'noStatusDated', 'openDated'],
          doubtful: ['future'],
          counted: { stored: 8, isEstimate: false, notStarted: 3 },
        });
      });

      it('by date and status: the two must agree', async () => {
        expect(await ask(byStatus)).toEqual({
          started: ['closed', 'ended'],
          doubtful: ['closedUndated', 'future', 'noStatusDated', 'openDated'],
          counted: { stored: 8, isEstimate: false, notStarted: 4 },
        });
      });

      it('through the account, by the date alone: a letter without an account is in doubt', async () => {
        expect(await ask(letters('by-date'), byDate)).toEqual({
          started: ['closed', 'ended', 'noStatusDated', 'openDated'],
          doubtful: ['astray', 'future', 'orphan'],
          counted: { stored: 10, isEstimate: false, notStarted: 3 },
        });
      });

      it('through the account, by date and status', async () => {
        expect(await ask(letters('by-status'), byStatus)).toEqual({
          started: ['closed', 'ended'],
          doubtful: ['astray', 'closedUndated', 'future', 'noStatusDated', 'openDated', 'orphan'],
          counted: { stored: 10, isEstimate: false, notStarted: 4 },
        });
      });

      it('say whether their account was found, and what it says', async () => {
        const { reader, dataset } = fixture.open(letters('by-status'), byStatus);
        const found = await reader.find(dataset('letters'), [['ended'], ['orphan']]);
        expect(Object.fromEntries(found.map(record => [record.key[0], record.start]))).toEqual({
          ended: { value: expect.stringMatching(/^2016-01-01 00:00:00/), status: 'ended', sourceFound: true },
          orphan: { value: null, status: null, sourceFound: false },
        });
      });

      it('refuse a join on what is not unique', async () => {
        const { reader, dataset } = fixture.open(
          {
            ...letters('by-date'),
            start: { event: 'account-closed', from: { dataset: 'by-date', on: { account_id: 'status' } } },
          },
          byDate,
        );
        expect((await reader.check(dataset('letters'), ['purge'])).map(one => one.message)).toEqual([
          '"status" is not unique in "accounts"',
        ]);
      });
    });
  });
}
