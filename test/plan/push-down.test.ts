// What a store is asked for must agree with what `decide` says of every record: on generated rows and rules, the plan
// lists exactly the due keys, each once, and counts the others as deciding on every row of the table does.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlanCounts } from '../../src/plan/plan.ts';
import { type Decision, decide } from '../../src/policy/decide.ts';
import type { PolicySet } from '../../src/policy/policy.ts';
import { readRecord } from '../../src/policy/record.ts';
import { rulesFor } from '../../src/policy/rules.ts';
import type { StartUnit } from '../../src/policy/start.ts';
import { kinds } from '../../src/stores/kinds.ts';
import { freshFolder, freshMysql, freshSqlite } from '../support/databases.ts';
import { kindsHere } from '../support/first-server.ts';
import { policySetOf, type SmallRun, smallRun } from '../support/small-run.ts';
import { datasetNamed, sqlMap } from '../support/store-maps.ts';
import { scanned } from '../support/store-use.ts';
import { anyRow, anyRules, type GeneratedRow, NOW, SENTINEL, ZONE } from './generated-rows.ts';

const COLUMNS: Readonly<Record<StartUnit, { sqlite: string; mysql: string }>> = {
  datetime: { sqlite: 'TEXT', mysql: 'DATETIME NULL' },
  date: { sqlite: 'TEXT', mysql: 'DATE NULL' },
  timestamp: { sqlite: 'TEXT', mysql: 'TIMESTAMP NULL' },
  'epoch-s': { sqlite: 'INTEGER', mysql: 'BIGINT NULL' },
  'epoch-ms': { sqlite: 'INTEGER', mysql: 'BIGINT NULL' },
  'epoch-us': { sqlite: 'INTEGER', mysql: 'BIGINT NULL' },
  text: { sqlite: 'TEXT', mysql: 'VARCHAR(40) NULL' },
};
const UNITS = Object.keys(COLUMNS) as StartUnit[];

interface Verdicts {
  readonly due: readonly string[];
  readonly counts: Pick<
    PlanCounts,
    'stored' | 'due' | 'held' | 'undated' | 'keptByFloor' | 'keptByInstruction'
  >;
}

const PLACES = [
  { kind: 'sqlite' as const, index: 'no', runs: 60 },
  { kind: 'mysql' as const, index: 'no', runs: 60 },
  { kind: 'mysql' as const, index: 'an', runs: 60 },
].filter(({ kind }) => kindsHere.includes(kind));

describe.each(PLACES)('planning on $kind, with $index index on the start', ({ kind, index, runs }) => {
  describe.each(UNITS)('with starts in %s', unit => {
    const map = sqlMap(kind, [
      {
        dataset: 'rows',
        table: 'rows_',
        key: ['id'],
        class: 'call',
        customer: 'account',
        numbers: ['phone'],
        jurisdiction: { column: 'country' },
        start: {
          event: 'recorded',
          column: 'at',
          unit,
          zone: ZONE,
          sentinels: [SENTINEL[unit]],
          ...(unit === 'text' ? { format: 'yyyy-MM-dd HH:mm' } : {}),
        },
      },
    ]);
    const dataset = datasetNamed(map, 'rows');
    const drops: (() => Promise<void>)[] = [];
    let small: SmallRun;
    let store: Awaited<ReturnType<typeof open>>;

    async function open() {
      if (kind === 'mysql') {
        const { url, knex, drop } = await freshMysql();
        return { at: url, knex, drop };
      }
      const { path, knex, drop } = await freshSqlite();
      return { at: path, knex, drop };
    }

    beforeAll(async () => {
      store = await open();
      const folder = await freshFolder();
      await store.knex.raw(
        `CREATE TABLE rows_ (id ${kind === 'mysql' ? 'BIGINT' : 'INTEGER'} PRIMARY KEY, at ${COLUMNS[unit][kind]}, account VARCHAR(20), phone VARCHAR(40), country VARCHAR(10))`,
      );
      if (index === 'an') await store.knex.raw('CREATE INDEX start ON rows_ (at)');
      small = await smallRun({
        ledgerAt: `${folder.path}/ledger.db`,
        maps: [map],
        at: { tested: store.at },
        policySet: policySetOf([]),
        nowMs: NOW,
        batchKeys: 3,
      });
      drops.push(store.drop, folder.remove, small.close);
    });

    afterAll(async () => {
      for (const drop of drops.reverse()) await drop();
    });

    async function fill(rows: readonly GeneratedRow[]): Promise<void> {
      await store.knex.transaction(async transaction => {
        if (kind === 'mysql')
          await transaction.raw("SET SESSION time_zone = '+00:00', SESSION sql_mode = ''");
        await transaction('rows_').delete();
        if (rows.length > 0)
          await transaction('rows_').insert(rows.map((row, index) => ({ id: index + 1, ...row })));
      });
    }

    /** What `decide` says of every row there is. */
    async function verdicts(policySet: PolicySet): Promise<Verdicts> {
      const reader = kinds[kind].openReader(map, store.at);
      const rules = rulesFor('call', policySet, [], dataset);
      const moment = small.moment();
      const horizon = policySet.policies[0]?.bound === 'at-least' ? moment.nowMs : moment.nextRunMs;
      const over = ({ matched }: Decision): boolean =>
        matched.some(rule => rule.kind === 'policy' && (rule.untilMs ?? Infinity) <= horizon);
      try {
        const records = (await scanned(reader, dataset)).map(stored => readRecord(stored, dataset));
        const all = records.map(record => ({
          record,
          decision: decide(record, rules, moment),
          free: decide(record, { ...rules, holds: [] }, moment),
        }));
        const due = all
          .filter(({ decision }) => decision.verdict === 'due')
          .map(({ record }) => record.key.join());
        const keptBy = (by: string): number =>
          all.filter(
            ({ decision }) => decision.verdict !== 'due' && decision.operative.kind === by && over(decision),
          ).length;
        return {
          due: due.sort(),
          counts: {
            stored: all.length,
            due: due.length,
            held: all.filter(({ decision, free }) => decision.verdict === 'held' && free.verdict === 'due')
              .length,
            undated: all.filter(({ decision }) => decision.verdict === 'undated').length,
            keptByFloor: keptBy('floor'),
            keptByInstruction: keptBy('instruction'),
          },
        };
      } finally {
        await reader.close();
      }
    }

    test('agrees with decide', async () => {
      const seen = { due: 0, held: 0, undated: 0, keptByFloor: 0, keptByInstruction: 0 };
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyRow(unit, kind), { maxLength: 40, size: 'max' }),
          anyRules,
          async (rows, policySet) => {
            await fill(rows);
            small.rules.policySet = policySet;
            const expected = await verdicts(policySet);
            const plan = await small.plan();
            const [part] = plan.parts;
            expect(part?.findings.filter(finding => finding.code === 'store-mismatch')).toEqual([]);
            const listed = (await small.keysOf(plan, 'rows')).map(key => key.join());
            expect(listed.sort()).toEqual(expected.due);
            expect(part?.counts).toMatchObject(expected.counts);
            for (const name of Object.keys(seen) as (keyof typeof seen)[])
              seen[name] += expected.counts[name];
          },
        ),
        { numRuns: runs, seed: 1182 },
      );
      // A generator that made nothing of a sort would prove nothing of it.
      for (const [name, count] of Object.entries(seen)) expect(count, name).toBeGreaterThan(0);
    });
  });
});
