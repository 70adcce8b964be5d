// Tables that are named by date, as each kind of store finds them: those that are there, as datasets of their own, and what
// comes of an order for one that has gone. A dataset of one table that is not there stays an error.
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { datasetNamed, expandMaps } from '../../src/plan/expand-maps.ts';
import { makePlan, scanPlace } from '../../src/plan/make-plan.ts';
import { kinds } from '../../src/stores/kinds.ts';
import type { Dataset } from '../../src/stores/store.ts';
import { policyOf } from '../ledger/sample-log.ts';
import { freshFolder } from '../support/databases.ts';
import { kindsHere } from '../support/first-server.ts';
import { policySetOf, smallRun } from '../support/small-run.ts';
import { mysqlFixture, type SqlFixture, sqliteFixture } from '../support/sql-fixture.ts';
import { type DatasetFile, sqlMap } from '../support/store-maps.ts';

let fixture: SqlFixture;
afterEach(() => fixture.drop());

const DATED: DatasetFile = {
  dataset: 'calls',
  tables: 'cdr_{yyyyMM}',
  key: ['id'],
  class: 'cdr',
  start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
};
const { tables: _, ...SINGLE } = DATED;

async function make(kind: 'mysql' | 'sqlite', ...tables: readonly string[]): Promise<void> {
  fixture = await (kind === 'mysql' ? mysqlFixture : sqliteFixture)();
  for (const table of tables) {
    await fixture.knex.raw(`CREATE TABLE ${table} (id INTEGER NOT NULL PRIMARY KEY, at DATETIME)`);
    await fixture.knex(table).insert([1, 2, 3].map(id => ({ id, at: '2020-01-01 00:00:00' })));
  }
}

/** The datasets of the tables that are there, by name. */
async function found(...datasets: DatasetFile[]): Promise<Record<string, string>> {
  const map = sqlMap(fixture.kind, datasets);
  const reader = kinds[fixture.kind].openReader(map, fixture.at);
  try {
    const { stores } = await expandMaps([map], new Map([[map.name, reader]]));
    return Object.fromEntries(stores.flatMap(one => one.datasets.map(({ name, at }) => [name, at])));
  } finally {
    await reader.close();
  }
}

function member(name: string, ...datasets: DatasetFile[]): Dataset {
  const dataset = datasetNamed(sqlMap(fixture.kind, datasets), name);
  if (dataset === null) throw new Error(`no dataset ${name}`);
  return dataset;
}

describe.each(kindsHere)('%s', kind => {
  test('each table that is there is a dataset; a view, a name that is alike and other datasets are not', async () => {
    await make(
      kind,
      'cdr_202401',
      'cdr_202402',
      'cdr_202413',
      'cdr_2024',
      'cdr',
      'xcdr_202401',
      'cdrX202401',
    );
    await fixture.knex.raw('CREATE VIEW cdr_202403 AS SELECT * FROM cdr');
    expect(await found(DATED, { ...SINGLE, dataset: 'now', table: 'cdr' })).toEqual({
      'calls:cdr_202401': 'cdr_202401',
      'calls:cdr_202402': 'cdr_202402',
      now: 'cdr',
    });
    expect(await found({ ...DATED, tables: 'none_{yyyy}' })).toEqual({ calls: 'none_{yyyy}' });
  });

  test('of a table that has gone, described or not, every key is gone', async () => {
    await make(kind, 'cdr_202401', 'cdr_202402', 'cdr');
    const { store, reader } = fixture.open(DATED);
    const keys = [['1'], ['2']];
    const gone = keys.map(key => ({ key, did: 'spared', why: 'gone', by: 'with its table' }));
    for (const [table, isKnown] of [
      ['cdr_202401', true],
      ['cdr_202402', false],
    ] as const) {
      const dataset = member(`calls:${table}`, DATED);
      if (isKnown) expect(await store.check(dataset, ['purge'])).toEqual([]);
      expect(await reader.datedTables?.isGone(dataset)).toBe(false);
      await fixture.knex.raw(`DROP TABLE ${table}`);
      expect(await reader.datedTables?.isGone(dataset)).toBe(true);
      const order = { dataset, disposition: 'purge', keys, children: [] } as const;
      expect(await store.dispose(order, async all => all.map(() => ({ go: true })))).toEqual(gone);
    }
  });

  test('a table of a dataset of its own that is not there is an error, and not gone', async () => {
    await make(kind, 'cdr');
    const { store, dataset, order } = fixture.open({ ...SINGLE, table: 'cdr' });
    await fixture.knex.raw('DROP TABLE cdr');
    expect(await store.datedTables?.isGone(dataset('calls'))).toBe(false);
    await expect(
      store.dispose(order('purge', [['1']]), async all => all.map(() => ({ go: true }))),
    ).rejects.toThrow('no table "cdr"');
  });

  test('a delete that reaches another table is seen from every one of them', async () => {
    await make(kind, 'cdr_202401', 'cdr_202402');
    await fixture.knex.raw(
      'CREATE TABLE costs (id INTEGER NOT NULL PRIMARY KEY, up INTEGER, FOREIGN KEY (up) REFERENCES cdr_202402 (id) ON DELETE CASCADE)',
    );
    const { reader } = fixture.open(DATED);
    const check = (name: string) => reader.check(member(name, DATED), ['purge']);
    expect(await check('calls:cdr_202401')).toEqual([]);
    expect((await check('calls:cdr_202402')).map(({ message }) => message)).toEqual([
      'deleting from "cdr_202402" reaches into "costs" by foreign key (cdr_202402 > costs)',
    ]);
  });
});

