// Trap 22: the date stands in the table's name (HOMER sip_capture_call_20150407, Sipwise cdr_202401, heplify hep_proto_...).
// Each table that is there is planned and purged by the starts of its rows; names that are only alike are never touched, a
// table that comes after the plan neither, and one that goes after it is told as gone.
import { afterEach, describe, expect, test } from 'vitest';
import type { Plan, PlanPart } from '../../src/plan/plan.ts';
import {
  type CaseInput,
  type CaseRow,
  type CaseRun,
  DAY_MS,
  HELD,
  openCase,
  usualRows,
  wallUtc,
} from '../support/case-rows.ts';
import { holdOn } from '../support/small-run.ts';
import { dropUnlessLocked, numbersTo } from '../support/sql-spelling.ts';
import type { DatasetFile } from '../support/store-maps.ts';

let run: CaseRun;
afterEach(() => run.drop());

const CAPTURES: DatasetFile = {
  dataset: 'sip-captures',
  tables: 'sip_capture_call_{yyyyMMdd}',
  key: ['id', 'date'],
  class: 'call',
  customer: 'node',
  start: { event: 'recorded', column: 'date', unit: 'datetime', zone: 'UTC' },
};

const ddl = (table: string): string =>
  `CREATE TABLE ${table} (id INT NOT NULL, date DATETIME NOT NULL, node VARCHAR(20), PRIMARY KEY (id, date), KEY (date))`;
const called = (day: string): string => `sip_capture_call_${day}`;
const addressOf = (day: string): string => `sip-captures:${called(day)}`;
/** Taken once: a start is part of the key here, and the same row must have the same one. */
const NOW_MS = Date.now();
const ago = (days: number): string => wallUtc(NOW_MS - days * DAY_MS);

const DAYS = ['20150407', '20240229', wallUtc(NOW_MS).slice(0, 10).replaceAll('-', '')];

/** A database with a table for each day, and whatever else it is given. */
async function open(days: readonly string[], more: Partial<CaseInput> = {}): Promise<void> {
  run = await openCase({
    datasets: [CAPTURES],
    ...more,
    ddl: [...days.map(day => ddl(called(day))), ...(more.ddl ?? [])],
  });
}

/** So many rows in a day's table, all of them so many days old, with ids from 1 on. */
async function fill(day: string, rows: number, days: number, node = 'plain'): Promise<void> {
  const all = [...Array(rows).keys()].map(index => ({ id: index + 1, date: ago(days), node }));
  await run.knex.batchInsert(called(day), all, 500);
}

async function idsIn(table: string): Promise<number[]> {
  return (await run.knex(table).orderBy('id').select('id')).map((row: { id: number }) => row.id);
}

function partOf({ parts }: Plan, dataset: string): PlanPart {
  const part = parts.find(one => one.dataset === dataset);
  if (part === undefined) throw new Error(`the plan has no part of ${dataset}`);
  return part;
}

function findingsOf({ parts }: Plan): string[] {
  return parts.flatMap(({ dataset, findings }) =>
    findings
      .filter(({ code }) => code !== 'overdue')
      .map(({ severity, message }) => `${severity} ${dataset}: ${message}`),
  );
}

