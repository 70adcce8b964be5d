// A batch is purged in writes, each a transaction of its own: as small as the pace says, exact each, with rules and rows
// that change between two of them, on one connection and on several.
import type { Knex } from 'knex';
import { afterEach, describe, expect, test } from 'vitest';
import type { PaceEvent } from '../../src/enforce/pace.ts';
import { readEvidence } from '../../src/ledger/evidence.ts';
import { verifyAudit } from '../../src/ledger/verify-audit.ts';
import type { PaceRules } from '../../src/plan/job.ts';
import { policyOf } from '../ledger/sample-log.ts';
import { freshFolder, freshMysql } from '../support/databases.ts';
import { spyOn } from '../support/small-ledger.ts';
import { holdOn, policySetOf, type SmallRun, smallRun } from '../support/small-run.ts';
import { sqlMap } from '../support/store-maps.ts';

const DAY_MS = 86_400_000;
const DUE = 1500;
const KEPT = 100;
const drops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const drop of drops.splice(0).reverse()) await drop();
});

type Write = Extract<PaceEvent, { kind: 'wrote' }>;

interface Calls {
  readonly small: SmallRun;
  readonly database: Knex;
  readonly writes: Write[];
  readonly ids: () => Promise<string[]>;
  /** Keys that the evidence tells of, and what became of each. */
  readonly told: () => Promise<Map<string, string>>;
}

interface Layout {
  /** The table's columns and keys; `at` is the start. */
  readonly columns: string;
  readonly key: readonly string[];
  /** Of the row that is written as this many-th: its key. */
  readonly keyAt: (index: number) => Record<string, string | number>;
  /** Seconds after the first that it started. */
  readonly secondAt: (index: number) => number;
}

const RISING: Layout = {
  columns: 'id BIGINT PRIMARY KEY, at DATETIME, account VARCHAR(20), INDEX (at)',
  key: ['id'],
  keyAt: index => ({ id: index + 1 }),
  // Several calls of a second each, and neighbours that end in another order than they began.
  secondAt: index => Math.floor((index ^ 5) / 3),
};

