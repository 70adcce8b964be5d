// Trap 23: copies that stand beside a table (ViciDial `_archive`, FreePBX `transient_cdr`, Kill Bill `_history`, monthly
// `cdr_202401`). What is purged from the one stands in the other. Every table that is named like a mapped one and mapped by
// nobody is a warning of every plan, until it is mapped, or ignored with a reason.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { countOf, daysAgo, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';

const COPIES = [
  'cdr_archive',
  'transient_cdr',
  'twoday_cdr',
  'cdr_202401',
  'CDR_2024_02',
  'cdr2',
  'cdrs_old',
  '_cdr_new',
  'cdrbak',
  'old_cdr',
  'cdr_history',
  'cdr_custom_fields',
];
const OTHERS = ['cdrom', 'record', 'xcdr_rates', 'pricing', 'my_cdr', 'account'];

let telecom: SmallTelecom;
beforeEach(async () => {
  telecom = await smallTelecom({ kind: 'mysql', job: { stores: ['telecom'] } });
});
afterEach(() => telecom.drop());

const calls = {
  dataset: 'calls',
  table: 'cdr',
  key: ['id'],
  class: 'call-detail-record',
  start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
};

const make = async (tables: readonly string[]): Promise<void> => {
  for (const table of tables) await telecom.database.raw('CREATE TABLE ?? LIKE cdr', [table]);
};

/** `ignored` beside the datasets, as an operator adds it. */
const map = (datasets: readonly object[], ignored?: readonly object[]): void => {
  telecom.write('jobs/stores/telecom.yaml', {
    store: 'telecom',
    kind: 'mysql',
    url: { env: 'TELECOM_AT' },
    datasets,
    ...(ignored === undefined ? {} : { ignored }),
  });
};

interface Part {
  readonly dataset: string;
  readonly findings: readonly {
    readonly severity: string;
    readonly code: string;
    readonly message: string;
    readonly count: number;
  }[];
}

async function copiesIn(): Promise<Part['findings']> {
  const { stdout, stderr } = await telecom.cli('plan', 'nightly', '--format', 'json');
  expect(stderr).not.toMatch(/unexpected|mistake/);
  const { parts } = JSON.parse(stdout) as { parts: readonly Part[] };
  return parts.flatMap(part => part.findings.filter(({ code }) => code === 'unmapped-copy'));
}

test('every plan names the copies that nobody maps, and nothing goes from them', async () => {
  await make([...COPIES, ...OTHERS].filter(table => table !== 'cdrs_old'));
  await make(['cdrs_old']);
  await telecom.database.raw('CREATE VIEW cdr_view AS SELECT * FROM cdr');
  map([calls]);
  for (const table of ['cdr', 'cdr_archive'])
    await telecom.database(table).insert({ at: daysAgo(90), account: '1000' });
  const [found, ...more] = await copiesIn();
  expect(more).toEqual([]);
  // `cdrs` is another word: only what begins with the name as a word is a copy for certain.
  expect(found).toMatchObject({ severity: 'warning', count: COPIES.length - 1 });
  expect(found?.message).toMatch(/named like it and mapped by no dataset: .*and 6 others/);

  const run = await telecom.cli('run', 'nightly');
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(run.stdout).toMatch(/warning +telecom\/calls \(call-detail-record\)\s+named like it/);
  expect([await countOf(telecom.database, 'cdr'), await countOf(telecom.database, 'cdr_archive')]).toEqual([
    0, 1,
  ]);
});

test('a copy that is mapped is no longer one, and goes at its own time', async () => {
  await make(['cdr_archive', 'cdr_2024']);
  await telecom.database('cdr_archive').insert({ at: daysAgo(90), account: '1000' });
  map([calls, { ...calls, dataset: 'archive', table: 'cdr_archive' }]);
  expect((await copiesIn()).map(({ message, count }) => [count, message.includes('"cdr_2024"')])).toEqual([
    [1, true],
  ]);
  await telecom.cli('run', 'nightly');
  expect(await countOf(telecom.database, 'cdr_archive')).toBe(0);
});

test('one that is ignored takes a reason, and patterns take many', async () => {
  await make(['cdr_archive', 'cdr_202401', 'cdr_202402']);
  map(
    [calls],
    [
      { table: 'cdr_archive', reason: 'Empty since the migration' },
      { table: 'cdr_2024*', reason: 'Rated calls without numbers' },
    ],
  );
  expect(await copiesIn()).toEqual([]);
  map([calls], [{ table: 'cdr_archive', reason: '' }]);
  expect((await telecom.cli('validate')).code).toBe(2);
  map([calls], [{ table: 'CDR', reason: 'A mistake' }]);
  const refused = await telecom.cli('validate');
  expect(refused.stdout + refused.stderr).toMatch(
    /telecom\.yaml:\d+.*[\s\S]*"CDR" is mapped by "calls", and cannot be left out as well/,
  );
});

test('a dataset that is refused is told of its copies too, and so is who asks doctor', async () => {
  await make(['cdr_archive']);
  map([{ ...calls, key: ['account'] }]);
  expect(await copiesIn()).toHaveLength(1);
  const { stdout } = await telecom.cli('doctor', 'nightly');
  expect(stdout).toMatch(/warns {2}"cdr_archive" is named like "cdr", and no dataset maps it/);
});

test('the original of a copy that alone is mapped is named as well', async () => {
  await telecom.database.raw('CREATE TABLE cdr_log_archive LIKE cdr');
  await telecom.database.raw('CREATE TABLE cdr_log LIKE cdr');
  map([{ ...calls, table: 'cdr_log_archive' }]);
  expect((await copiesIn())[0]?.message).toContain('"cdr_log"');
});