describe('which tables, and which rows', () => {
  const usual = usualRows(ms => ({ date: wallUtc(ms) }), 'node');
  const rows: readonly (CaseRow & { readonly day: string })[] = usual.map((row, index) => ({
    ...row,
    day: DAYS[index % DAYS.length] ?? '',
  }));
  // Each of these is due by what stands in it, and none of them is a table of the dataset.
  const ALIKE = [
    'sip_capture_call_p99999999',
    'sip_capture_call_max',
    'sip_capture_call_20150231',
    'sip_capture_call_201504',
    'sip_capture_call_20150407_old',
    'xsip_capture_call_20150407',
    'sipXcaptureXcallX20150407',
    'SIP_CAPTURE_CALL_20150408',
  ];

  test('each row comes to its own end, whatever day its table is named after; what is only alike is left', async () => {
    await open(DAYS, { ddl: [...ALIKE.map(ddl)] });
    const home = (await run.knex.raw('SELECT DATABASE() AS home'))[0][0].home;
    const elsewhere = `${home}_elsewhere`;
    await run.knex.raw(`CREATE VIEW ${called('20150409')} AS SELECT * FROM sip_capture_call_max`);
    await run.knex.raw('CREATE DATABASE ??', [elsewhere]);
    try {
      const other = `${elsewhere}.${called('20150410')}`;
      await run.knex.raw(ddl(other));
      for (const table of [...ALIKE, other])
        await run.knex(table).insert({ id: 1, date: ago(400), node: 'plain' });
      for (const [index, { values, day }] of rows.entries())
        await run.knex(called(day)).insert({ id: index + 1, ...values });

      const plan = await run.small.plan();
      expect(plan.parts.map(({ dataset }) => dataset).sort()).toEqual(
        ['sip-captures', ...DAYS.map(addressOf)].sort(),
      );
      const sum = (count: 'due' | 'held' | 'keptByInstruction' | 'undated'): number =>
        plan.parts.reduce((total, part) => total + part.counts[count], 0);
      const fated = (fate: string): number => rows.filter(row => row.fate.startsWith(fate)).length;
      expect(sum('due')).toBe(fated('goes'));
      expect(sum('held')).toBe(fated('held'));
      expect(sum('keptByInstruction')).toBe(fated('instructed'));
      expect(sum('undated')).toBe(fated('undated'));

      expect(await run.enforce(plan)).toEqual({});
      const left = (await Promise.all(DAYS.map(day => idsIn(called(day))))).flat().sort((a, b) => a - b);
      expect(left.map(id => rows[id - 1]?.what)).toEqual(
        rows.filter(({ fate }) => fate !== 'goes').map(({ what }) => what),
      );
      for (const day of DAYS) {
        const gone = rows.flatMap((row, index) => (row.day === day && row.fate === 'goes' ? index + 1 : []));
        const disposed = await run.disposed(addressOf(day));
        expect(disposed.map(text => JSON.parse(text)[0]).sort()).toEqual(gone.map(String).sort());
      }
      for (const table of [...ALIKE, other]) expect(await idsIn(table), table).toEqual([1]);
    } finally {
      await run.knex.raw('DROP DATABASE ??', [elsewhere]);
    }
  });

  test('a name lies: the table of today holds what is due, and that of 2015 what is not', async () => {
    const [past = '', , today = ''] = DAYS;
    await open([past, today]);
    await fill(past, 3, 1);
    await fill(today, 2, 400);
    const plan = await run.small.plan();
    expect(partOf(plan, addressOf(past)).counts.due).toBe(0);
    expect(partOf(plan, addressOf(today)).counts.due).toBe(2);
    await run.enforce(plan);
    expect(await idsIn(called(past))).toEqual([1, 2, 3]);
    // It is empty now, and stays: to drop tables is for whoever makes them.
    expect(await idsIn(called(today))).toEqual([]);
  });

  test('a schema of its own is named with them, and no other is looked into', async () => {
    await open(['20150407']);
    const home = (await run.knex.raw('SELECT DATABASE() AS home'))[0][0].home;
    const elsewhere = `${home}_elsewhere`;
    await run.knex.raw('CREATE DATABASE ??', [elsewhere]);
    const first = run;
    try {
      await run.knex.raw(ddl(`${elsewhere}.${called('20150408')}`));
      await run.knex(`${elsewhere}.${called('20150408')}`).insert({ id: 1, date: ago(400), node: 'plain' });
      run = await openCase({
        ddl: [],
        datasets: [{ ...CAPTURES, tables: `${elsewhere}.sip_capture_call_{yyyyMMdd}` }],
      });
      const plan = await run.small.plan();
      expect(plan.parts.flatMap(({ dataset, counts }) => (counts.due > 0 ? dataset : []))).toEqual([
        addressOf('20150408'),
      ]);
      await run.enforce(plan);
      expect(await first.knex(`${elsewhere}.${called('20150408')}`)).toEqual([]);
    } finally {
      await first.knex.raw('DROP DATABASE ??', [elsewhere]);
      await first.drop();
    }
  });

  test.each([
    ['cdr_{yyyyMM}', 'cdr_202401'],
    ['cdr_{yyyy_MM}', 'cdr_2024_01'],
    ['hep_{yyyy_MM_dd}_call', 'hep_2024_01_31_call'],
    ['cdr{yyyy}', 'cdr2024'],
  ])('%s is %s', async (tables, table) => {
    run = await openCase({ ddl: [ddl(table)], datasets: [{ ...CAPTURES, tables }] });
    await run.knex(table).insert({ id: 1, date: ago(400), node: 'plain' });
    await run.enforce(await run.small.plan());
    expect(await idsIn(table)).toEqual([]);
  });

  test('rows without a key, and partitions that go as a whole, as in any other table', async () => {
    const at = 'id INT NOT NULL, date DATETIME NOT NULL, node VARCHAR(20) NOT NULL';
    const { key: _, ...keyless } = CAPTURES;
    run = await openCase({
      ddl: [
        `CREATE TABLE acc_20240101 (${at}, KEY (date))`,
        `CREATE TABLE hep_20240101 (${at}, PRIMARY KEY (id, date), KEY (date)) PARTITION BY RANGE COLUMNS (date) (PARTITION p0 VALUES LESS THAN ('2023-01-01'), PARTITION p1 VALUES LESS THAN ('2024-01-02'), PARTITION pmax VALUES LESS THAN (MAXVALUE))`,
      ],
      datasets: [
        { ...keyless, dataset: 'acc', tables: 'acc_{yyyyMMdd}', keyless: true },
        { ...CAPTURES, dataset: 'hep', tables: 'hep_{yyyyMMdd}', partitions: 'drop' },
      ],
    });
    const old = { id: 1, date: '2024-01-01 12:00:00', node: 'plain' };
    for (const table of ['acc_20240101', 'hep_20240101'])
      await run.knex(table).insert([old, { ...old, id: 2, date: ago(1) }]);
    await run.knex('acc_20240101').insert(old);
    const plan = await run.small.plan();
    expect(partOf(plan, 'acc:acc_20240101').counts.due).toBe(2);
    const { partitions } = partOf(plan, 'hep:hep_20240101');
    expect(partitions.map(({ name, as }) => `${name} ${as}`)).toEqual(['p1 drop']);
    expect(await run.enforce(plan)).toEqual({});
    for (const table of ['acc_20240101', 'hep_20240101']) expect(await idsIn(table)).toEqual([2]);
  });
});

