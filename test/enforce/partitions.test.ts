// Whole partitions on a real server: what is dropped is the set that was listed, each key with its evidence; anything that
// differs, is held or cannot be told is left to the rows' own path, which keeps what must be kept.
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { verifyAudit } from '../../src/ledger/verify-audit.ts';
import type { Plan, PlannedPartition } from '../../src/plan/plan.ts';
import { policyOf } from '../ledger/sample-log.ts';
import { type FreshFolder, type FreshMysql, freshFolder, freshMysql } from '../support/databases.ts';
import { RIGHTS_TO_DELETE } from '../support/server-facts.ts';
import { countKind, disposedKeys, spyOn } from '../support/small-ledger.ts';
import { holdOn, policySetOf, type SmallRun, smallRun } from '../support/small-run.ts';
import { numbersTo } from '../support/sql-spelling.ts';
import { type DatasetFile, sqlMap } from '../support/store-maps.ts';
import { thisFamily } from '../support/this-server.ts';

const DAY_MS = 86_400_000;
const NOW = Date.now();
/** Days before now from which on the calls of each partition started, and the days of their bounds. */
const STARTS = [100, 80, 50, 25, 5];
const BOUNDS = [90, 60, 40, 20];

const CALLS: DatasetFile = {
  dataset: 'calls',
  table: 'cdr',
  key: ['id', 'at'],
  class: 'call',
  customer: 'account',
  numbers: ['src'],
  partitions: 'drop',
  start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
};

let store: FreshMysql;
let folder: FreshFolder;
let small: SmallRun;
/** What became of each partition: null where it was dropped, else why not. */
let went: Record<string, string | null>;

beforeEach(async () => {
  store = await freshMysql();
  folder = await freshFolder();
  went = {};
});

afterEach(async () => {
  await small.close();
  await store.drop();
  await folder.remove();
});

/** Midnight so many days before now. */
function day(before: number): string {
  return new Date(NOW - before * DAY_MS).toISOString().slice(0, 10);
}

/** Five partitions, of which p1, p2 and p3 are due, with 40 calls each; ids rise with the time. */
interface Opening {
  readonly columns?: string;
  readonly by?: string;
  readonly type?: string;
  readonly dataset?: Partial<DatasetFile>;
  readonly url?: string;
}

async function open(more: Opening = {}): Promise<void> {
  const rows = 40;
  const bounds = BOUNDS.map(
    (before, index) => `PARTITION p${index + 1} VALUES LESS THAN (${boundOf(more.by, before)})`,
  );
  await store.knex.raw(
    `CREATE TABLE cdr (id BIGINT NOT NULL, at ${more.type ?? 'DATETIME'} NOT NULL, account VARCHAR(20), src VARCHAR(20), PRIMARY KEY (id, at) ${more.columns ?? ', KEY at (at)'})
     PARTITION BY ${more.by ?? 'RANGE COLUMNS (at)'} (${bounds.join(', ')}, PARTITION p5 VALUES LESS THAN ${more.by === undefined ? '(MAXVALUE)' : 'MAXVALUE'})`,
  );
  await insert(1, rows * 5, index => (STARTS[Math.floor(index / rows)] ?? 0) - (index % rows) / (rows * 2));
  small = await smallRun({
    ledgerAt: `${folder.path}/ledger.db`,
    maps: [sqlMap('mysql', [{ ...CALLS, ...more.dataset }])],
    at: { tested: more.url ?? store.url },
    policySet: policySetOf([policyOf('call', 'P30D', 'purge')]),
    nowMs: NOW,
    batchKeys: 10,
    onEvent: event => {
      if (event.kind === 'partition') went[event.partition] = event.why;
    },
  });
}

function boundOf(by: string | undefined, before: number): string {
  if (by === undefined) return `'${day(before)}'`;
  return by.includes('UNIX') ? `UNIX_TIMESTAMP('${day(before)} 00:00:00')` : `TO_DAYS('${day(before)}')`;
}

