// Trap 10: FreePBX's cdr has no key, `uniqueid` repeats across legs, and whole rows repeat. Declared keyless, its rows are
// listed, looked at again, deleted and told of by all of their columns, each as often as it is there; never one more.
// RETENTION_PROVE_KEYLESS_ROWS sets the number of calls of the large one.
import type { Knex } from 'knex';
import { afterEach, describe, expect, test } from 'vitest';
import { lookBack } from '../../src/enforce/look-back.ts';
import { readEvidence } from '../../src/ledger/evidence.ts';
import { verifyAudit } from '../../src/ledger/verify-audit.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { keyOfText, keysOf as keyTextsOf } from '../../src/policy/key-text.ts';
import { policyOf } from '../ledger/sample-log.ts';
import { instruction } from '../policy/make.ts';
import { freshFolder, freshMysql } from '../support/databases.ts';
import { spyOn } from '../support/small-ledger.ts';
import { holdOn, policySetOf, type SmallRun, smallRun } from '../support/small-run.ts';
import { countOf } from '../support/small-telecom.ts';
import { mysqlFixture, sqliteFixture } from '../support/sql-fixture.ts';
import { numbersTo } from '../support/sql-spelling.ts';
import { type DatasetFile, sqlMap } from '../support/store-maps.ts';
import { EVERYTHING, keysOf, letAllGo, pagesOf, scanned } from '../support/store-use.ts';

const LARGE = Number(process.env.RETENTION_PROVE_KEYLESS_ROWS ?? 20_000);
const DAY_MS = 86_400_000;
const COLUMNS =
  'calldate, clid, src, dst, dcontext, lastapp, duration, billsec, disposition, accountcode, uniqueid, recordingfile';
const HELD = '02079460001';
const LONGER = '02079460002';
const drops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const drop of drops.splice(0).reverse()) await drop();
});

const calls: DatasetFile = {
  dataset: 'calls',
  table: 'cdr',
  keyless: true,
  class: 'call',
  customer: 'accountcode',
  numbers: ['src', 'dst'],
  start: {
    event: 'recorded',
    column: 'calldate',
    unit: 'datetime',
    zone: 'UTC',
    sentinels: ['2000-01-01 00:00:00'],
  },
};

interface Calls {
  readonly small: SmallRun;
  readonly database: Knex;
  /** Wall time of the first second that is not due. */
  readonly boundary: string;
  readonly add: (calldate: string, copies: number, more?: Record<string, string | number>) => Promise<void>;
  /** How many rows a condition has, and a sum over them that any other byte or row changes. */
  readonly sumOf: (condition: string) => Promise<{ readonly n: number; readonly total: string }>;
  /** SQL that is true of what has to go, written for the check. */
  readonly due: string;
  /** What the audit log tells of keys, in order. */
  readonly told: () => Promise<{ readonly key: readonly string[]; readonly did: string }[]>;
}