describe('between the plan and its enforcement', () => {
  test('a table that has come meanwhile is not touched, and nothing is refused for it', async () => {
    await open(['20150407']);
    await fill('20150407', 3, 400);
    const plan = await run.small.plan();
    await run.knex.raw(ddl(called('20150408')));
    await fill('20150408', 3, 400);
    expect(await run.enforce(plan)).toEqual({});
    expect(await idsIn(called('20150407'))).toEqual([]);
    expect(await idsIn(called('20150408'))).toEqual([1, 2, 3]);
    const next = await run.small.plan();
    expect(partOf(next, addressOf('20150408')).counts.due).toBe(3);
    expect(next.jobDigest).toBe(plan.jobDigest);
  });

  test('one that has gone meanwhile is told as gone, and the others go on', async () => {
    await open(['20150407', '20150408', '20150409']);
    for (const day of ['20150407', '20150408', '20150409']) await fill(day, 12, 400);
    const plan = await run.small.plan();
    await run.knex.raw(`DROP TABLE ${called('20150408')}`);
    expect(await run.enforce(plan)).toEqual({ 'gone: with its table': 12 });
    expect((await run.small.ledger.runs.ofPlan(plan.id))?.state).toBe('done');
    expect(await idsIn(called('20150407'))).toEqual([]);
    expect(await idsIn(called('20150409'))).toEqual([]);
    expect(await run.disposed(addressOf('20150408'))).toEqual([]);
  });

  test('one that goes while the run is at it is told as gone, and so is what had been begun of it', async () => {
    await open(['20150407', '20150408']);
    for (const day of ['20150407', '20150408']) await fill(day, 12, 400);
    const plan = await run.small.plan();
    const { now } = run.small.ledger.holds;
    Object.assign(run.small.ledger.holds, {
      now: async () => {
        const begun = (await run.disposed(addressOf('20150408'))).length > 0;
        // A write that is under way bars it: it comes between two.
        if (begun) await dropUnlessLocked(run.knex, called('20150408'));
        return now();
      },
    });
    const reasons = await run.enforce(plan);
    const purged = (await run.disposed(addressOf('20150408'))).length;
    const gone = Object.entries(reasons).reduce((sum, [why, n]) => sum + (why.startsWith('gone') ? n : 0), 0);
    expect(purged + gone).toBe(12);
    expect(gone).toBeGreaterThan(0);
    expect(Object.keys(reasons)).toEqual(['gone: with its table']);
    expect(await idsIn(called('20150407'))).toEqual([]);
    expect((await run.small.ledger.runs.ofPlan(plan.id))?.state).toBe('done');
  });

  test('what has come back after a restore, the table with it, is found by a replay, and nothing else is', async () => {
    await open(['20150407', '20150408']);
    await fill('20150407', 3, 400);
    const plan = await run.small.plan();
    await run.enforce(plan);
    await run.knex.raw(`DROP TABLE ${called('20150407')}`);
    await run.knex.raw(ddl(called('20150407')));
    await fill('20150407', 4, 400);
    await fill('20150408', 2, 400);
    const replay = await run.small.plan(`run-${plan.id}`);
    expect(
      replay.parts.flatMap(({ dataset, counts }) => (counts.due > 0 ? [[dataset, counts.due]] : [])),
    ).toEqual([[addressOf('20150407'), 3]]);
    await run.enforce(replay);
    expect(await idsIn(called('20150407'))).toEqual([4]);
    expect(await idsIn(called('20150408'))).toEqual([1, 2]);
  });
});

