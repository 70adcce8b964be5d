// Orders that cannot be checked keep, and orders by number are found in fields of any spelling: what a plan lists must be
// what `decide` says of every row, whichever columns a dataset maps, and whether or not partitions go whole.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decide } from '../../src/policy/decide.ts';
import { tailsOf } from '../../src/policy/numbers.ts';
import type { PolicySet } from '../../src/policy/policy.ts';
import { readRecord } from '../../src/policy/record.ts';
import { rulesFor } from '../../src/policy/rules.ts';
import { kinds } from '../../src/stores/kinds.ts';
import { HAND_WRITTEN, madeForms } from '../policy/number-forms.ts';
import { freshFolder, freshMysql, freshSqlite } from '../support/databases.ts';
import { holdOn, policySetOf, smallRun } from '../support/small-run.ts';
import { datasetNamed, sqlMap } from '../support/store-maps.ts';
import { scanned } from '../support/store-use.ts';
import { anyRow, anyRules, NOW, ZONE } from './generated-rows.ts';

interface Place {
  readonly kind: 'sqlite' | 'mysql';
  readonly maps: { readonly customer?: string; readonly numbers?: string[] };
  readonly partitioned: boolean;
}

async function openPlace({ kind, maps, partitioned }: Place) {
  const fresh = kind === 'mysql' ? await freshMysql() : await freshSqlite();
  const at = 'url' in fresh ? fresh.url : fresh.path;
  const folder = await freshFolder();
  const map = sqlMap(kind, [
    {
      dataset: 'rows',
      table: 'rows_',
      key: partitioned ? ['id', 'at'] : ['id'],
      class: 'call',
      ...maps,
      ...(partitioned ? { partitions: 'drop' } : {}),
      start: { event: 'recorded', column: 'at', unit: 'datetime', zone: ZONE },
    },
  ]);
  const text = kind === 'mysql' ? 'TEXT CHARACTER SET utf8mb4' : 'TEXT';
  const parts = partitioned
    ? `PARTITION BY RANGE COLUMNS (at) (${[
        '2024-09-01',
        '2025-06-01',
        '2026-08-01',
        '2026-10-01',
        '2026-11-01',
      ]
        .map((before, index) => `PARTITION p${index} VALUES LESS THAN ('${before}')`)
        .join(', ')}, PARTITION rest VALUES LESS THAN (MAXVALUE))`
    : '';
  await fresh.knex.raw(
    `CREATE TABLE rows_ (id BIGINT, at ${kind === 'mysql' ? 'DATETIME' : 'TEXT'} NOT NULL, account VARCHAR(20), phone ${text}, PRIMARY KEY (id${partitioned ? ', at' : ''})) ${parts}`,
  );
  const small = await smallRun({
    ledgerAt: `${folder.path}/ledger.db`,
    maps: [map],
    at: { tested: at },
    policySet: policySetOf([]),
    nowMs: NOW,
    batchKeys: 50,
  });
  const dataset = datasetNamed(map, 'rows');
  /** What a plan lists as due, and what deciding on each row finds due. */
  const both = async (all: PolicySet) => {
    const isWhole = (one: { record?: unknown; scope?: unknown }): boolean => !partitioned || !isOnRecord(one);
    small.rules.policySet = policySetOf(all.policies, {
      ...all,
      holds: all.holds.filter(isWhole),
      instructions: all.instructions.filter(isWhole),
    });
    const { policySet } = small.rules;
    const reader = kinds[kind].openReader(map, at);
    try {
      const rules = rulesFor('call', policySet, [], dataset);
      const every = (await scanned(reader, dataset)).map(stored => readRecord(stored, dataset));
      const due = every.filter(record => decide(record, rules, small.moment()).verdict === 'due');
      const plan = await small.plan();
      expect(plan.parts[0]?.findings.filter(({ code }) => code === 'store-mismatch')).toEqual([]);
      const listed = (await small.keysOf(plan, 'rows')).map(key => key.join());
      return { plan, listed: listed.sort(), due: due.map(({ key }) => key.join()).sort() };
    } finally {
      await reader.close();
    }
  };
  const close = async () => {
    await small.close();
    await fresh.drop();
    await folder.remove();
  };
  return { knex: fresh.knex, small, both, close };
}

