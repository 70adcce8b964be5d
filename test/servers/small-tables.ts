// The tables of the condensed suite: each has something that one setting or another of a server would change.
import type { Family } from '../support/flavours.ts';
import type { DatasetFile } from '../support/store-maps.ts';

export const DAY = 86_400_000;

/** The same for every run of a process, so that what is left can be compared. */
const NOW = Date.now();

const wall = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
const start = (unit: 'datetime' | 'timestamp') =>
  unit === 'datetime'
    ? ({ event: 'recorded', column: 'at', unit, zone: 'UTC' } as const)
    : ({ event: 'recorded', column: 'at', unit } as const);

type SuiteDataset = DatasetFile & { readonly table: string };

const EVERYWHERE: readonly SuiteDataset[] = [
  {
    dataset: 'calls',
    table: 'calls',
    key: ['id'],
    class: 'cdr',
    customer: 'customer',
    numbers: ['number'],
    start: start('datetime'),
  },
  { dataset: 'stamps', table: 'stamps', key: ['id'], class: 'call', start: start('timestamp') },
  { dataset: 'kept', table: 'parents', key: ['id'], class: 'call', start: start('datetime') },
  { dataset: 'keyless', table: 'keyless', keyless: true, class: 'call', start: start('datetime') },
  {
    dataset: 'tagged',
    table: 'tagged',
    key: ['id'],
    class: { column: 'kind', values: { 'a call': 'call' } },
    start: start('datetime'),
  },
  { dataset: 'texts', table: 'texts', key: ['k'], class: 'call', start: start('datetime') },
  { dataset: 'many', table: 'many', key: ['id'], class: 'call', start: start('datetime') },
  {
    dataset: 'parts',
    table: 'parts',
    key: ['id', 'at'],
    class: 'call',
    partitions: 'drop',
    start: start('datetime'),
  },
  {
    dataset: 'flags',
    table: 'flags',
    key: ['id'],
    class: 'note',
    flag: { column: 'state', value: 'expired' },
    start: start('datetime'),
  },
  {
    dataset: 'people',
    table: 'people',
    key: ['id'],
    class: 'person',
    start: { ...start('datetime'), event: 'collected' },
    anonymise: { fields: [{ column: 'name', mask: { text: 'masked and far too long' } }] },
  },
  {
    dataset: 'born',
    table: 'born',
    key: ['id'],
    class: 'person',
    start: { ...start('datetime'), event: 'collected' },
    anonymise: {
      fields: [
        { column: 'born', mask: { text: '0000-00-00' } },
        { column: 'moved', mask: { text: '1970-00-00' } },
        { column: 'seen', mask: { text: '1999-12-31 23:59:59.9' } },
        { column: 'mail', mask: { text: '' } },
      ],
    },
  },
];

/** A key that the server made itself. */
const ON_MYSQL: SuiteDataset = {
  dataset: 'made',
  table: 'made',
  key: ['my_row_id'],
  class: 'call',
  start: start('datetime'),
};

export function mapOn(family: Family): readonly SuiteDataset[] {
  return family === 'mysql' ? [...EVERYWHERE, ON_MYSQL] : EVERYWHERE;
}