async function calls(
  layout: Layout,
  pace: Partial<PaceRules>,
  options: { readonly batchKeys?: number; readonly onWrite?: (calls: Calls, write: number) => void } = {},
): Promise<Calls> {
  const { url, knex: database, drop } = await freshMysql();
  const folder = await freshFolder();
  drops.push(drop, folder.remove);
  // Of the moment: a run refuses a clock that is minutes from the store's own.
  const nowMs = Date.now();
  await database.raw(`CREATE TABLE calls (${layout.columns})`);
  const at = (first: number, second: number): string =>
    new Date(first + second * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const rows = [...Array(DUE + KEPT).keys()].map(index => ({
    ...layout.keyAt(index),
    at: at(nowMs - (index < DUE ? 90 : 1) * DAY_MS, layout.secondAt(index)),
    account: String(1000 + (index % 10)),
  }));
  await database.batchInsert('calls', rows, 300);
  await database.raw('ANALYZE TABLE calls');
  const map = sqlMap('mysql', [
    {
      dataset: 'calls',
      table: 'calls',
      key: [...layout.key],
      class: 'call',
      customer: 'account',
      start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
    },
  ]);
  const ledgerAt = `${folder.path}/ledger.db`;
  const writes: Write[] = [];
  const small = await smallRun({
    ledgerAt,
    maps: [map],
    at: { tested: url },
    policySet: policySetOf([policyOf('call', 'P30D', 'purge')]),
    nowMs,
    batchKeys: options.batchKeys ?? DUE,
    pace: { niceRatio: 0, ...pace },
    onEvent: event => {
      if (event.kind !== 'wrote') return;
      writes.push(event);
      options.onWrite?.(all, writes.length);
    },
  });
  const spy = spyOn(ledgerAt);
  drops.push(
    () => small.close(),
    () => spy.destroy(),
  );
  const all: Calls = {
    small,
    database,
    writes,
    ids: async () => {
      const left: Record<string, unknown>[] = await database('calls').select([...layout.key]);
      return left.map(row => JSON.stringify(layout.key.map(column => String(row[column])))).sort();
    },
    told: async () => {
      const stored = await spy('audit_evidence').orderBy('seq');
      const lines = stored.flatMap((row: { batch_keys: Uint8Array; outcomes: string }) =>
        readEvidence({ packedKeys: row.batch_keys, outcomes: row.outcomes }),
      );
      const became = new Map(lines.map(line => [line.keyText, `${line.did} ${line.why}`.trim()]));
      expect(became.size).toBe(lines.length);
      return became;
    },
  };
  return all;
}

const keysIn = (writes: readonly Write[]): number => writes.reduce((sum, write) => sum + write.keys, 0);

/** All that was due is gone, what was not is untouched, and the log tells of each key once. */
async function expectExact({ small, ids, told }: Calls): Promise<void> {
  const became = await told();
  expect([...became.values()].every(did => did === 'purged')).toBe(true);
  expect(became.size).toBe(DUE);
  const left = await ids();
  expect(left).toHaveLength(KEPT);
  expect(left.filter(text => became.has(text))).toEqual([]);
  expect((await verifyAudit(small.ledger)).broken).toBeNull();
}

const LAYOUTS: readonly (readonly [string, Layout])[] = [
  ['numbers, along the start', RISING],
  [
    'numbers with holes here and there',
    { ...RISING, keyAt: index => ({ id: index + 1 + Math.floor(index / 40) * 9 }) },
  ],
  ['numbers, every third of them', { ...RISING, keyAt: index => ({ id: index * 3 + 1 }) }],
  ['numbers far from each other', { ...RISING, keyAt: index => ({ id: index * 1000 + 1 }) }],
  [
    'numbers, along the key',
    { ...RISING, columns: 'id BIGINT PRIMARY KEY, at DATETIME, account VARCHAR(20)' },
  ],
  [
    'texts at random, along the key',
    {
      ...RISING,
      columns: 'id CHAR(8) CHARACTER SET ascii PRIMARY KEY, at DATETIME, account VARCHAR(20)',
      keyAt: index => ({ id: ((index * 2_654_435_761) >>> 0).toString(16).padStart(8, '0') }),
    },
  ],
  [
    'texts, along the start',
    {
      ...RISING,
      columns: 'id CHAR(8) CHARACTER SET ascii PRIMARY KEY, at DATETIME, account VARCHAR(20), INDEX (at)',
      keyAt: index => ({ id: ((index * 2_654_435_761) >>> 0).toString(16).padStart(8, '0') }),
      // Few of many are due: the start's index it is.
      secondAt: index => Math.floor(index / 3),
    },
  ],
  [
    'two columns, along the start',
    {
      ...RISING,
      columns:
        'tenant INT, id BIGINT, at DATETIME, account VARCHAR(20), PRIMARY KEY (tenant, id), INDEX (at)',
      key: ['tenant', 'id'],
      keyAt: index => ({ tenant: index % 3, id: index + 1 }),
    },
  ],
  [
    'two columns, along the key',
    {
      ...RISING,
      columns: 'tenant INT, id BIGINT, at DATETIME, account VARCHAR(20), PRIMARY KEY (tenant, id)',
      key: ['tenant', 'id'],
      keyAt: index => ({ tenant: index % 3, id: index + 1 }),
    },
  ],
];

describe.each(LAYOUTS)('keys of %s', (_, layout) => {
  test('a batch goes in writes as small as the pace says, each exact at the first try', async () => {
    const all = await calls(layout, { writeMs: 0.001 });
    expect((await all.small.enforce(await all.small.plan())).state).toBe('done');
    await expectExact(all);
    expect(Math.max(...all.writes.map(write => write.keys))).toBeLessThanOrEqual(50);
    // No write was undone and its keys written again.
    expect(keysIn(all.writes)).toBe(DUE);
  });

  test('a batch that fits is one write', async () => {
    const all = await calls(layout, { writeMs: 1000 }, { batchKeys: 50 });
    expect((await all.small.enforce(await all.small.plan())).state).toBe('done');
    await expectExact(all);
    expect(all.writes.map(write => write.keys)).toEqual(Array(DUE / 50).fill(50));
  });

  test('on several connections at once it is as exact', async () => {
    const all = await calls(layout, { writeMs: 2, connections: 3 }, { batchKeys: 120 });
    expect((await all.small.enforce(await all.small.plan())).state).toBe('done');
    await expectExact(all);
    expect(keysIn(all.writes)).toBeGreaterThanOrEqual(DUE);
  });
});

test('a row after the last of a write may be locked by somebody else: nothing waits for it', async () => {
  const all = await calls(RISING, { writeMs: 1000 });
  const saved = await all.small.plan();
  const other = await all.database.transaction();
  try {
    await other.raw('SELECT id FROM calls WHERE id = ? FOR UPDATE', [DUE + 1]);
    expect((await all.small.enforce(saved)).state).toBe('done');
  } finally {
    await other.rollback();
  }
  await expectExact(all);
  // No write was undone and its keys looked at one by one.
  expect(keysIn(all.writes)).toBe(DUE);
});

describe('between two writes of a batch', () => {
  /** The rest after each write is long enough for what is done in it. */
  const RESTING = { writeMs: 0.001, niceRatio: 40 };

  test('a hold is placed: what it speaks of stays, the rest goes, and the log says which', async () => {
    let placed: Promise<void> = Promise.resolve();
    const all = await calls(RISING, RESTING, {
      onWrite: ({ small }, write) => {
        if (write === 2)
          placed = small.ledger.holds.place(holdOn('case-1', { customers: ['1007'] }, Date.now()));
      },
    });
    expect((await all.small.enforce(await all.small.plan())).state).toBe('done');
    await placed;
    const [became, left] = [await all.told(), new Set(await all.ids())];
    const held = [...became].filter(([, did]) => did === 'spared held: case-1').map(([text]) => text);
    // Of the first two writes and of one that was under way, those of the customer are gone.
    expect(held.length).toBeGreaterThanOrEqual((DUE - 150) / 10);
    expect(held.length).toBeLessThan(DUE / 10);
    expect([...became].filter(([text, did]) => (did === 'purged') === left.has(text))).toEqual([]);
    expect(left.size).toBe(KEPT + held.length);
    expect((await verifyAudit(all.small.ledger)).broken).toBeNull();
  });

  test.each([
    ['starts anew', 'UPDATE calls SET at = ? WHERE id % 10 = 3 AND id <= ?', 'spared changed'],
    ['goes by another hand', 'DELETE FROM calls WHERE at <> ? AND id % 10 = 3 AND id <= ?', 'spared gone'],
  ])('a record of it %s: it is not told of as purged', async (_, sql, why) => {
    let changed: Promise<number> = Promise.resolve(0);
    const all = await calls(RISING, RESTING, {
      onWrite: ({ database }, write) => {
        if (write === 2)
          changed = database
            .raw(sql, [new Date().toISOString().slice(0, 19).replace('T', ' '), DUE])
            .then(([{ affectedRows }]) => affectedRows);
      },
    });
    const { state } = await all.small.enforce(await all.small.plan());
    expect(state).toBe('done');
    const became = await all.told();
    const spared = [...became].filter(([, did]) => did.startsWith(why));
    expect(spared).toHaveLength(await changed);
    expect(spared.length).toBeGreaterThan(100);
    expect([...became].filter(([, did]) => did === 'purged')).toHaveLength(DUE - spared.length);
    const left = new Set(await all.ids());
    expect([...became].filter(([text, did]) => did === 'purged' && left.has(text))).toEqual([]);
  });

  test('the store fails: what went is told of as purged, what is left as failed', async () => {
    let breaking: Promise<void> = Promise.resolve();
    const all = await calls(RISING, RESTING, {
      onWrite: ({ database }, write) => {
        // A delete sets off what cannot work: no refusal, and no look at the rows is in its way.
        if (write === 3)
          breaking = database
            .raw('CREATE TRIGGER broken BEFORE DELETE ON calls FOR EACH ROW INSERT INTO nowhere VALUES (1)')
            .then(() => undefined);
      },
    });
    const { state } = await all.small.enforce(await all.small.plan());
    await breaking;
    const became = [...(await all.told()).values()];
    const gone = DUE + KEPT - (await all.ids()).length;
    expect(gone).toBeGreaterThanOrEqual(150);
    expect(gone).toBeLessThan(DUE);
    expect(became.filter(did => did === 'purged')).toHaveLength(gone);
    expect(became.filter(did => did.startsWith('failed'))).toHaveLength(DUE - gone);
    expect(state).toBe('partial');
  });
});
