// A table shaped like a real one, with rows of which each says whether it goes: planned and enforced whole, and what is
// left compared, row by row. The clock is the real one, since a run does not trust a server whose clock is another: the
// period is as long as it takes for the first day that is not due to be the one that is asked for.
import type { Knex } from 'knex';
import { DateTime } from 'luxon';
import { expect } from 'vitest';
import type { Plan, PlanCounts } from '../../src/plan/plan.ts';
import type { Instruction, Policy } from '../../src/policy/policy.ts';
import { policyOf } from '../ledger/sample-log.ts';
import { freshFolder } from './databases.ts';
import { holdOn, policySetOf, type SmallRun, smallRun } from './small-run.ts';
import type { SqlFixture } from './sql-fixture.ts';
import { type DatasetFile, sqlMap } from './store-maps.ts';

export interface TrapRow {
  /** What it is, in words; no two rows are called the same. */
  readonly is: string;
  readonly goes: boolean;
  readonly row: Readonly<Record<string, unknown>>;
}

export interface TrapInput {
  readonly table: string;
  readonly dataset: Omit<DatasetFile, 'dataset' | 'table' | 'class'>;
  /** Further datasets of the store, in the data map's words. */
  readonly others?: readonly DatasetFile[];
  readonly rows: readonly TrapRow[];
  /** The first day that is not due. */
  readonly cutoff?: string;
  readonly policy?: Partial<Policy>;
  /** Values that a strict server does not take: zero dates. */
  readonly looseMode?: boolean;
  /** What others do between the plan and the run. */
  readonly meanwhile?: (knex: Knex, small: SmallRun) => Promise<unknown>;
}

/** The first day that is not due, where none is asked for. */
export const CUTOFF = '2026-03-02';
const DAY_MS = 86_400_000;
/** Their records are kept by a hold, for a hundred years, for 23 days less. */
export const [HELD, LONGER, SHORTER] = ['held', 'longer', 'shorter'];

/** Rows of every age in a column, `customer` in another, with `write` to put a wall time as the column holds it. */
export function rowsOfEachAge(
  column: string,
  customer: string | null,
  write: (wallTime: string) => unknown = wallTime => wallTime,
): TrapRow[] {
  const row = (is: string, goes: boolean, at: string, whose = 'any'): TrapRow => ({
    is,
    goes,
    row: { [column]: write(at), ...(customer === null ? {} : { [customer]: whose }) },
  });
  const ofCustomers = [
    row('due and held', false, '2026-01-10 12:00:00', HELD),
    row('due, and kept by its customer', false, '2026-01-10 12:00:00', LONGER),
    row('fresh, and let go by its customer', true, '2026-03-20 12:00:00', SHORTER),
  ];
  return [
    row('fresh', false, '2026-03-20 12:00:00'),
    row('due', true, '2026-01-10 12:00:00'),
    row('the last second that is due', true, '2026-03-01 23:59:59'),
    row('the first second that is not', false, '2026-03-02 00:00:00'),
    row('far in the future', false, '2037-06-01 00:00:00'),
    ...(customer === null ? [] : ofCustomers),
  ];
}

export interface TrapOutcome {
  readonly counts: PlanCounts;
  readonly plan: Plan;
  /** Messages of the plan's findings. */
  readonly findings: readonly string[];
  /** What became of keys that did not go, with the reason. */
  readonly state: string;
}

/** Inserts the rows, whose label is `is` in a column `label`, plans, enforces, and compares what is left. */
export async function expectOnlyDueGo(fixture: SqlFixture, input: TrapInput): Promise<TrapOutcome> {
  const { knex } = fixture;
  await knex.transaction(async connection => {
    if (input.looseMode) await connection.raw("SET SESSION sql_mode = ''");
    for (const { is, row } of input.rows) await connection(input.table).insert({ ...row, label: is });
    await connection.raw('SET SESSION sql_mode = DEFAULT');
  });
  const folder = await freshFolder();
  const nowMs = Date.now();
  const days = DateTime.fromMillis(nowMs + DAY_MS, { zone: 'UTC' })
    .startOf('day')
    .diff(DateTime.fromISO(input.cutoff ?? CUTOFF, { zone: 'UTC' }), 'days').days;
  const small = await smallRun({
    ledgerAt: `${folder.path}/ledger.db`,
    maps: [
      sqlMap('mysql', [
        { ...input.dataset, dataset: 'trap', table: input.table, class: 'call' } as DatasetFile,
        ...(input.others ?? []),
      ]),
    ],
    at: { tested: fixture.at },
    policySet: policySetOf([{ ...policyOf('call', `P${days}D`, 'purge'), ...input.policy }], {
      // A hold on a customer keeps all of a table that says of nobody whose its rows are.
      holds: input.dataset.customer === undefined ? [] : [holdOn('case', { customers: [HELD] })],
      instructions: [instructionOf(LONGER, 'P100Y'), instructionOf(SHORTER, `P${days - 23}D`)],
    }),
    nowMs,
    batchKeys: 100,
  });
  try {
    const plan = await small.plan();
    const [part] = plan.parts;
    if (part === undefined) throw new Error('nothing was planned');
    await input.meanwhile?.(knex, small);
    const { state } = await small.enforce(plan);
    const left: string[] = await knex(input.table).orderBy('label').pluck('label');
    expect(left).toEqual(
      input.rows
        .filter(({ goes }) => !goes)
        .map(({ is }) => is)
        .sort(),
    );
    return { counts: part.counts, plan, findings: part.findings.map(({ message }) => message), state };
  } finally {
    await small.close();
    await folder.remove();
  }
}

function instructionOf(customer: string, period: string): Instruction {
  return {
    id: customer,
    class: 'call',
    scope: 'account',
    customer,
    number: null,
    record: null,
    period: policyOf('call', period, 'purge').period as Instruction['period'],
    fromMs: 0,
    untilMs: null,
    reference: 'a letter',
  };
}
