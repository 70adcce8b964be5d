// Traps 5, 6, 7 and 9: epochs in seconds, milliseconds or microseconds, with a fraction or as text, and Gregorian seconds
// (Kazoo). In a wrong unit every row looks due or none does: values that really stand there must fit, or nothing is
// planned, and the unit that would fit is named.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { StartUnit } from '../../src/policy/start.ts';
import { daysAgo, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import { replaceTable } from '../support/sql-spelling.ts';

let fixture: SqlFixture;
let telecom: SmallTelecom | null = null;

beforeAll(async () => {
  fixture = await mysqlFixture();
});
afterAll(() => fixture.drop());
afterEach(async () => {
  await telecom?.drop();
  telecom = null;
});

const DAY_S = 86_400;
const secondsAgo = (days: number): number => Math.floor(Date.now() / 1000) - days * DAY_S;

async function misfits(type: string, values: readonly (number | string | null)[], unit: StartUnit) {
  const { misfitsOf } = await import('../../src/plan/misfits.ts');
  await replaceTable(fixture.knex, 'calls', `(id INT PRIMARY KEY, at ${type}, KEY (at))`);
  await fixture.knex('calls').insert(values.map((at, index) => ({ id: index + 1, at })));
  const opened = fixture.open({
    dataset: 'calls',
    table: 'calls',
    key: ['id'],
    class: 'cdr',
    start: {
      ...{ event: 'recorded', column: 'at', unit },
      ...(unit === 'text' ? { zone: 'UTC', format: 'yyyy-MM-dd HH:mm:ss' } : {}),
    },
  });
  const found = await misfitsOf(opened.reader, opened.dataset('calls'), ['purge'], Date.now());
  return found.map(({ message, hint }) => `${message}. ${hint}`);
}

const seconds = [900, 800, 30, 1, 0].map(secondsAgo);
const inMs = seconds.map(one => one * 1000);
const inUs = seconds.map(one => String(one * 1_000_000));
const gregorian = seconds.map(one => one + 62_167_219_200);
const values = { 'epoch-s': seconds, 'epoch-ms': inMs, 'epoch-us': inUs } as const;
type Epoch = keyof typeof values;
const units: readonly Epoch[] = ['epoch-s', 'epoch-ms', 'epoch-us'];

test.each(units.flatMap(real => units.map(declared => [real, declared] as const)))(
  'a column in %s that is declared as %s',
  async (real, declared) => {
    const said = await misfits('BIGINT', values[real], declared);
    if (real === declared) expect(said).toEqual([]);
    else {
      expect(said).toHaveLength(1);
      expect(said[0]).toMatch(
        new RegExp(
          `^none of 5 starts read from "at" is a plausible time by its unit ${declared}: "\\d+". They would be in unit: ${real}$`,
        ),
      );
    }
  },
);

test('seconds with a fraction are seconds (Sipwise DECIMAL(13,3))', async () => {
  const fractions = seconds.map(one => `${one}.123`);
  expect(await misfits('DECIMAL(13,3)', fractions, 'epoch-s')).toEqual([]);
  expect(await misfits('DECIMAL(13,3)', fractions, 'epoch-ms')).toEqual([
    expect.stringContaining('They would be in unit: epoch-s'),
  ]);
});

test('Gregorian seconds are told from milliseconds, with the column that makes them seconds', async () => {
  expect(await misfits('BIGINT', gregorian, 'epoch-ms')).toEqual([
    expect.stringContaining('a generated column AS (at - 62167219200), and map it with unit: epoch-s'),
  ]);
});

test('a text in another format is refused, and one that reads is not', async () => {
  expect(await misfits('VARCHAR(30)', ['01/02/2024 10:00', '02/02/2024 11:00'], 'text')).toEqual([
    expect.stringMatching(/by its format yyyy-MM-dd HH:mm:ss: "01\/02\/2024 10:00"/),
  ]);
  expect(await misfits('VARCHAR(30)', ['2024-02-01 10:00:00', 'never', ''], 'text')).toEqual([]);
});

test('zeros, NULLs and nothing at all prove nothing, and one good value is enough', async () => {
  expect(await misfits('BIGINT', [0, 0, null], 'epoch-s')).toEqual([]);
  expect(await misfits('BIGINT', [null], 'epoch-s')).toEqual([]);
  expect(await misfits('BIGINT', [5, 999_999_999_999, secondsAgo(10)], 'epoch-s')).toEqual([]);
});

test('a plan of a dataset in a wrong unit lists nothing and says which it would be; doctor says the same', async () => {
  telecom = await smallTelecom({ kind: 'mysql' });
  await telecom.database.raw('ALTER TABLE cdr MODIFY at BIGINT');
  await telecom.database('cdr').insert([{ at: secondsAgo(900) }, { at: secondsAgo(1) }]);
  await telecom.database('recordings').insert({ at: daysAgo(90), account: '1', filename: 'a.wav' });
  telecom.write('audio/a.wav', 'RIFF');
  telecom.map([
    {
      dataset: 'calls',
      table: 'cdr',
      key: ['id'],
      class: 'call-detail-record',
      start: { event: 'recorded', column: 'at', unit: 'epoch-ms' },
    },
    {
      dataset: 'recordings',
      table: 'recordings',
      key: ['id'],
      class: 'call-recording',
      start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
      files: [{ store: 'audio', path: '{filename}' }],
    },
  ]);
  const planned = await telecom.cli('plan', 'nightly', '--format', 'json');
  const plan = JSON.parse(planned.stdout);
  const part = (name: string) => plan.parts.find((one: { dataset: string }) => one.dataset === name);
  expect(part('calls').counts.due).toBe(0);
  expect(planned.stdout).toContain('They would be in unit: epoch-s');
  expect(part('recordings').counts.due).toBe(1);
  const doctor = await telecom.cli('doctor', 'nightly');
  expect(doctor.code).toBe(3);
  expect(doctor.stdout).toMatch(
    /refuses {2}none of 2 starts read from "at"[\s\S]*They would be in unit: epoch-s/,
  );
});