/** Statements for whoever may do everything, in a session of no odd mode. */
export function tablesFor(database: string, family: Family, held: readonly string[]): string[] {
  const now = NOW;
  const [old, fresh] = [wall(now - 400 * DAY), wall(now - DAY)];
  const midnight = Math.floor(now / DAY) * DAY;
  const of = (table: string): string => `\`${database}\`.\`${table}\``;
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const rows = (table: string, all: readonly string[]): string =>
    `INSERT INTO ${of(table)} VALUES ${all.map(row => `(${row})`).join(', ')}`;
  const check = family === 'mariadb' ? ", CHECK (state <> 'expired')" : '';
  const engine = 'ENGINE=InnoDB CHARACTER SET utf8mb4';
  return [
    `CREATE TABLE ${of('calls')} (id BIGINT PRIMARY KEY, at DATETIME NOT NULL, customer VARCHAR(40), number VARCHAR(40), KEY (at)) ${engine}`,
    `CREATE TABLE ${of('empty_calls')} LIKE ${of('calls')}`,
    rows('calls', [
      `1, '${old}', 'Plain', '020 1234 5678'`,
      `2, '${fresh}', 'Plain', '020 1234 5678'`,
      `3, '${old}', 'Plain', '(020) 7946-0018'`,
      `4, '0000-00-00', 'Plain', '1'`,
      ...held.map((name, index) => `${10 + index}, '${old}', ${quoted(name)}, '1'`),
    ]),
    `CREATE TABLE ${of('stamps')} (id INT PRIMARY KEY, at TIMESTAMP NULL, KEY (at)) ${engine}`,
    rows(
      'stamps',
      [-1, -7 * 3600, 7 * 3600, -20 * 3600, 20 * 3600].map(
        (seconds, index) => `${index}, '${wall(midnight - 29 * DAY + seconds * 1000)}'`,
      ),
    ),
    `CREATE TABLE ${of('parents')} (id INT PRIMARY KEY, at DATETIME NOT NULL, KEY (at)) ${engine}`,
    `CREATE TABLE ${of('children')} (id INT PRIMARY KEY, parent INT, CONSTRAINT kept_by FOREIGN KEY (parent) REFERENCES ${of('parents')} (id)) ${engine}`,
    rows('parents', [`1, '${old}'`, `2, '${old}'`]),
    rows('children', ['1, 1']),
    `CREATE TABLE ${of('keyless')} (at DATETIME NOT NULL, who CHAR(10), d DOUBLE, KEY (at)) ${engine}`,
    rows('keyless', [
      `'${old}', 'a', 0.1`,
      `'${old}', 'a', 0.1`,
      `'${old}', 'A', 0.1`,
      `'${fresh}', 'a', 0.1`,
    ]),
    `CREATE TABLE ${of('tagged')} (id INT PRIMARY KEY, at DATETIME NOT NULL, kind CHAR(20), KEY (at)) ${engine}`,
    rows('tagged', [`1, '${old}', 'a call'`, `2, '${old}', 'other'`]),
    `CREATE TABLE ${of('texts')} (k VARCHAR(600) CHARACTER SET latin1 PRIMARY KEY, at DATETIME NOT NULL, KEY (at)) ${engine}`,
    rows('texts', [`'a\\\\', '${old}'`, `'it''s', '${old}'`, `'"q" -- ', '${old}'`, `'', '${old}'`]),
    rows(
      'texts',
      Array.from({ length: 150 }, (_, index) => `'${'x'.repeat(590)}${1000 + index}', '${old}'`),
    ),
    `CREATE TABLE ${of('many')} (id INT PRIMARY KEY, at DATETIME NOT NULL, filler CHAR(200), KEY (at)) ${engine}`,
    rows(
      'many',
      Array.from({ length: 1000 }, (_, index) => `${index}, '${index < 300 ? old : fresh}', 'filler'`),
    ),
    `CREATE TABLE ${of('parts')} (id INT NOT NULL, at DATETIME NOT NULL, PRIMARY KEY (id, at), KEY (at)) ${engine} PARTITION BY RANGE COLUMNS (at) (PARTITION p_old VALUES LESS THAN ('${wall(midnight - 60 * DAY)}'), PARTITION p_new VALUES LESS THAN (MAXVALUE))`,
    rows('parts', [`1, '${old}'`, `2, '${old}'`, `3, '${fresh}'`]),
    `CREATE TABLE ${of('flags')} (id INT PRIMARY KEY, at DATETIME NOT NULL, state VARCHAR(10)${check}, KEY (at)) ${engine}`,
    rows('flags', [`1, '${old}', 'new'`, `2, '${fresh}', 'new'`]),
    `CREATE TABLE ${of('people')} (id INT PRIMARY KEY, at DATETIME NOT NULL, name VARCHAR(10), KEY (at)) ${engine}`,
    rows('people', [`1, '${old}', 'Ann'`, `2, '${fresh}', 'Bob'`]),
    `CREATE TABLE ${of('born')} (id INT PRIMARY KEY, at DATETIME NOT NULL, born DATE, moved DATE, seen DATETIME NULL, mail VARCHAR(20) NOT NULL, KEY (at)) ${engine}`,
    rows('born', [`1, '${old}', '1980-05-06', '2001-01-01', '${old}', 'a@b'`]),
    `CREATE TABLE ${of('asked')} (id INT AUTO_INCREMENT PRIMARY KEY, a INT, b DECIMAL(8,4), d DATE, t TEXT) ${engine}`,
    `INSERT INTO ${of('asked')} (id, a, b, t) VALUES (1, 1, 1, CONCAT(REPEAT('x', 200), '2')), (2, 1, 1, CONCAT(REPEAT('x', 200), '1'))`,
    ...(family === 'mariadb'
      ? [
          `CREATE TABLE ${of('versioned')} (id INT PRIMARY KEY) ENGINE=InnoDB WITH SYSTEM VERSIONING`,
          rows('versioned', ['1']),
        ]
      : [
          'SET sql_generate_invisible_primary_key = 1',
          `CREATE TABLE ${of('made')} (at DATETIME NOT NULL, KEY (at)) ${engine}`,
          'SET sql_generate_invisible_primary_key = 0',
          `INSERT INTO ${of('made')} (at) VALUES ('${old}'), ('${fresh}')`,
        ]),
  ];
}