describe('a hold on a record', () => {
  const key = (id: number): string[] => [String(id), DATE];
  const DATE = ago(400);

  test.each(['before the plan', 'after the plan'])(
    'holds in the table that it names, and in all of them where it names none, placed %s',
    async when => {
      await open(['20150407', '20150408']);
      for (const day of ['20150407', '20150408'])
        await run.knex(called(day)).insert([1, 2, 3].map(id => ({ id, date: DATE, node: 'plain' })));
      const place = async (): Promise<void> => {
        const address = (dataset: string, id: number) => ({
          records: [{ store: 'tested', dataset, key: key(id) }],
        });
        await run.small.ledger.holds.place(holdOn('one', address(addressOf('20150407'), 1)));
        await run.small.ledger.holds.place(holdOn('any', address('sip-captures', 2)));
        await run.small.ledger.holds.place(holdOn('other', address(addressOf('20150409'), 3)));
      };
      if (when === 'before the plan') await place();
      const plan = await run.small.plan();
      if (when === 'after the plan') await place();
      const reasons = await run.enforce(plan);
      if (when === 'after the plan') expect(reasons).toEqual({ 'held: one': 1, 'held: any': 2 });
      else expect(plan.parts.reduce((sum, { counts }) => sum + counts.held, 0)).toBe(3);
      expect(await idsIn(called('20150407'))).toEqual([1, 2]);
      expect(await idsIn(called('20150408'))).toEqual([2]);
    },
  );

  test('a hold on a customer holds in every table', async () => {
    await open(['20150407', '20150408']);
    for (const day of ['20150407', '20150408']) {
      await fill(day, 2, 400);
      await run.knex(called(day)).insert({ id: 9, date: ago(400), node: HELD });
    }
    await run.enforce(await run.small.plan());
    for (const day of ['20150407', '20150408']) expect(await idsIn(called(day))).toEqual([9]);
  });
});

describe('limits', () => {
  test('count over all tables: one that is due as a whole is within them', async () => {
    await open(['20150407', '20150408'], { limitPercent: 10 });
    await fill('20150407', 5, 400);
    await fill('20150408', 95, 1);
    const plan = await run.small.plan();
    expect(findingsOf(plan)).toEqual([]);
    await run.enforce(plan);
    expect(await idsIn(called('20150407'))).toEqual([]);
  });

  test('are told once for all tables, and refuse the plan', async () => {
    await open(['20150407', '20150408', '20150409'], { limitPercent: 10 });
    await fill('20150407', 15, 400);
    await fill('20150408', 5, 400);
    await fill('20150409', 80, 1);
    const plan = await run.small.plan();
    expect(findingsOf(plan)).toEqual([
      'refused sip-captures: in all of its tables, 20.0 % of the records are due, and at most 10 % may go in one run',
    ]);
    expect(partOf(plan, 'sip-captures').counts).toMatchObject({ stored: 0, due: 0 });
    await expect(run.enforce(plan)).rejects.toMatchObject({
      code: 'limit-exceeded',
      message: expect.stringContaining('sip-captures (call): 20.0 %'),
    });
    expect((await idsIn(called('20150407'))).length).toBe(15);
  });

  test('of estimated tables are counted when they are near', async () => {
    await open(['20150407', '20150408'], { limitPercent: 1 });
    const table = called('20150408');
    await run.knex.raw(
      `INSERT INTO ${table} (id, date, node) SELECT seq, ?, 'plain' FROM ${numbersTo(120_000)} ORDER BY seq`,
      [ago(1)],
    );
    await run.knex.raw(`ANALYZE TABLE ${table}`);
    await fill('20150407', 10, 400);
    const far = await run.small.plan();
    expect(partOf(far, addressOf('20150408')).storedIsEstimate).toBe(true);
    await run.knex.raw(`UPDATE ${table} SET date = ? WHERE id <= 800`, [ago(400)]);
    const near = await run.small.plan();
    expect(partOf(near, addressOf('20150408'))).toMatchObject({
      storedIsEstimate: false,
      counts: { stored: 120_000, due: 800 },
    });
    expect(findingsOf(near)).toEqual([]);
  });
});