/** Orders on one record name it by a key of one value, which is not that of a partitioned table. */
function isOnRecord(order: { record?: unknown; scope?: unknown }): boolean {
  return (order.record ?? null) !== null || ((order.scope as { records?: unknown }).records ?? null) !== null;
}

const none = {};
const customer = { customer: 'account' };
const numbers = { numbers: ['phone'] };

describe.each<Place>([
  { kind: 'sqlite', maps: none, partitioned: false },
  { kind: 'sqlite', maps: numbers, partitioned: false },
  { kind: 'mysql', maps: none, partitioned: false },
  { kind: 'mysql', maps: customer, partitioned: false },
  { kind: 'mysql', maps: numbers, partitioned: false },
  { kind: 'mysql', maps: { ...customer, ...numbers }, partitioned: false },
  { kind: 'mysql', maps: none, partitioned: true },
  { kind: 'mysql', maps: { ...customer, ...numbers }, partitioned: true },
])('on $kind with $maps mapped, partitions dropped: $partitioned', place => {
  let opened: Awaited<ReturnType<typeof openPlace>>;
  beforeAll(async () => {
    opened = await openPlace(place);
  });
  afterAll(() => opened.close());

  test('a plan lists what decide finds due', async () => {
    const seen = { due: 0, kept: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRow('datetime', 'mysql'), { maxLength: 40, size: 'max' }),
        anyRules,
        async (rows, policySet) => {
          const dated = rows.filter(({ at }) => at !== null && at > '2000');
          await opened.knex('rows_').delete();
          if (dated.length > 0)
            await opened
              .knex('rows_')
              .insert(dated.map(({ at, account, phone }, index) => ({ id: index + 1, at, account, phone })));
          const { plan, listed, due } = await opened.both(policySet);
          expect(listed).toEqual(due);
          seen.due += due.length;
          seen.kept += plan.parts[0]?.counts.keptByInstruction ?? 0;
        },
      ),
      { numRuns: 60, seed: 1182 },
    );
    // A generator that made nothing of a sort would prove nothing of it.
    expect(seen.due).toBeGreaterThan(0);
    expect(seen.kept).toBeGreaterThan(0);
  });
});

describe.each<Place>([
  { kind: 'sqlite', maps: numbers, partitioned: false },
  { kind: 'mysql', maps: numbers, partitioned: false },
])('a thousand written forms on $kind', place => {
  const forms = [...madeForms(), ...HAND_WRITTEN];
  const fields = [...new Set(forms.map(({ field }) => field))];
  let opened: Awaited<ReturnType<typeof openPlace>>;
  beforeAll(async () => {
    opened = await openPlace(place);
    const rows = fields.map((phone, index) => ({ id: index + 1, at: '2026-01-01 00:00:00', phone }));
    for (let from = 0; from < rows.length; from += 100)
      await opened.knex('rows_').insert(rows.slice(from, from + 100));
  });
  afterAll(() => opened.close());

  const own = {
    id: 'own',
    class: 'call',
    title: 'Calls',
    start: 'recorded' as const,
    bound: 'at-most' as const,
    zone: ZONE,
    disposition: 'purge' as const,
    owner: 'DPO',
    authority: { document: 'Policy', passage: 'All of it' },
    period: { kind: 'calendar', iso: 'P1M', years: 0, months: 1, weeks: 0, days: 0 } as const,
  };

  test('a hold on a number keeps each that has it, and a plan lists all others that say a number', async () => {
    // One spelling of each: which is asked for makes no difference to what is looked for.
    const asked = [...new Map(forms.map(({ number }) => [tailsOf(number).join(), number])).values()];
    expect(asked).toHaveLength(20);
    for (const number of asked) {
      const { listed, due } = await opened.both(
        policySetOf([own], { holds: [holdOn('h', { numbers: [number] })] }),
      );
      expect(listed, number).toEqual(due);
      expect(due.length).toBeGreaterThan(0);
      const held = forms.filter(form => form.number === number && form.has).map(({ field }) => field);
      const ids = new Set(due.map(key => Number(key.split(',')[0])));
      expect(held.filter(field => ids.has(fields.indexOf(field) + 1))).toEqual([]);
    }
  }, 120_000);
});