async function openCalls(
  options: { readonly index?: boolean; readonly batchKeys?: number } = {},
): Promise<Calls> {
  const { url, knex: database, drop } = await freshMysql();
  const folder = await freshFolder();
  drops.push(drop, folder.remove);
  await database.raw(`CREATE TABLE cdr (
    calldate DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
    clid VARCHAR(80) NOT NULL DEFAULT '', src VARCHAR(80) NOT NULL DEFAULT '', dst VARCHAR(80) NOT NULL DEFAULT '',
    dcontext VARCHAR(80) NOT NULL DEFAULT '', lastapp VARCHAR(80) NOT NULL DEFAULT '',
    duration INT NOT NULL DEFAULT 0, billsec INT NOT NULL DEFAULT 0, disposition VARCHAR(45) NOT NULL DEFAULT '',
    accountcode VARCHAR(20) NOT NULL DEFAULT '', uniqueid VARCHAR(32) NOT NULL DEFAULT '',
    recordingfile VARCHAR(255) NOT NULL DEFAULT '' ${options.index === false ? '' : ', INDEX (calldate)'})`);
  const nowMs = Date.now();
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const boundary = `${day(nowMs + DAY_MS - 30 * DAY_MS)} 00:00:00`;
  const longer = `${day(nowMs - 60 * DAY_MS - DAY_MS)} 00:00:00`;
  const ledgerAt = `${folder.path}/ledger.db`;
  const small = await smallRun({
    ledgerAt,
    maps: [sqlMap('mysql', [calls])],
    at: { tested: url },
    policySet: policySetOf([policyOf('call', 'P30D', 'purge')], {
      holds: [holdOn('held', { numbers: [HELD] })],
      instructions: [instruction('longer', 'P60D', { class: 'call', scope: 'number', number: LONGER })],
    }),
    nowMs,
    batchKeys: options.batchKeys ?? 4,
    limitRecords: 2 * LARGE,
    pace: { niceRatio: 0 },
  });
  const spy = spyOn(ledgerAt);
  drops.push(
    () => small.close(),
    () => spy.destroy(),
  );
  return {
    small,
    database,
    boundary,
    add: (calldate, copies, more = {}) =>
      database.batchInsert(
        'cdr',
        Array.from({ length: copies }, () => ({
          calldate,
          clid: '"Someone" <100>',
          src: '02079461000',
          dst: '02079462000',
          uniqueid: '1700000000.1',
          ...more,
        })),
      ),
    sumOf: async condition => {
      const [[row]] = await database.raw(
        `SELECT COUNT(*) AS n, COALESCE(SUM(CRC32(CONCAT_WS('|', ${COLUMNS}))), 0) AS total FROM cdr WHERE ${condition}`,
      );
      return { n: Number(row.n), total: String(row.total) };
    },
    due: `calldate > '1995-01-01' AND calldate <> '2000-01-01' AND calldate < '${boundary}' AND '${HELD}' NOT IN (src, dst) AND NOT ('${LONGER}' IN (src, dst) AND calldate >= '${longer}')`,
    told: async () => {
      const lines: { key: readonly string[]; did: string }[] = [];
      for await (const entry of small.ledger.audit.entries({ kind: 'done' })) {
        const evidence = await small.ledger.audit.evidence(entry.seq);
        if (evidence === null) throw new Error('a batch without evidence');
        for (const { keyText, did } of readEvidence(evidence))
          lines.push({ key: keyOfText(keyText) ?? [], did });
      }
      return lines;
    },
  };
}