describe('what does not fit', () => {
  test('a name that no table has is told in the plan', async () => {
    await open([], { ddl: [ddl('sip_capture_call_p20150407')] });
    const plan = await run.small.plan();
    expect(findingsOf(plan)).toEqual([
      expect.stringMatching(
        /^warning sip-captures: no table is named "sip_capture_call_\{yyyyMMdd\}" with a date in it/,
      ),
    ]);
    expect(await run.enforce(plan)).toEqual({});
  });

  test('that nothing is due in any table is told once', async () => {
    await open(['20150407', '20150408']);
    for (const day of ['20150407', '20150408']) await fill(day, 3, 1);
    expect(findingsOf(await run.small.plan())).toEqual([
      'advice sip-captures: no record of any of its tables is past its period: right only if the oldest is younger than that',
    ]);
  });

  test('a table of another shape is refused by itself, and the others go on', async () => {
    await open(['20150407'], {
      ddl: [
        `CREATE TABLE ${called('20150408')} (id INT NOT NULL, date DATETIME NOT NULL, PRIMARY KEY (id, date))`,
        `CREATE TABLE ${called('20150409')} (id INT NOT NULL, date DATETIME NOT NULL, node VARCHAR(20))`,
      ],
    });
    await fill('20150407', 3, 400);
    await run.knex(called('20150408')).insert({ id: 1, date: ago(400) });
    const plan = await run.small.plan();
    expect(findingsOf(plan)).toEqual([
      expect.stringContaining(
        `refused ${addressOf('20150408')}: table "${called('20150408')}" has no column "node"`,
      ),
      expect.stringContaining(`refused ${addressOf('20150409')}: "id, date" is not a primary or unique`),
    ]);
    await run.enforce(plan);
    expect(await idsIn(called('20150407'))).toEqual([]);
    expect(await idsIn(called('20150408'))).toEqual([1]);
  });

  test('a table that two datasets mean is refused with both names, and so is no other', async () => {
    run = await openCase({
      ddl: [ddl('cdr_2024_01'), ddl('cdr_2024_02')],
      datasets: [
        { ...CAPTURES, dataset: 'months', tables: 'cdr_{yyyy_MM}' },
        { ...CAPTURES, dataset: 'january', tables: 'cdr_{yyyy}_01' },
      ],
    });
    for (const table of ['cdr_2024_01', 'cdr_2024_02'])
      await run.knex(table).insert({ id: 1, date: ago(400), node: 'plain' });
    const plan = await run.small.plan();
    const said = (one: string, other: string): unknown =>
      expect.stringContaining(
        `refused ${one}:cdr_2024_01: table "cdr_2024_01" is meant by "${one}:cdr_2024_01" and by "${other}:cdr_2024_01"`,
      );
    expect(findingsOf(plan)).toEqual([said('months', 'january'), said('january', 'months')]);
    await run.enforce(plan);
    expect(await idsIn('cdr_2024_01')).toEqual([1]);
    expect(await idsIn('cdr_2024_02')).toEqual([]);
  });
});

test('four hundred empty tables are planned in seconds', async () => {
  const days = [...Array(400).keys()].map(day =>
    wallUtc(Date.UTC(2020, 0, 1 + day))
      .slice(0, 10)
      .replaceAll('-', ''),
  );
  await open(days);
  await fill(days[7] ?? '', 2, 400);
  const beganMs = performance.now();
  const plan = await run.small.plan();
  const tookMs = performance.now() - beganMs;
  expect(plan.parts.filter(({ counts }) => counts.due > 0).map(({ dataset }) => dataset)).toEqual([
    addressOf(days[7] ?? ''),
  ]);
  expect(plan.parts.length).toBe(401);
  // Some 2 s alone on two cores; a look at every table for each table would take minutes.
  expect(tookMs).toBeLessThan(20_000);
}, 120_000);