test.each(['before it is looked at', 'once it has been looked at'])(
  'a table that is dropped while a plan is made is left out of it, %s',
  async when => {
    await make('mysql', 'cdr_202401', 'cdr_202402', 'cdr_202403');
    const folder = await freshFolder();
    const map = sqlMap('mysql', [DATED]);
    const small = await smallRun({
      ledgerAt: `${folder.path}/ledger.db`,
      maps: [map],
      at: { tested: fixture.at },
      policySet: policySetOf([policyOf('cdr', 'P30D', 'purge')]),
      nowMs: Date.now(),
    });
    const reader = kinds.mysql.openReader(map, fixture.at);
    try {
      const dropsAt = when === 'before it is looked at' ? 'cdr_202401' : 'cdr_202402';
      const plan = await makePlan(
        {
          ...{ id: 'plan-1', job: small.job, source: { kind: 'scan' }, policySet: small.rules.policySet },
          ...{ stores: [map], readers: new Map([[map.name, reader]]), ledger: small.ledger },
          ...{ madeAtMs: Date.now(), moment: small.moment(), hashKey: '', onProgress: () => undefined },
        },
        async (place, input, rules) => {
          if (place.dataset.at === dropsAt) await fixture.knex.raw('DROP TABLE cdr_202402');
          return scanPlace(place, input, rules);
        },
      );
      expect(plan.parts.filter(({ counts }) => counts.due > 0).map(({ dataset }) => dataset)).toEqual([
        'calls:cdr_202401',
        'calls:cdr_202403',
      ]);
      expect(plan.parts.flatMap(({ findings }) => findings.map(({ code }) => code))).toEqual(['overdue']);
      expect((await small.enforce(plan)).state).toBe('done');
    } finally {
      await reader.close();
      await small.close();
      await folder.remove();
    }
  },
);

test('a table that the user may not see is not gone', async () => {
  await make('mysql', 'cdr_202401', 'other');
  const url = new URL(fixture.at);
  const [name, home] = [`t_${randomBytes(6).toString('hex')}`, url.pathname.slice(1)];
  await fixture.knex.raw(`CREATE USER '${name}'@'%' IDENTIFIED BY 'tests'`);
  try {
    await fixture.knex.raw(`GRANT SELECT ON \`${home}\`.other TO '${name}'@'%'`);
    [url.username, url.password] = [name, 'tests'];
    const map = sqlMap('mysql', [DATED]);
    const reader = kinds.mysql.openReader(map, url.href);
    try {
      for (const table of ['cdr_202401', 'cdr_209912'])
        expect(await reader.datedTables?.isGone(member(`calls:${table}`, DATED)), table).toBe(false);
      expect(await reader.datedTables?.list(member('calls', DATED))).toEqual([]);
    } finally {
      await reader.close();
    }
  } finally {
    await fixture.knex.raw(`DROP USER '${name}'@'%'`);
  }
});

test('a table that another dataset names with its schema is claimed by both', async () => {
  await make('mysql', 'cdr_202401', 'cdr_202402');
  const home = new URL(fixture.at).pathname.slice(1);
  const map = sqlMap('mysql', [{ ...SINGLE, dataset: 'old', table: `${home}.cdr_202401` }, DATED]);
  const reader = kinds.mysql.openReader(map, fixture.at);
  try {
    const { stores, claimOf } = await expandMaps([map], new Map([[map.name, reader]]));
    const claims = stores[0]?.datasets.map(dataset => [dataset.name, claimOf(dataset)?.message ?? null]);
    expect(claims).toEqual([
      ['old', expect.stringContaining('is meant by "old" and by "calls:cdr_202401"')],
      ['calls:cdr_202401', expect.stringContaining('is meant by "calls:cdr_202401" and by "old"')],
      ['calls:cdr_202402', null],
    ]);
  } finally {
    await reader.close();
  }
});

test('a name in an address is the dataset of a table, whether it is there or not, or nothing', async () => {
  await make('sqlite');
  const map = sqlMap('sqlite', [DATED, { ...SINGLE, dataset: 'now', table: 'cdr' }]);
  const at = (name: string): string | null => datasetNamed(map, name)?.at ?? null;
  expect(at('calls:cdr_202401')).toBe('cdr_202401');
  expect(at('calls')).toBe('cdr_{yyyyMM}');
  expect(at('now')).toBe('cdr');
  for (const name of [
    'calls:cdr_202413',
    'calls:cdr',
    'calls:',
    'now:cdr',
    'now:cdr_202401',
    'other',
    ':cdr_202401',
  ])
    expect(at(name), name).toBeNull();
});
