// Names that mean something to somebody on their way to a server: each is a table's, a column's and a database's here. It works
// as what it is, or is refused by the place where it is written; never another result.
import { expect, test } from 'vitest';
import { storeFile } from '../../src/config/store-schema.ts';
import { policyOf } from '../ledger/sample-log.ts';
import { CALLS, DAY_MS, openCase, wallUtc } from '../support/case-rows.ts';
import { freshMysql } from '../support/databases.ts';
import type { DatasetFile } from '../support/store-maps.ts';
import { sqlMap } from '../support/store-maps.ts';

type Kind = 'mysql' | 'sqlite';

const NAMES: readonly string[] = [
  ...[
    'a.b',
    'a.b.c',
    '.x',
    'a..b',
    'a?',
    '?',
    '??',
    'a\\?',
    '\\',
    'a as b',
    'x AS y',
    ' blank before',
    'two  blanks',
  ],
  ...[
    ':name',
    '::',
    '{0}',
    '{yyyy}',
    '{',
    "it's",
    'say "so"',
    'back`tick',
    '``',
    '`a`.`b`',
    'a,b',
    'a;b',
    '--',
    '/* x */',
  ],
  ...[
    '%',
    'a_%',
    '*',
    't',
    's',
    'd',
    'h',
    'c',
    'tc',
    'o',
    'k0',
    'start',
    'say',
    'select',
    'order',
    'key',
    'Group',
    '2020',
  ],
  ...[
    '1e5',
    '$1',
    '$&',
    'ünïcode',
    '通話記録',
    'İstanbul',
    'ﷰ',
    '\uFDD0',
    '\uFDD00041',
    'a/b',
    '@x',
    '#x',
    'null',
    'constructor',
  ],
  'n'.repeat(64),
];

/** What validation refuses, each by its place. */
const REFUSED: readonly string[] = [
  '',
  'a\0b',
  'line\nbreak',
  'blank after ',
  'n'.repeat(65),
  '__proto__',
  'retention$t',
  'Retention$x',
];

const ROLES = ['key', 'start', 'customer', 'number', 'mask', 'flag', 'status', 'up'] as const;
type Role = (typeof ROLES)[number];

/** The name itself in one role, and with a letter behind it in the others. */
function namesFor(name: string, exact: Role): (role: Role) => string {
  return role => (role === exact ? name : `${[...name].slice(0, 62).join('')}${ROLES.indexOf(role)}`);
}

function tableNamed(name: string, letter: string): string {
  return letter === '' ? name : `${[...name].slice(0, 62).join('')}${letter}`;
}

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
const due = wallUtc(Date.now() - 90 * DAY_MS);
const young = wallUtc(Date.now() - 8 * DAY_MS);
const MASKED = { ...policyOf('masked', 'P30D', 'anonymise'), start: 'account-closed' as const };
const LETTERS = { ...policyOf('letters', 'P30D', 'purge'), start: 'account-closed' as const };
const FLAGGED = policyOf('flagged', 'P30D', 'flag');

function datasetsOf(kind: Kind, name: string, of: (role: Role) => string): DatasetFile[] {
  const start = { event: 'recorded', column: of('start'), unit: 'datetime', zone: 'UTC' } as const;
  return [
    {
      ...{ dataset: 'calls', table: name, key: [of('key')], class: 'call', start },
      ...{ customer: of('customer'), numbers: [of('number')] },
      children: [
        { table: tableNamed(name, 'x'), on: { [of('up')]: of('key') }, where: { [of('status')]: 'T' } },
      ],
    },
    {
      ...{
        dataset: 'accounts',
        table: tableNamed(name, 'a'),
        key: [of('key')],
        class: 'masked',
        customer: of('customer'),
      },
      start: {
        event: 'account-closed',
        unit: 'datetime',
        zone: 'UTC',
        history: {
          table: tableNamed(name, 'h'),
          on: { [of('up')]: of('key') },
          column: of('start'),
          status: { column: of('status'), closed: ['closed'] },
        },
      },
      anonymise: {
        fields: [{ column: of('mask'), mask: { text: 'gone' } }],
        marker: { column: of('flag'), value: 'masked' },
      },
    },
    {
      ...{
        dataset: 'letters',
        table: tableNamed(name, 'l'),
        key: [of('key')],
        class: 'letters',
        customer: of('customer'),
      },
      start: { event: 'account-closed', from: { dataset: 'accounts', on: { [of('up')]: of('key') } } },
    },
    {
      ...{ dataset: 'flagged', table: tableNamed(name, 'g'), key: [of('key')], class: 'flagged', start },
      ...{ customer: of('customer'), flag: { column: of('flag'), value: 'due' } },
    },
    ...(kind === 'sqlite'
      ? []
      : [
          {
            ...{ dataset: 'keyless', table: tableNamed(name, 'y'), keyless: true, class: 'call', start },
            customer: of('customer'),
          },
        ]),
  ];
}

