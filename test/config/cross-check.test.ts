// Mistakes that no single file shows: names that stand twice or nowhere, rules that contradict each other. Each is
// found among files whose every shape is right, at its place.
import { afterEach, describe, expect, test } from 'vitest';
import {
  type ConfigFolders,
  configFolders,
  HOLD,
  INSTRUCTION,
  JOB,
  LIMITS,
  mistakesOf,
  POLICY,
  REGISTER,
  RIGHT,
  STORE,
} from './config-folders.ts';

const made: ConfigFolders[] = [];

function mistakes(changes: Readonly<Record<string, string>>): string[] {
  const one = configFolders({ ...RIGHT, ...changes });
  made.push(one);
  return mistakesOf(one).mistakes.map(text => text.replaceAll(`${one.root}/`, ''));
}

afterEach(() => {
  for (const one of made.splice(0)) one.remove();
});

test('what is right has none', () => {
  expect(mistakes({})).toEqual([]);
});

describe('a dataset without a key', () => {
  const keyless = (changes: string): string[] =>
    mistakes({ 'jobs/stores/telecom.yaml': STORE.replace('key: [id]', changes) }).map(one =>
      one.replace(/^.*?datasets/, 'datasets'),
    );

  test('says so, and then has none', () => {
    expect(keyless('keyless: true')).toEqual([]);
    expect(keyless('bytes: size')).toEqual(['datasets[0].dataset: a dataset of rows needs a key']);
    expect(keyless('keyless: false')).toEqual(['datasets[0].dataset: a dataset of rows needs a key']);
    expect(keyless('key: [id]\n    keyless: true')).toEqual([
      'datasets[0].keyless: a dataset with a key is not keyless',
    ]);
  });

  test.each([
    ['partitions: drop', 'datasets[0].partitions: rows without a key are counted one by one'],
    [
      'flag: { column: state, value: due }',
      'datasets[0].flag: rows without a key are purged alone, without "flag"',
    ],
    [
      'anonymise: { fields: [{ column: src, mask: null }] }',
      'datasets[0].anonymise: rows without a key are purged alone, without "anonymise"',
    ],
    [
      'files: [{ store: audio, path: a }]',
      'datasets[0].files: rows without a key are purged alone, without "files"',
    ],
  ])('has no %s', (written, mistake) => {
    expect(keyless(`keyless: true\n    ${written}`)).toContain(mistake);
  });

  test('is found by a start of its own that has an order, and gives none to others', () => {
    const text = '{ event: recorded, column: at, unit: text, format: yyyy, zone: UTC }';
    const found = (written: string): string[] =>
      mistakes({ 'jobs/stores/telecom.yaml': written }).map(one => one.replace(/^.*?datasets/, 'datasets'));
    expect(found(STORE.replace('key: [id]', 'keyless: true').replace(/start: .*/, `start: ${text}`))).toEqual(
      ['datasets[0].start.unit: rows without a key are found by their start, and a text has no order'],
    );
    const letters = (written: string): string =>
      `${written}  - { dataset: letters, table: letters, key: [id], class: cdr, start: { event: recorded, from: { dataset: cdr, on: { cdr: id } } } }\n`;
    expect(found(letters(STORE.replace('key: [id]', 'keyless: true')))).toEqual([
      'datasets[0].keyless: "letters" takes its start from this dataset, and refers to rows that have no key',
    ]);
    const turned = letters(STORE).replace('table: letters, key: [id]', 'table: letters, keyless: true');
    expect(found(turned)).toEqual(['datasets[1].start.from: the start of a row without a key stands in it']);
  });

  test('stands in a MySQL or MariaDB store', () => {
    const sqlite = STORE.replace('kind: mysql', 'kind: sqlite').replace('url:', 'path:');
    expect(
      mistakes({ 'jobs/stores/telecom.yaml': sqlite.replace('key: [id]', 'keyless: true') }).join(),
    ).toContain('only tables of a MySQL or MariaDB store are read without a key');
  });
});