function shifted(wall: string, seconds: number): string {
  return new Date(Date.parse(`${wall.replace(' ', 'T')}Z`) + seconds * 1000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
}

/** Every kind of start there is, most of them in copies. */
async function fill({ add, boundary }: Calls): Promise<void> {
  await add('2024-02-01 10:00:00', 1);
  await add('2024-02-01 10:00:00', 2, { dst: '02079463000' });
  await add('2024-02-01 10:00:00', 3, { lastapp: 'Dial' });
  await add('2024-02-01 10:00:00', 1, { lastapp: 'dial' });
  await add('2024-02-02 10:00:00', 6, { recordingfile: 'a.wav' });
  await add('2024-02-03 10:00:00', 2, { src: HELD });
  await add('2024-02-04 10:00:00', 2, { dst: LONGER });
  await add(shifted(boundary, -10 * 86_400), 3, { src: LONGER });
  await add(shifted(boundary, -1), 2);
  await add(boundary, 2);
  await add(shifted(boundary, 1), 2);
  await add(shifted(boundary, 20 * 86_400), 3);
  await add('0000-00-00 00:00:00', 3);
  await add('2000-01-01 00:00:00', 2);
  await add(shifted(boundary, 400 * 86_400), 2);
}

const countsOf = (plan: Plan): Readonly<Record<string, number>> => ({ ...plan.parts[0]?.counts });

describe.each([true, false])('with an index on the start: %s', index => {
  test('what is due goes, each row as often as it was there, and the rest is what SQL says', async () => {
    const all = await openCalls({ index });
    await fill(all);
    const [gone, rest] = [await all.sumOf(all.due), await all.sumOf(`NOT (${all.due})`)];
    const plan = await all.small.plan();
    expect(gone).toMatchObject({ n: 17 });
    expect(countsOf(plan)).toMatchObject({ stored: 36, due: 17, held: 2, undated: 7 });
    const { state } = await all.small.enforce(plan);
    expect(state).toBe('done');
    expect(await all.sumOf(all.due)).toMatchObject({ n: 0 });
    expect(await all.sumOf('1')).toEqual(rest);
    const told = await all.told();
    expect(told.map(({ did }) => did)).toEqual(Array(17).fill('purged'));
    expect(new Set(told.map(({ key }) => JSON.stringify(key))).size).toBe(17);
    const { broken, open, records } = await verifyAudit(all.small.ledger);
    expect({ broken, open, records }).toEqual({ broken: null, open: 0, records: 17 });
    expect(countsOf(await all.small.plan())).toMatchObject({ stored: 19, due: 0 });
  });
});

test('what changed between plan and enforcing is kept, and what somebody else deleted is told as gone', async () => {
  const all = await openCalls();
  await fill(all);
  const plan = await all.small.plan();
  // One copy of three is another row now, one of two is gone, and one has come that no plan has seen.
  await all.database.raw("UPDATE cdr SET clid = 'changed' WHERE BINARY lastapp = 'Dial' LIMIT 1");
  await all.database.raw("DELETE FROM cdr WHERE dst = '02079463000' LIMIT 1");
  await all.add('2024-02-02 10:00:00', 1, { recordingfile: 'a.wav' });
  await all.small.enforce(plan);
  expect(await all.database('cdr').where(all.database.raw(all.due)).select('clid', 'recordingfile')).toEqual([
    { clid: 'changed', recordingfile: '' },
    { clid: '"Someone" <100>', recordingfile: 'a.wav' },
  ]);
  const told = await all.told();
  expect(told.filter(({ did }) => did === 'purged')).toHaveLength(15);
  expect(told.filter(({ did }) => did !== 'purged')).toHaveLength(2);
  expect((await verifyAudit(all.small.ledger)).broken).toBeNull();
});

test('a hold that came after the plan keeps every copy, on a number and on the key of one of them', async () => {
  const all = await openCalls();
  await all.add('2024-02-01 10:00:00', 3);
  await all.add('2024-02-01 10:00:00', 2, { dst: '02079463000' });
  await all.add('2024-02-01 10:00:00', 2, { dst: '02079464000' });
  const plan = await all.small.plan();
  const keys = (await all.small.keysOf(plan, 'calls')).filter(([, , copy]) => copy === '3');
  const records = keys.map(key => ({ store: 'tested', dataset: 'calls', key }));
  expect(records).toHaveLength(1);
  await all.small.ledger.holds.place(holdOn('by key', { records }));
  await all.small.ledger.holds.place(holdOn('by number', { numbers: ['02079463000'] }));
  await all.small.enforce(plan);
  expect(await all.database('cdr').select('dst').count({ n: '*' }).groupBy('dst').orderBy('dst')).toEqual([
    { dst: '02079462000', n: '3' },
    { dst: '02079463000', n: '2' },
  ]);
  expect(countsOf(await all.small.plan())).toMatchObject({ stored: 5, due: 0, held: 5 });
});

test('a replay after a restore deletes exactly what came back', async () => {
  const all = await openCalls();
  await fill(all);
  await all.database.raw('CREATE TABLE backup AS SELECT * FROM cdr');
  const { run } = await all.small.enforce(await all.small.plan());
  const rest = await all.sumOf('1');
  expect(countsOf(await all.small.plan(run))).toMatchObject({ due: 0 });
  // Two copies of three, one row whole, and one that the run has never seen.
  await all.database.raw(
    "INSERT INTO cdr SELECT * FROM backup WHERE BINARY lastapp = 'Dial' AND calldate < '2024-03-01' LIMIT 2",
  );
  await all.database.raw("INSERT INTO cdr SELECT * FROM backup WHERE BINARY lastapp = 'dial'");
  await all.add('2024-02-01 10:00:00', 1, { lastapp: 'Hangup' });
  const replay = await all.small.plan(run);
  expect(countsOf(replay)).toMatchObject({ due: 3 });
  await all.small.enforce(replay);
  expect(await all.database('cdr').where({ lastapp: 'Hangup' }).delete()).toBe(1);
  expect(await all.sumOf('1')).toEqual(rest);
});

test(`${LARGE} calls, a third of them copies, in bounded pages`, { timeout: 1_200_000 }, async () => {
  const all = await openCalls({ batchKeys: 1000 });
  await all.database.raw(
    `INSERT INTO cdr (calldate, src, dst, uniqueid, duration)
      SELECT '2024-01-01' + INTERVAL FLOOR(seq / 7) SECOND, 1000 + seq % 9, IF(seq % 10 = 0, '${HELD}', '0'), FLOOR(seq / 7), seq % 7 > 4
      FROM ${numbersTo(Math.floor(LARGE / 3))} ORDER BY seq`,
  );
  await all.database.raw('INSERT INTO cdr SELECT * FROM cdr WHERE duration = 1');
  await all.database.raw(
    `INSERT INTO cdr (calldate, uniqueid) SELECT NOW() - INTERVAL seq SECOND, seq FROM ${numbersTo(Math.floor(LARGE / 3))} ORDER BY seq`,
  );
  // More than a window holds of one start, twice each; half of them due.
  for (const calldate of ['2024-06-01 12:00:00', '0000-00-00 00:00:00'])
    for (let copy = 0; copy < 2; copy += 1)
      await all.database.raw(
        `INSERT INTO cdr (calldate, src, dst, uniqueid) SELECT ?, '100', '101', seq FROM ${numbersTo(Math.max(3000, Math.floor(LARGE / 10)))} ORDER BY seq`,
        [calldate],
      );
  await all.database.raw('ANALYZE TABLE cdr');
  const [gone, rest] = [await all.sumOf(all.due), await all.sumOf(`NOT (${all.due})`)];
  const plan = await all.small.plan();
  expect(countsOf(plan)).toMatchObject({ due: gone.n });
  await all.small.enforce(plan);
  expect(await all.sumOf('1')).toEqual(rest);
  const { broken, records } = await verifyAudit(all.small.ledger);
  expect({ broken, records }).toEqual({ broken: null, records: gone.n });
});

describe('rows are told apart by the exact value of every column', () => {
  test('whatever its type, at the reader as at the store', async () => {
    const fixture = await mysqlFixture();
    drops.push(fixture.drop);
    await fixture.knex.raw(`CREATE TABLE cdr (calldate DATETIME(6), clid VARCHAR(20) CHARACTER SET latin1, src TEXT, dst CHAR(5),
      accountcode VARCHAR(20), f FLOAT, d DOUBLE, n DECIMAL(20,6), b BIT(3), e ENUM('a', 'A2', ''), bin VARBINARY(9), l LONGBLOB, t TIME(6), j JSON)`);
    const values = {
      calldate: [null, '2024-01-01 00:00:00', '2024-01-01 00:00:00.000001'],
      clid: [null, '', ' ', 'a', 'A', 'ä', 'N'],
      src: [null, '', 'N', 'a ', 'a', ',', "','"],
      dst: [null, ''],
      f: [null, 0.1, 0.10000001, 16777216, 16777218],
      d: [null, '0.1', '0.10000000000000002', '-1.2345678901234568e-300', '-1.2345678901234564e-300'],
      n: [null, '0.000001', '99999999999999.999999', '99999999999999.999998'],
      b: [0, 1, 7],
      e: ['a', 'A2', ''],
      bin: [null, Buffer.from([0]), Buffer.from([0, 0]), Buffer.from('N')],
      l: [null, Buffer.alloc(0), Buffer.alloc(70_000), Buffer.alloc(70_001)],
      t: [null, '00:00:00', '00:00:00.000001'],
      j: [null, '{"a": 1}', '{"a": 1.0}', 'null'],
    };
    const rows = Object.entries(values).flatMap(([column, all]) => all.map(value => ({ [column]: value })));
    const written = [...rows, { clid: 'x', src: 'yz' }, { clid: 'xy', src: 'z' }];
    for (const row of written) await fixture.knex('cdr').insert(row);
    const { reader, store, dataset, order } = fixture.open(calls);
    expect(await reader.check(dataset('calls'), ['purge'])).toEqual([]);
    const keys = keysOf(await scanned(reader, dataset('calls')));
    expect(keys).toHaveLength(written.length);
    // All that is NULL in every column is one row; everything else is another.
    const nothing = rows.filter(row => Object.values(row).every(value => value === null)).length;
    expect(new Set(keys.map(([, digest]) => digest)).size).toBe(written.length - nothing + 1);
    expect(keysOf(await reader.find(dataset('calls'), keys)).sort()).toEqual([...keys].sort());
    const outcomes = await store.dispose(order('purge', keys), letAllGo);
    expect(outcomes.map(({ did }) => did)).toEqual(keys.map(() => 'purged'));
    expect(await countOf(fixture.knex, 'cdr')).toBe(0);
  });

  test('any of several copies go, and exactly so many; a page is never more than was asked for', async () => {
    const fixture = await mysqlFixture();
    drops.push(fixture.drop);
    await fixture.knex.raw('CREATE TABLE cdr (calldate DATETIME, accountcode INT, src INT, dst INT)');
    await fixture.knex.raw(
      `INSERT INTO cdr (calldate) SELECT '2024-01-01' FROM ${numbersTo(5)} ORDER BY seq`,
    );
    const { reader, store, dataset, order } = fixture.open(calls);
    const pages = await pagesOf(reader, dataset('calls'), EVERYTHING, 2);
    expect(pages.map(page => page.length)).toEqual([2, 2, 1]);
    const keys = keysOf(pages.flat());
    expect(keys.map(([, , copy]) => copy)).toEqual(['1', '2', '3', '4', '5']);
    await store.dispose(order('purge', keys.slice(1, 3)), letAllGo);
    expect(await countOf(fixture.knex, 'cdr')).toBe(3);
    const outcomes = await store.dispose(order('purge', keys), letAllGo);
    expect(outcomes.map(({ did }) => did)).toEqual(['purged', 'purged', 'purged', 'spared', 'spared']);
  });

  test('what a trigger holds back stays with all of its copies, and the others go', async () => {
    const fixture = await mysqlFixture();
    drops.push(fixture.drop);
    await fixture.knex.raw('CREATE TABLE cdr (calldate DATETIME, accountcode INT, src INT, dst INT)');
    await fixture.knex.raw(
      `INSERT INTO cdr SELECT '2024-01-01', 1, seq % 3, 1 FROM ${numbersTo(9)} ORDER BY seq`,
    );
    await fixture.knex.raw(
      "CREATE TRIGGER kept BEFORE DELETE ON cdr FOR EACH ROW IF OLD.src = 1 THEN SIGNAL SQLSTATE '45000'; END IF",
    );
    const { reader, store, dataset, order } = fixture.open(calls);
    const keys = keysOf(await scanned(reader, dataset('calls')));
    const outcomes = await store.dispose(order('purge', keys), letAllGo);
    expect(outcomes.filter(({ did }) => did === 'purged')).toHaveLength(6);
    expect(await fixture.knex('cdr').pluck('src')).toEqual([1, 1, 1]);
  });

  test('keys are found each once, however many are asked for', async () => {
    const fixture = await mysqlFixture();
    drops.push(fixture.drop);
    await fixture.knex.raw('CREATE TABLE cdr (calldate DATETIME, accountcode INT, src INT, dst INT)');
    await fixture.knex.raw(
      `INSERT INTO cdr SELECT '2024-01-01', 1, 1, 1 FROM ${numbersTo(1500)} ORDER BY seq`,
    );
    const { reader, dataset } = fixture.open(calls);
    const keys = keysOf(await scanned(reader, dataset('calls')));
    expect(keysOf(await reader.find(dataset('calls'), keys))).toEqual(keys);
    await fixture.knex.raw('DELETE FROM cdr LIMIT 700');
    expect(keysOf(await reader.find(dataset('calls'), keys))).toEqual(keys.slice(0, 800));
  });

  test('a copy that comes while its like are deleted undoes the write', async () => {
    const fixture = await mysqlFixture();
    drops.push(fixture.drop);
    await fixture.knex.raw(
      'CREATE TABLE cdr (calldate DATETIME, accountcode INT, src INT, dst INT, INDEX (calldate))',
    );
    const add = () => fixture.knex('cdr').insert({ calldate: '2024-01-01 00:00:00', src: 1 });
    await add();
    await add();
    const { reader, store, dataset, order } = fixture.open(calls);
    const keys = keysOf(await scanned(reader, dataset('calls')));
    const slow = store.dispose(order('purge', keys), async records => {
      await add();
      return letAllGo(records);
    });
    await expect(slow).rejects.toThrow('3 rows were written where 2 stood under lock');
    expect(await countOf(fixture.knex, 'cdr')).toBe(3);
  });
});

test('copies stand in one batch, and what a killed run left of them is told by their number', async () => {
  const all = await openCalls({ batchKeys: 4 });
  await fill(all);
  const plan = await all.small.plan();
  const { plans } = all.small.ledger;
  const batches: string[][] = [];
  for (const header of await plans.openBatches(plan.id))
    batches.push(keyTextsOf((await plans.load(header)).keys).map(key => key.slice(0, 2).join()));
  const rows = batches.flatMap(batch => [...new Set(batch)]);
  expect(new Set(rows).size).toBe(rows.length);
  expect(Math.max(...batches.map(batch => batch.length))).toBeGreaterThan(4);

  const fixture = await mysqlFixture();
  drops.push(fixture.drop);
  await fixture.knex.raw(
    'CREATE TABLE cdr (calldate DATETIME, accountcode INT, src INT, dst INT, INDEX (calldate))',
  );
  await fixture.knex.raw(
    `INSERT INTO cdr SELECT '2024-01-01', 1, seq, 1 FROM ${numbersTo(1500)} ORDER BY seq`,
  );
  await fixture.knex.raw(
    `INSERT INTO cdr SELECT '2024-01-02', 2, 2, 2 FROM ${numbersTo(1_000)} ORDER BY seq`,
  );
  const { reader, store, dataset } = fixture.open(calls);
  const keys = keysOf(await scanned(reader, dataset('calls')));
  await fixture.knex.raw('DELETE FROM cdr WHERE src = 2 AND accountcode = 2 LIMIT 700');
  const states = await lookBack(store, dataset('calls'), 'purge', keys);
  expect(states.filter(state => state === 'gone')).toHaveLength(700);
  expect(states.filter(state => state === 'remains')).toHaveLength(1800);
});

test('without an index on the start it says that each write reads the whole table', async () => {
  const fixture = await mysqlFixture();
  drops.push(fixture.drop);
  await fixture.knex.raw('CREATE TABLE cdr (calldate DATETIME, accountcode INT, src INT, dst INT)');
  await fixture.knex.raw(
    `INSERT INTO cdr SELECT '2024-01-01', 1, seq, 1 FROM ${numbersTo(110_000)} ORDER BY seq`,
  );
  await fixture.knex.raw('ANALYZE TABLE cdr');
  const { reader, dataset } = fixture.open(calls);
  expect(await reader.indexAdvice(dataset('calls'))).toMatch(
    /^no index begins with calldate: each plan and each write read all of some .* ON cdr \(calldate\)$/,
  );
});

describe('is refused', () => {
  const refusals = async (ddl: string, dispositions: readonly ('purge' | 'flag')[], written: DatasetFile) => {
    const fixture = await mysqlFixture();
    drops.push(fixture.drop);
    await fixture.knex.raw(ddl);
    const { reader, dataset } = fixture.open(written);
    return reader.check(dataset('calls'), dispositions);
  };
  const bare = 'CREATE TABLE cdr (calldate DATETIME, accountcode INT, src INT, dst INT';

  test('without being asked for, with two ways out that work', async () => {
    const { keyless: _, ...keyed } = calls;
    const [refused] = await refusals(`${bare})`, ['purge'], { ...keyed, key: ['src'] });
    expect(refused?.message).toBe('"src" is not a primary or unique NOT NULL key of "cdr"');
    expect(refused?.hint).toContain('keyless: true');
    const fixture = await mysqlFixture();
    drops.push(fixture.drop);
    await fixture.knex.raw(`${bare})`);
    await fixture.knex('cdr').insert({ src: 1 });
    await fixture.knex.raw(/ALTER TABLE [^,]*/.exec(refused?.hint ?? '')?.[0] ?? '');
    expect(await fixture.knex('cdr').select()).toEqual([
      { calldate: null, accountcode: null, src: 1, dst: null },
    ]);
    const opened = fixture.open({ ...keyed, key: ['id'] });
    expect(await opened.reader.check(opened.dataset('calls'), ['purge'])).toEqual([]);
  });

  test('of a table that has a key, of anything but a purge, and in SQLite', async () => {
    expect(await refusals(`${bare}, id INT PRIMARY KEY)`, ['purge'], calls)).toMatchObject([
      { hint: 'Write key: [id] in place of keyless: true' },
    ]);
    expect(await refusals(`${bare})`, ['flag'], calls)).toMatchObject([
      { message: expect.stringContaining('a class in it ends in "flag"') },
    ]);
    expect(await refusals(`${bare})`, ['purge'], calls)).toEqual([]);
    const sqlite = await sqliteFixture();
    drops.push(sqlite.drop);
    await sqlite.knex.raw(`${bare})`);
    const { reader, dataset } = sqlite.open(calls);
    expect(await reader.check(dataset('calls'), ['purge'])).toMatchObject([
      { hint: expect.stringContaining('rowid') },
    ]);
  });
});
