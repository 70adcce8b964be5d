// For the cases: rows that each say what must become of them, in tables of a case's own on a real server. They are planned
// and enforced, and compared with what the plan says, what is left, and what the audit log says of the rest.
import type { Knex } from 'knex';
import { expect } from 'vitest';
import type { Plan, PlanPart } from '../../src/plan/plan.ts';
import type { Instruction, Policy } from '../../src/policy/policy.ts';
import { policyOf } from '../ledger/sample-log.ts';
import { instruction } from '../policy/make.ts';
import { type FreshFolder, freshFolder, freshMysql, freshSqlite } from './databases.ts';
import { auditEvents, disposedKeys, spyOn } from './small-ledger.ts';
import { holdOn, policySetOf, type SmallRun, smallRun } from './small-run.ts';
import { type DatasetFile, sqlMap } from './store-maps.ts';

export const DAY_MS = 86_400_000;

/** What must become of a row. `undated: a zero date` is one that the plan must report in these words. */
export type Fate = 'goes' | 'stays' | 'held' | 'instructed' | `undated: ${string}`;

export interface CaseRow {
  readonly what: string;
  readonly fate: Fate;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface CaseRun {
  readonly knex: Knex;
  readonly small: SmallRun;
  /** Plans, and gives the part of a dataset. */
  readonly plan: (dataset?: string) => Promise<{ readonly plan: Plan; readonly part: PlanPart }>;
  /** What the audit log says was spared or failed in a run, and how many each. */
  readonly enforce: (plan: Plan) => Promise<Readonly<Record<string, number>>>;
  /** Keys that the evidence says were disposed of. */
  readonly disposed: (dataset?: string) => Promise<string[]>;
  /** Rows of child tables that the audit log says went along. */
  readonly wentAlong: () => Promise<Readonly<Record<string, number>>>;
  readonly drop: () => Promise<void>;
}

export interface CaseInput {
  /** MySQL or MariaDB, unless said otherwise. */
  readonly kind?: 'mysql' | 'sqlite';
  readonly ddl: readonly string[];
  readonly datasets: readonly DatasetFile[];
  readonly policies?: readonly Policy[];
  /** Now, unless said otherwise: servers tell the time too. */
  readonly nowMs?: number;
  readonly limitPercent?: number;
}

export const HELD = 'held-customer';
const LONGER = 'longer-customer';
const SHORTER = 'shorter-customer';

/** The class `call` is kept for 30 days; customers have told to keep it for a year and for a week, and one is held. */
export const CALLS = policyOf('call', 'P30D', 'purge');

export async function openCase(input: CaseInput): Promise<CaseRun> {
  const { kind = 'mysql' } = input;
  const store = kind === 'mysql' ? await freshMysql() : await freshSqlite();
  const folder: FreshFolder = await freshFolder();
  for (const statement of input.ddl) await store.knex.raw(statement);
  const ledgerAt = `${folder.path}/ledger.db`;
  const small = await smallRun({
    ledgerAt,
    maps: [sqlMap(kind, input.datasets)],
    at: { tested: 'url' in store ? store.url : store.path },
    policySet: policySetOf(input.policies ?? [CALLS], {
      instructions: [ofCustomer(LONGER, 'P1Y'), ofCustomer(SHORTER, 'P7D')],
      holds: [holdOn('case-17', { customers: [HELD] })],
    }),
    nowMs: input.nowMs ?? Date.now(),
    batchKeys: 5,
    ...(input.limitPercent === undefined ? {} : { limitPercent: input.limitPercent }),
  });
  const asked = async <T>(ask: (ledger: Knex) => Promise<T>): Promise<T> => {
    const ledger = spyOn(ledgerAt);
    try {
      return await ask(ledger);
    } finally {
      await ledger.destroy();
    }
  };
  const first = input.datasets[0]?.dataset ?? '';
  return {
    knex: store.knex,
    small,
    plan: async (dataset = first) => {
      const plan = await small.plan();
      const part = plan.parts.find(one => one.dataset === dataset);
      if (part === undefined) throw new Error(`the plan has no part of ${dataset}`);
      return { plan, part };
    },
    enforce: async plan => {
      await small.enforce(plan);
      const reasons: Record<string, number> = {};
      for (const { plan: of, reasons: said } of await asked(ledger => auditEvents(ledger, 'done'))) {
        if (of !== plan.id) continue;
        for (const [why, count] of Object.entries(said)) reasons[why] = (reasons[why] ?? 0) + count;
      }
      return reasons;
    },
    wentAlong: async () => {
      const sums: Record<string, number> = {};
      for (const { children = {} } of await asked(ledger => auditEvents(ledger, 'done')))
        for (const [at, rows] of Object.entries(children)) sums[at] = (sums[at] ?? 0) + rows;
      return sums;
    },
    disposed: (dataset = first) => asked(ledger => disposedKeys(ledger, dataset)),
    drop: async () => {
      await small.close();
      await store.drop();
      await folder.remove();
    },
  };
}

function ofCustomer(customer: string, period: string): Instruction {
  return instruction(`of-${customer}`, period, { class: 'call', scope: 'account', customer });
}

/** The first instant that is not due yet under `CALLS`: today's midnight is the end of the 30th day before tomorrow. */
export function cutoffMs(): number {
  return Math.floor(Date.now() / DAY_MS) * DAY_MS - 29 * DAY_MS;
}

/** The rows that every shape has: `write` makes the columns of a start, and `customer` names the column of the customer. */
export function usualRows(
  write: (ms: number) => Readonly<Record<string, unknown>>,
  customer: string,
  cutoff = cutoffMs(),
): CaseRow[] {
  const row = (what: string, fate: Fate, ms: number, whose = 'plain'): CaseRow => ({
    what,
    fate,
    values: { ...write(ms), [customer]: whose },
  });
  const now = Date.now();
  return [
    row('fresh', 'stays', now - DAY_MS),
    row('long due', 'goes', now - 400 * DAY_MS),
    row('one second before the boundary', 'goes', cutoff - 1000),
    row('on the boundary', 'stays', cutoff),
    row('one second after the boundary', 'stays', cutoff + 1000),
    row('an hour ahead: clocks differ', 'stays', now + DAY_MS / 24),
    row('in three days', 'undated: in the future', now + 3 * DAY_MS),
    row('due and held', 'held', now - 90 * DAY_MS, HELD),
    row('due, and its customer wants it for longer', 'instructed', now - 90 * DAY_MS, LONGER),
    row('fresh, and its customer wants it gone', 'goes', now - 15 * DAY_MS, SHORTER),
  ];
}

/** `2026-11-22 02:15:00` in UTC. */
export function wallUtc(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** Inserts the rows under ids from 1 on, plans, enforces, and sees that each has come to what it says; gives what was planned. */
export async function expectFates(
  run: CaseRun,
  table: string,
  rows: readonly CaseRow[],
  id = 'id',
): Promise<PlanPart> {
  await run.knex(table).insert(rows.map(({ values }, index) => ({ [id]: index + 1, ...values })));
  const { plan, part } = await run.plan();
  const count = (is: (fate: Fate) => boolean): number => rows.filter(({ fate }) => is(fate)).length;
  const undated = [...new Set(rows.map(({ fate }) => fate).filter(fate => fate.startsWith('undated: ')))];
  expect(part.findings.filter(({ severity }) => severity === 'refused')).toEqual([]);
  expect(part.counts).toMatchObject({
    due: count(fate => fate === 'goes'),
    held: count(fate => fate === 'held'),
    keptByInstruction: count(fate => fate === 'instructed'),
    undated: count(fate => fate.startsWith('undated: ')),
  });
  const said = part.findings.filter(({ code }) => code === 'undated');
  expect(Object.fromEntries(said.map(one => [one.message, one.count]))).toEqual(
    Object.fromEntries(
      undated.map(fate => [fate.replace('undated:', 'the start is'), count(one => one === fate)]),
    ),
  );
  expect(await run.enforce(plan)).toEqual({});
  const left = new Set(
    (await run.knex(table).select(id)).map((row: Record<string, unknown>) => Number(row[id])),
  );
  const whats = (which: (row: CaseRow, index: number) => boolean): string[] =>
    rows.filter(which).map(({ what }) => what);
  expect(whats((_, index) => left.has(index + 1))).toEqual(whats(({ fate }) => fate !== 'goes'));
  expect((await run.disposed()).length).toBe(count(fate => fate === 'goes'));
  return part;
}