function ddlOf(kind: Kind, name: string, of: (role: Role) => string): string[] {
  const column = (role: Role, type: string): string => `${quoted(of(role))} ${type}`;
  const table = (letter: string, ...columns: string[]): string =>
    `CREATE TABLE ${quoted(tableNamed(name, letter))} (${columns.join(', ')})`;
  const [key, up, start] = [
    column('key', 'INT NOT NULL PRIMARY KEY'),
    column('up', 'INT'),
    column('start', 'DATETIME'),
  ];
  const text = (role: Role): string => column(role, 'VARCHAR(40)');
  return [
    table('', key, start, text('customer'), text('number')),
    table('x', key, up, text('status')),
    table('a', key, text('customer'), text('mask'), text('flag')),
    table('h', key, up, start, text('status')),
    table('l', key, up, text('customer')),
    table('g', key, start, text('customer'), text('flag')),
    ...(kind === 'sqlite' ? [] : [table('y', start, text('customer'), text('number'))]),
    ...(kind === 'sqlite'
      ? []
      : [`CREATE INDEX ${quoted(name)} ON ${quoted(name)} (${quoted(of('start'))})`]),
  ];
}

function rowsOf(kind: Kind, name: string): string[] {
  const into = (letter: string, ...rows: string[]): string =>
    `INSERT INTO ${quoted(tableNamed(name, letter))} VALUES ${rows.join(', ')}`;
  return [
    into(
      '',
      `(1, '${due}', 'plain', '441')`,
      `(2, '${young}', 'plain', '441')`,
      `(3, '${due}', 'held-customer', '')`,
    ),
    into('x', "(1, 1, 'T')", "(2, 1, 'U')", "(3, 2, 'T')"),
    into('a', "(1, 'plain', 'Ann', '')", "(2, 'plain', 'Bob', '')"),
    into('h', `(1, 1, '${due}', 'closed')`, `(2, 2, '${due}', 'closed')`, `(3, 2, '${young}', 'open')`),
    into('l', "(1, 1, 'plain')", "(2, 2, 'plain')"),
    into('g', `(1, '${due}', 'plain', '')`, `(2, '${young}', 'plain', '')`),
    ...(kind === 'sqlite' ? [] : [into('y', `('${due}', 'plain', 'x')`, `('${young}', 'plain', 'x')`)]),
  ];
}

const cases = (['mysql', 'sqlite'] as const).flatMap(kind =>
  NAMES.map((name, at) => [kind, name, ROLES[at % ROLES.length] ?? 'key'] as const),
);

test.each(cases)(
  'in %s, %j is a name like any other, the very one of a %s too',
  async (kind, name, exact) => {
    const of = namesFor(name, exact);
    const run = await openCase({
      kind,
      ddl: [...ddlOf(kind, name, of), ...rowsOf(kind, name)],
      datasets: datasetsOf(kind, name, of),
      policies: [CALLS, MASKED, LETTERS, FLAGGED],
    });
    const column = async (letter: string, role: Role): Promise<unknown[]> => {
      const sql = `SELECT ${quoted(of(role))} AS v FROM ${quoted(tableNamed(name, letter))} ORDER BY ${quoted(of(letter === 'y' ? 'start' : 'key'))}`;
      const found = await run.knex.raw(sql);
      return (kind === 'mysql' ? found[0] : found).map(({ v }: { v: unknown }) => v);
    };
    try {
      const { plan } = await run.plan();
      expect(
        plan.parts.flatMap(({ findings }) => findings.filter(({ severity }) => severity === 'refused')),
      ).toEqual([]);
      expect(await run.enforce(plan)).toEqual({});
      expect(await column('', 'key')).toEqual([2, 3]);
      expect(await column('x', 'key')).toEqual([2, 3]);
      expect(await column('a', 'mask')).toEqual(['gone', 'Bob']);
      expect(await column('a', 'flag')).toEqual(['masked', '']);
      expect(await column('l', 'key')).toEqual([2]);
      expect(await column('g', 'flag')).toEqual(['due', '']);
      if (kind === 'mysql') expect((await column('y', 'number')).length).toBe(1);
    } finally {
      await run.drop();
    }
  },
);