test('every contradiction is reported at once, at its place', () => {
  expect(
    mistakes({
      'policies/again.yaml': POLICY.replace('recorded', 'received'),
      'policies/undecided.yaml': POLICY.replaceAll('cdr', 'fax').replace('P2Y', 'unstated'),
      'policies/sub-processors.yaml': REGISTER.replace('[cdr]', '[cdr, crd]'),
      'policies/limits/us.yaml': `${LIMITS}${LIMITS.split('limits:\n')[1]?.replace('us-cdr', 'us-max').replace('floor', 'ceiling').replace('P18M', 'P1Y') ?? ''}`,
      'policies/instructions/i-1.yaml': INSTRUCTION.replace('class: cdr', 'class: crd'),
      'policies/instructions/i-2.yaml': `${INSTRUCTION}number: '123'\nuntil: 2025-01-31\n`,
      'policies/holds/h-1.yaml': HOLD.replace('[C1]', '[C1]\n  classes: [cdr, crd]').replace(
        '2024-12-31',
        '2023-12-31',
      ),
      'policies/holds/h-2.yaml': `${HOLD.split('scope:')[0] ?? ''}scope: {}\n`,
      'jobs/nightly.yaml': `${JOB.replace('15 2 * * *', '15 25 * * *').replace('all', '[cdr, crd]')}limits: { percent: 50 }\n`,
      'jobs/weekly.yaml': JOB.replace('[telecom]', '[telecom, archive]'),
      'jobs/stores/telecom.yaml': STORE.replace('event: recorded', 'event: issued'),
    }),
  ).toEqual([
    'jobs/nightly.yaml:3:17 policies[1]: there is no policy for class "crd"',
    'jobs/nightly.yaml:5:1 schedule: "15 25 * * *": 25 is a invalid expression for hour',
    'jobs/nightly.yaml:8:11 limits.percent: this limit is above 10, and no reason is given',
    'jobs/stores/telecom.yaml:9:14 datasets[0].start.event: class cdr counts from "received", not from "issued"',
    'jobs/weekly.yaml:1:1 job: job "nightly" stands in jobs/nightly.yaml already',
    'jobs/weekly.yaml:4:19 stores[1]: there is no store "archive"',
    'policies/cdr.yaml:1:1 policy: policy "cdr" stands in policies/again.yaml already',
    'policies/cdr.yaml:5:1 start: class cdr has another start in policies/again.yaml',
    'policies/holds/h-1.yaml:9:18 scope.classes[1]: there is no policy for class "crd"',
    'policies/holds/h-1.yaml:11:3 scope.until: this range ends before it begins',
    'policies/holds/h-2.yaml:1:1 hold: hold "H-1" stands in policies/holds/h-1.yaml already',
    'policies/holds/h-2.yaml:7:1 scope: this hold covers nothing in particular',
    'policies/instructions/i-1.yaml:2:1 class: there is no policy for class "crd"',
    'policies/instructions/i-2.yaml:1:1 instruction: instruction "I-1" stands in policies/instructions/i-1.yaml already',
    'policies/instructions/i-2.yaml:7:1 number: an instruction has one scope, and this has customer and number',
    'policies/instructions/i-2.yaml:8:1 until: this instruction ends before it begins',
    'policies/limits/us.yaml:7:5 limits[0].period: floor us-cdr (P18M) is longer than ceiling us-max (P1Y)',
    'policies/sub-processors.yaml:7:20 subProcessors[0].classes[1]: there is no policy for class "crd"',
    'policies/undecided.yaml:8:1 disposition: a period that is unstated cannot end in "purge"',
  ]);
});

test('names that are missing are left out while a shape is wrong, and contradictions are not', () => {
  expect(
    mistakes({
      'policies/cdr.yaml': POLICY.replace('zone', 'zoen'),
      'jobs/nightly.yaml': JOB.replace('15 2 * * *', 'daily'),
    }),
  ).toEqual([
    'jobs/nightly.yaml:5:1 schedule: "daily" has not five fields',
    'policies/cdr.yaml:1:1 zone: "zone" is missing',
    'policies/cdr.yaml:7:1 zoen: "zoen" is not a key here',
  ]);
});