async function insert(from: number, count: number, daysBefore: (index: number) => number): Promise<void> {
  const rows = [...Array(count).keys()].map(index => ({
    id: from + index,
    at: new Date(NOW - daysBefore(index) * DAY_MS).toISOString().slice(0, 19).replace('T', ' '),
    account: String(1000 + (index % 10)),
    src: '+442079460000',
  }));
  await store.knex.batchInsert('cdr', rows, 500);
}

async function ids(): Promise<number[]> {
  return (await store.knex('cdr').orderBy('id').select('id')).map((row: { id: string }) => Number(row.id));
}

async function partitionNames(): Promise<string[]> {
  const [rows] = await store.knex.raw(
    "SELECT PARTITION_NAME AS name FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'cdr' ORDER BY PARTITION_ORDINAL_POSITION",
  );
  return rows.map((row: { name: string }) => row.name);
}

function planned(plan: Plan): Record<string, PlannedPartition['as']> {
  return Object.fromEntries((plan.parts[0]?.partitions ?? []).map(one => [one.name, one.as]));
}

/** The log verifies, and speaks of exactly these ids as purged, each once. */
async function expectEvidence(gone: readonly number[]): Promise<void> {
  const { broken, open: openIntents, records } = await verifyAudit(small.ledger);
  expect(broken).toBeNull();
  expect(openIntents).toBe(0);
  expect(records).toBe(gone.length);
  const ledger = spyOn(`${folder.path}/ledger.db`);
  const keys = await disposedKeys(ledger, 'calls');
  await ledger.destroy();
  expect(keys.map(key => Number((JSON.parse(key) as string[])[0])).sort((a, b) => a - b)).toEqual(gone);
}

function range(from: number, to: number): number[] {
  return [...Array(to - from + 1).keys()].map(index => from + index);
}

describe('partitions that are due as a whole', () => {
  test.each([
    ['RANGE COLUMNS with an index on the start', {}],
    ['RANGE COLUMNS without one', { columns: '' }],
    ['RANGE by TO_DAYS', { by: 'RANGE (TO_DAYS(at))' }],
    [
      'RANGE by UNIX_TIMESTAMP',
      {
        by: 'RANGE (UNIX_TIMESTAMP(at))',
        type: 'TIMESTAMP',
        dataset: { start: { event: 'recorded', column: 'at', unit: 'timestamp' } },
      },
    ],
  ] as [string, Opening][])('are dropped with evidence of every record: %s', async (_, more) => {
    await open(more);
    const plan = await small.plan();
    expect(plan.parts[0]?.counts.due).toBe(120);
    expect(planned(plan)).toEqual({ p1: 'drop', p2: 'drop', p3: 'drop' });
    expect(await ids()).toHaveLength(200);
    const { state } = await small.enforce(plan);
    expect(state).toBe('done');
    expect(went).toEqual({ p1: null, p2: null, p3: null });
    expect(await partitionNames()).toEqual(['p4', 'p5']);
    expect(await ids()).toEqual(range(121, 200));
    await expectEvidence(range(1, 120));
  });

  test('in many batches', async () => {
    await open();
    await store.knex.raw(
      `INSERT INTO cdr SELECT 1000 + seq, '${day(100)}' + INTERVAL seq SECOND, '1', '+442079460000' FROM ${numbersTo(99_000)} ORDER BY seq`,
    );
    await store.knex.raw('ANALYZE TABLE cdr');
    const plan = await small.plan();
    expect(planned(plan)).toEqual({ p1: 'drop', p2: 'drop', p3: 'drop' });
    expect(plan.batches).toBeGreaterThan(3);
    expect((await small.enforce(plan)).state).toBe('done');
    expect(went).toEqual({ p1: null, p2: null, p3: null });
    expect(await ids()).toEqual(range(121, 200));
    await expectEvidence([...range(1, 120), ...range(1001, 100_000)]);
  }, 60_000);
});

