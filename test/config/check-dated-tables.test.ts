// Tables that are named by date, in a data map: what does not go together is told with its place.
import { afterEach, expect, test } from 'vitest';
import { type ConfigFolders, configFolders, mistakesOf, RIGHT } from './config-folders.ts';

const made: ConfigFolders[] = [];

afterEach(() => {
  for (const one of made.splice(0)) one.remove();
});

const START = 'start: { event: recorded, column: calldate, unit: datetime, zone: Europe/London }';

/** Each dataset as its name, how it names its tables, and what else it says. */
function mistakes(
  datasets: readonly (readonly [name: string, tables: string, more?: string])[],
  kind = 'mysql',
): string[] {
  const at = kind === 'mysql' ? 'url: { env: RETENTION_TELECOM_URL }' : 'path: telecom.db';
  const written = datasets.map(
    ([name, tables, more = START]) =>
      `  - dataset: ${name}\n    ${tables}\n    key: [id]\n    class: cdr\n    ${more}\n`,
  );
  const one = configFolders({
    ...RIGHT,
    'jobs/stores/telecom.yaml': `store: telecom\nkind: ${kind}\n${at}\ndatasets:\n${written.join('')}`,
  });
  made.push(one);
  return mistakesOf(one).mistakes;
}

const DATED = "tables: 'cdr_{yyyyMM}'";

test.each(['mysql', 'sqlite'])(
  'tables with a date in their names are mapped in place of a table, of %s',
  kind => {
    expect(mistakes([['cdr', DATED]], kind)).toEqual([]);
    expect(
      mistakes(
        [
          ['cdr', DATED],
          ['now', 'table: cdr'],
          ['odd', 'table: cdr_202413'],
          ['old', 'table: cdr_20240101'],
        ],
        kind,
      ),
    ).toEqual([]);
  },
);

test('a name without a date, with two, or with one in the schema is told with its line', () => {
  expect(mistakes([['cdr', "tables: 'cdr_*'"]])).toEqual([
    'jobs/stores/telecom.yaml:6:5 datasets[0].tables: "cdr_*" has no date in it',
  ]);
  expect(mistakes([['cdr', "tables: 'cdr_{yyyy}_{MM}'"]])[0]).toContain('has 2 dates in it');
  expect(mistakes([['cdr', "tables: 'x_{yyyy}.cdr'"]])[0]).toContain(
    'is not the name of a table in one schema',
  );
  expect(mistakes([['cdr', "tables: 'cdr_{yyyy} '"]])[0]).toContain('ends in a blank');
});

test('a table and tables exclude each other', () => {
  expect(mistakes([['cdr', `table: cdr\n    ${DATED}`]])).toEqual([
    'jobs/stores/telecom.yaml:7:5 datasets[0].tables: a dataset has one table, or tables that are named by date',
  ]);
});

test('neither is a mistake too', () => {
  expect(mistakes([['cdr', 'customer: account']])[0]).toContain('a dataset of rows needs a table');
});

test('a table that another dataset maps is told with both names, whichever stands first', () => {
  const said = (at: string) =>
    `jobs/stores/telecom.yaml:${at}.tables: "cdr_{yyyyMM}" means table "cdr_202401" too, which "old" maps: its rows would have two periods`;
  expect(
    mistakes([
      ['cdr', DATED],
      ['old', 'table: cdr_202401'],
    ]),
  ).toEqual([said('6:5 datasets[0]')]);
  expect(
    mistakes([
      ['old', 'table: cdr_202401'],
      ['cdr', DATED],
    ]),
  ).toEqual([said('11:5 datasets[1]')]);
  expect(
    mistakes([
      ['cdr', "tables: 'homer.cdr_{yyyyMM}'"],
      ['old', 'table: homer.cdr_202401'],
    ])[0],
  ).toContain('means table "homer.cdr_202401" too');
});

test('one name for two datasets is told once', () => {
  expect(
    mistakes([
      ['one', DATED],
      ['two', DATED],
    ]),
  ).toEqual([
    'jobs/stores/telecom.yaml:11:5 datasets[1].tables: "cdr_{yyyyMM}" is mapped by "one" already: its rows would have two periods',
  ]);
});

test('files, a start that stands elsewhere, and one that stands in any of the tables do not go with them', () => {
  expect(
    mistakes([['cdr', DATED, `files: [{ store: audio, path: '{id}' }]\n    ${START}`]]).join('\n'),
  ).toContain('datasets[0].files: a file that rows of two tables name would go with the first');
  const from = 'start: { event: recorded, from: { dataset: other, on: { up: id } } }';
  expect(
    mistakes([
      ['cdr', DATED, from],
      ['other', 'table: other'],
    ]),
  ).toEqual([
    expect.stringContaining(
      'datasets[0].start.from: the start of rows in tables that are named by date stands in them',
    ),
  ]);
  expect(
    mistakes([
      ['cdr', 'table: cdr', from],
      ['other', DATED],
    ]),
  ).toEqual([
    expect.stringContaining('datasets[0].start.from.dataset: the tables of "other" are named by date'),
  ]);
});

test('a name that the ledger has no room for is refused before anything is deleted under it', () => {
  expect(mistakes([['c'.repeat(117), DATED]])).toEqual([]);
  expect(mistakes([['c'.repeat(118), DATED]])[0]).toContain('longer than 128 characters together');
});

test('files are not named so', () => {
  const one = configFolders({
    ...RIGHT,
    'jobs/stores/audio.yaml':
      "store: audio\nkind: filesystem\nroot: /srv\ndatasets:\n  - { dataset: files, folder: '', tables: 'a_{yyyy}', class: cdr, start: { event: recorded, column: mtime } }\n",
  });
  made.push(one);
  expect(mistakesOf(one).mistakes[0]).toContain('files have no "tables"');
});