describe('a floor above a ceiling', () => {
  const limits = (jurisdiction: string, kind: string, period: string): string =>
    LIMITS.replace('jurisdiction: US', `jurisdiction: ${jurisdiction}`)
      .replace('us-cdr', `${jurisdiction.toLowerCase()}-${kind}`)
      .replace('floor', kind)
      .replace('P18M', period);
  const both = (floor: [string, string], ceiling: [string, string]): string[] =>
    mistakes({
      'policies/limits/us.yaml': limits(floor[0], 'floor', floor[1]),
      'policies/limits/z.yaml': limits(ceiling[0], 'ceiling', ceiling[1]),
    });

  test.each<[[string, string], [string, string]]>([
    [
      ['US', 'P2Y'],
      ['US', 'P1Y'],
    ],
    [
      ['US', 'P2Y'],
      ['US-FL', 'P1Y'],
    ],
    [
      ['US-FL', 'P2Y'],
      ['US', 'P1Y'],
    ],
    // Longer in leap years alone.
    [
      ['US', 'P1Y'],
      ['US', 'P365D'],
    ],
    [
      ['US', 'P31D'],
      ['US', 'P1M'],
    ],
    [
      ['US', 'P1M'],
      ['US', 'P30D'],
    ],
  ])('%j and %j contradict', (floor, ceiling) => {
    expect(both(floor, ceiling)).toEqual([
      expect.stringMatching(/^policies\/limits\/us.yaml:7:5 .* is longer than /),
    ]);
  });

  test.each<[[string, string], [string, string]]>([
    [
      ['US', 'P1Y'],
      ['US', 'P12M'],
    ],
    [
      ['US', 'P1Y'],
      ['US', 'P366D'],
    ],
    [
      ['AU', 'P2Y'],
      ['US', 'P1Y'],
    ],
    [
      ['US-FL', 'P2Y'],
      ['US-MO', 'P1Y'],
    ],
  ])('%j and %j do not', (floor, ceiling) => {
    expect(both(floor, ceiling)).toEqual([]);
  });
});

test.each(['unstated', 'forever'])('a ceiling by law needs a period: %s has none', word => {
  expect(
    mistakes({
      'policies/cdr.yaml': POLICY.replace('P2Y', word).replace('purge', 'flag'),
      'policies/limits/us.yaml': LIMITS.replace('floor', 'ceiling'),
    }),
  ).toEqual([
    `policies/limits/us.yaml:4:5 limits[0]: class cdr has a ceiling by law while its policy says ${word}`,
  ]);
});

test('partitions are dropped of MySQL tables alone, and only where no record needs a look by itself', () => {
  expect(
    mistakes({
      'jobs/stores/telecom.yaml': `${STORE}    partitions: drop\n    keysPersonal: true\n`,
    }).filter(text => text.includes('partitions')),
  ).toEqual(
    expect.arrayContaining([expect.stringContaining('keys that identify people are hashed one by one')]),
  );
});

test('a table of one database that two data maps map', () => {
  const again = STORE.replace('store: telecom', 'store: billing');
  const said = 'datasets[0].table: table "cdr" of the same database is mapped by';
  expect(
    mistakes({ 'jobs/stores/other.yaml': again }).map(one => one.replace(/^.*?datasets/, 'datasets')),
  ).toEqual([expect.stringContaining(said)]);
  const elsewhere = again.replace(/env: [A-Z_]+/, 'env: BILLING_URL');
  expect(mistakes({ 'jobs/stores/other.yaml': elsewhere })).toEqual([]);
  expect(mistakes({ 'jobs/stores/other.yaml': again.replace('table: cdr', 'table: costs') })).toEqual([]);
});

describe('a column that stands in for a start', () => {
  const start = 'start: { event: recorded, column: calldate, unit: datetime, zone: Europe/London }';
  const said = (written: string, key = 'key: [id]'): string[] =>
    mistakes({
      'jobs/stores/telecom.yaml': STORE.replace(start, `start: ${written}`).replace('key: [id]', key),
    }).map(one => one.replace(/^.*?datasets/, 'datasets'));
  const unit = 'unit: datetime, zone: Europe/London';

  test('is another one, beside a column', () => {
    expect(said(`{ event: recorded, column: calldate, fallback: created, ${unit} }`)).toEqual([]);
    const none = 'datasets[0].start.fallback: there is no other column that it could stand in for';
    expect(said(`{ event: recorded, column: calldate, fallback: calldate, ${unit} }`)).toEqual([none]);
    expect(said(`{ event: recorded, fallback: created, ${unit} }`)).toContain(none);
  });

  test('goes neither with rows without a key nor with partitions that are dropped', () => {
    const written = `{ event: recorded, column: calldate, fallback: created, ${unit} }`;
    expect(said(written, 'keyless: true')).toEqual([
      'datasets[0].start.fallback: a row without a key is told by its start',
    ]);
    expect(said(written, 'key: [id]\n    partitions: drop')).toEqual([
      'datasets[0].start.fallback: partitions are dropped by the start alone',
    ]);
  });
});