test.each(REFUSED)('%j is refused where it is written', name => {
  const [calls] = datasetsOf('mysql', 'calls', namesFor('x', 'key'));
  const places: readonly (readonly [DatasetFile, (string | number)[]])[] = [
    [{ ...calls, table: name } as DatasetFile, ['table']],
    [{ ...calls, database: name } as DatasetFile, ['database']],
    [{ ...calls, key: [name] } as DatasetFile, ['key', 0]],
    [{ ...calls, customer: name } as DatasetFile, ['customer']],
    [{ ...calls, acknowledged: { cascades: [name] } } as DatasetFile, ['acknowledged', 'cascades', 0]],
  ];
  for (const [dataset, path] of places) {
    const read = storeFile.safeParse({
      store: 's',
      kind: 'mysql',
      url: { env: 'S_URL' },
      datasets: [dataset],
    });
    expect(read.error?.issues.map(issue => issue.path.join('.'))).toContain(
      ['datasets', 0, ...path].join('.'),
    );
  }
});

test.each(NAMES.filter(name => !/[./\\]|^ |\uFDD0/.test(name)))('a database is named %j', async name => {
  const database = `${[...name].slice(0, 40).join('')} ${Math.random().toString(36).slice(2, 10)}`;
  const server = await freshMysql();
  await server.knex.raw(`CREATE DATABASE ${quoted(database)}`);
  const inIt = (table: string): string => `${quoted(database)}.${quoted(table)}`;
  try {
    const run = await openCase({
      ddl: [
        `CREATE TABLE ${inIt('calls')} (id INT PRIMARY KEY, at DATETIME NOT NULL, customer VARCHAR(20))`,
        `CREATE TABLE ${inIt('legs')} (id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES ${inIt('calls')} (id) ON DELETE CASCADE)`,
        `INSERT INTO ${inIt('calls')} VALUES (1, '${due}', 'plain'), (2, '${young}', 'plain')`,
        `INSERT INTO ${inIt('legs')} VALUES (1, 1), (2, 2)`,
      ],
      datasets: [
        {
          ...{ dataset: 'calls', table: 'calls', database, key: ['id'], class: 'call', customer: 'customer' },
          start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
          acknowledged: { cascades: [{ database, table: 'legs' }] },
        },
      ],
    });
    try {
      const { plan, part } = await run.plan();
      expect(part.children).toEqual({ [`${database}.legs`]: 1 });
      await run.enforce(plan);
      const [rows] = await server.knex.raw(`SELECT id FROM ${inIt('legs')}`);
      expect(rows).toEqual([{ id: 2 }]);
    } finally {
      await run.drop();
    }
  } finally {
    await server.knex.raw(`DROP DATABASE ${quoted(database)}`);
    await server.drop();
  }
});

test.each(['t', 's', 'h', 'a', 'b', 'c'])('a table that is locked whole may be named %s', async name => {
  const run = await openCase({
    ddl: [
      `CREATE TABLE ${name} (id INT PRIMARY KEY, at DATETIME NOT NULL, customer VARCHAR(20)) ENGINE=MyISAM`,
      `INSERT INTO ${name} VALUES (1, '${due}', 'plain'), (2, '${young}', 'plain')`,
    ],
    datasets: [
      {
        ...{ dataset: 'calls', table: name, key: ['id'], class: 'call', customer: 'customer' },
        start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
      },
    ],
  });
  try {
    const { plan } = await run.plan();
    expect(await run.enforce(plan)).toEqual({});
    expect(await run.knex(name).pluck('id')).toEqual([2]);
  } finally {
    await run.drop();
  }
});

test('a name stays one on the way through a data map', () => {
  const [dataset] = sqlMap('mysql', datasetsOf('mysql', 'a.b', namesFor('a.b', 'key'))).datasets;
  expect(dataset?.table).toEqual({ database: null, name: 'a.b' });
});