test('a writer at full speed: nothing goes that was not planned, and all that was planned', async () => {
  await open();
  const plan = await small.plan();
  let [written, going] = [0, true];
  const writer = (async () => {
    for (; going; written += 1) await insert(10_000 + written, 1, () => 45 + (written % 60));
  })();
  await small.enforce(plan);
  going = false;
  await writer;
  expect(written).toBeGreaterThan(0);
  expect(await ids()).toEqual([...range(121, 200), ...range(10_000, 9999 + written)]);
  await expectEvidence(range(1, 120));
}, 60_000);

describe('what goes row by row instead', () => {
  test('partitions of a dataset that does not ask for it', async () => {
    await open({ dataset: { partitions: 'rows' } });
    const plan = await small.plan();
    expect(plan.parts[0]?.partitions).toEqual([]);
    await small.enforce(plan);
    expect(await partitionNames()).toHaveLength(5);
    expect(await ids()).toEqual(range(121, 200));
    await expectEvidence(range(1, 120));
  });

  test('one with a record that is held when it is planned', async () => {
    await open();
    small.rules.policySet = policySetOf([policyOf('call', 'P30D', 'purge')], {
      holds: [
        holdOn('case', { records: [{ store: 'tested', dataset: 'calls', key: ['50', await atOf(50)] }] }),
      ],
    });
    const plan = await small.plan();
    expect(planned(plan)).toEqual({ p1: 'drop', p2: 'rows', p3: 'drop' });
    expect(plan.parts[0]?.partitions[1]?.why).toBe('of its 40 rows 1 may be held or instructed otherwise');
    expect(plan.parts[0]?.counts).toMatchObject({ due: 119, held: 1 });
    await small.enforce(plan);
    expect(await partitionNames()).toEqual(['p2', 'p4', 'p5']);
    expect(await ids()).toEqual([50, ...range(121, 200)]);
    await expectEvidence(range(1, 120).filter(id => id !== 50));
  });

  test('one with a record that is held between plan and enforcement', async () => {
    await open();
    const plan = await small.plan();
    await small.ledger.holds.place(holdOn('case', { customers: ['1003'] }, NOW));
    await small.enforce(plan);
    expect(Object.values(went)).toEqual(
      Array(3).fill('some of its rows may be held, or are not due any more'),
    );
    const kept = range(1, 120).filter(id => (id - 1) % 10 === 3);
    expect(await ids()).toEqual([...kept, ...range(121, 200)]);
    await expectEvidence(range(1, 120).filter(id => !kept.includes(id)));
  });

  test('one with a record that is held while the lock is waited for', async () => {
    await open();
    const plan = await small.plan();
    const other = await store.knex.transaction();
    await other('cdr').where({ id: 150 }).first();
    const enforced = small.enforce(plan);
    const ledger = spyOn(`${folder.path}/ledger.db`);
    while ((await countKind(ledger, 'run-started')) === 0) await wait(5);
    await wait(150);
    await small.ledger.holds.place(holdOn('case', { customers: ['1003'] }, NOW));
    await other.rollback();
    await enforced;
    await ledger.destroy();
    expect(went.p1).toBe('a hold or an instruction was changed meanwhile');
    const kept = range(1, 120).filter(id => (id - 1) % 10 === 3);
    expect(await ids()).toEqual([...kept, ...range(121, 200)]);
    await expectEvidence(range(1, 120).filter(id => !kept.includes(id)));
  });

  test('one that a late record came into: it survives, since it was never planned', async () => {
    await open();
    const plan = await small.plan();
    await insert(1000, 1, () => 70);
    await small.enforce(plan);
    expect(went).toEqual({ p1: null, p2: 'it holds other rows than were listed', p3: null });
    expect(await ids()).toEqual([...range(121, 200), 1000]);
    await expectEvidence(range(1, 120));
  });

  test('one in which another record took the place of a planned one', async () => {
    await open();
    const plan = await small.plan();
    await store.knex('cdr').where({ id: 60 }).delete();
    await insert(1000, 1, () => 70);
    await small.enforce(plan);
    expect(went).toMatchObject({ p2: 'it holds other rows than were listed' });
    expect(await ids()).toEqual([...range(121, 200), 1000]);
    await expectEvidence(range(1, 120).filter(id => id !== 60));
  });

  test('a table with records without a start: no key tells its rows apart', async () => {
    await open();
    await store.knex.raw('DROP TABLE cdr');
    await store.knex.raw(
      `CREATE TABLE cdr (id BIGINT NOT NULL, at DATETIME NULL, day DATE NOT NULL, account VARCHAR(20), src VARCHAR(20), PRIMARY KEY (id, day), KEY at (at))`,
    );
    await store.knex.raw('ALTER TABLE cdr DROP PRIMARY KEY, ADD UNIQUE KEY id (id, at), ADD KEY (id)');
    await store.knex.raw(
      `ALTER TABLE cdr PARTITION BY RANGE COLUMNS (at) (PARTITION p1 VALUES LESS THAN ('${day(90)}'), PARTITION p2 VALUES LESS THAN ('${day(60)}'), PARTITION p3 VALUES LESS THAN (MAXVALUE))`,
    );
    const plan = await small.plan();
    // Its key is not one that tells every row apart: NULL is unlike any NULL.
    expect(plan.parts[0]?.findings.map(one => one.code)).toEqual(['store-mismatch']);
  });

  test('the lowest, where records with a start of zero lie: they are kept', async () => {
    await open();
    const connection = await store.knex.transaction();
    await connection.raw("SET SESSION sql_mode = ''");
    await connection.raw("INSERT INTO cdr VALUES (900, '0000-00-00 00:00:00', '1', '2')");
    await connection.commit();
    const plan = await small.plan();
    expect(planned(plan)).toEqual({ p1: 'rows', p2: 'drop', p3: 'drop' });
    expect(plan.parts[0]?.partitions[0]?.why).toBe('of its 41 rows 1 are undated or of another class');
    expect(plan.parts[0]?.counts).toMatchObject({ due: 120, undated: 1 });
    await small.enforce(plan);
    expect(await partitionNames()).toEqual(['p1', 'p4', 'p5']);
    expect(await ids()).toEqual([...range(121, 200), 900]);
    await expectEvidence(range(1, 120));
  });

  test('records whose start was made unknown since: they are kept', async () => {
    await open();
    const plan = await small.plan();
    const connection = await store.knex.transaction();
    await connection.raw("SET SESSION sql_mode = ''");
    await connection.raw("INSERT INTO cdr VALUES (900, '0000-00-00 00:00:00', '1', '2')");
    await connection.commit();
    await small.enforce(plan);
    expect(went).toEqual({ p1: 'it holds other rows than were listed', p2: null, p3: null });
    expect(await ids()).toEqual([...range(121, 200), 900]);
  });

  test('those of a table on which a trigger acts', async () => {
    await open({ dataset: { acknowledged: { triggers: ['on_call'] } } });
    await store.knex.raw('CREATE TABLE gone (id BIGINT)');
    await store.knex.raw(
      'CREATE TRIGGER on_call AFTER DELETE ON cdr FOR EACH ROW INSERT INTO gone VALUES (OLD.id)',
    );
    const plan = await small.plan();
    expect(planned(plan)).toEqual({});
    expect(plan.parts[0]?.findings.find(one => one.code === 'partitions-as-rows')?.message).toContain(
      'trigger on_call acts on deletes, and a drop sets none off',
    );
    await small.enforce(plan);
    expect(await store.knex('gone')).toHaveLength(120);
  });

  test('those that a trigger was added to since', async () => {
    await open({ dataset: { acknowledged: { triggers: ['on_call'] } } });
    const plan = await small.plan();
    await store.knex.raw('CREATE TABLE gone (id BIGINT)');
    await store.knex.raw(
      'CREATE TRIGGER on_call AFTER DELETE ON cdr FOR EACH ROW INSERT INTO gone VALUES (OLD.id)',
    );
    await small.enforce(plan);
    expect(await partitionNames()).toHaveLength(5);
    expect(await store.knex('gone')).toHaveLength(120);
    await expectEvidence(range(1, 120));
  });

  test('those of a table that somebody keeps busy', async () => {
    await open();
    const plan = await small.plan();
    const other = await store.knex.transaction();
    await other('cdr').where({ id: 150 }).first();
    await small.enforce(plan);
    await other.rollback();
    expect(went.p1).toBe('others kept the table busy, and a lock was not to be had');
    expect(await ids()).toEqual(range(121, 200));
    await expectEvidence(range(1, 120));
  });

  test('one whose rows started later than its bound says would be due', async () => {
    await open();
    await store.knex.raw(
      `ALTER TABLE cdr REORGANIZE PARTITION p3, p4 INTO (PARTITION p3 VALUES LESS THAN ('${day(20)}'))`,
    );
    const plan = await small.plan();
    expect(planned(plan)).toEqual({ p1: 'drop', p2: 'drop' });
    await small.enforce(plan);
    expect(await partitionNames()).toEqual(['p3', 'p5']);
    expect(await ids()).toEqual(range(121, 200));
    await expectEvidence(range(1, 120));
  });

  test('those of a table that is partitioned by something else', async () => {
    await open();
    await store.knex.raw('ALTER TABLE cdr PARTITION BY HASH (id) PARTITIONS 4');
    const plan = await small.plan();
    expect(planned(plan)).toEqual({});
    expect(plan.parts[0]?.findings.find(one => one.code === 'partitions-as-rows')?.message).toContain(
      'which says nothing of at',
    );
    await small.enforce(plan);
    expect(await ids()).toEqual(range(121, 200));
  });

  test.each([
    ['SELECT, DELETE', 'the user may not lock cdr: GRANT LOCK TABLES on its database'],
    ['SELECT, DELETE, LOCK TABLES', 'the user may not drop partitions: GRANT ALTER, DROP on cdr'],
    ['SELECT, DELETE, LOCK TABLES, ALTER, DROP', null],
  ])('those of a user who may %s', async (rights, why) => {
    const url = new URL(store.url);
    [url.username, url.password] = [`limited_${Math.random().toString(36).slice(2, 10)}`, 'limited'];
    await store.knex.raw(`CREATE USER '${url.username}'@'%' IDENTIFIED BY 'limited'`);
    await store.knex.raw(
      `GRANT ${rights.replace('DELETE', RIGHTS_TO_DELETE[thisFamily()])} ON ${url.pathname.slice(1)}.* TO '${url.username}'@'%'`,
    );
    try {
      await open({ url: url.href });
      const { state } = await small.enforce(await small.plan());
      expect(state).toBe('done');
      expect(went).toEqual({ p1: why, p2: why, p3: why });
      expect(await ids()).toEqual(range(121, 200));
      await expectEvidence(range(1, 120));
    } finally {
      await store.knex.raw(`DROP USER '${url.username}'@'%'`);
    }
  });

  test('the last that the table would have', async () => {
    await open();
    for (const name of ['p4', 'p5']) await store.knex.raw(`ALTER TABLE cdr DROP PARTITION ${name}`);
    const plan = await small.plan();
    expect(planned(plan)).toEqual({ p1: 'drop', p2: 'drop', p3: 'rows' });
    await small.enforce(plan);
    expect(await partitionNames()).toEqual(['p3']);
    expect(await ids()).toEqual([]);
    await expectEvidence(range(1, 120));
  });
});

async function atOf(id: number): Promise<string> {
  return (await store.knex('cdr').where({ id }).first()).at;
}
