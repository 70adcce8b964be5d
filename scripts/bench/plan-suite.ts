// What looking costs: the plan of a table with a third due, less what the same command costs on an empty one; and the
// database's own time for a plan that finds nothing due. Nothing is deleted, so one server serves all rounds.
import { join } from 'node:path';
import { withServer } from './arena.ts';
import { checkRows, contentsOf, WrongRun } from './check-rows.ts';
import type { Target } from './contestant.ts';
import { EMPTY_TABLE, TABLE } from './layout.ts';
import { oursFolder } from './ours.ts';
import type { Run } from './result.ts';
import { done, JOB } from './retention-folder.ts';
import { watchServer } from './server-work.ts';
import { type LoggedTime, slowLog } from './slow-log.ts';
import { figureOf, goal, spreadOf } from './spread.ts';
import { arenaOf, measure, type Setup, type Suite } from './suite.ts';

/** Longer than anything is stored. */
const NEVER = 'P30Y';
const MOST_DATABASE_MS = 50;
const LEAST_KEYS_PER_SECOND = 1_500_000;

export const planSpeed: Suite = {
  name: 'plan-speed',
  measures: ['plan-speed'],
  act: async setup => {
    const arena = arenaOf(setup, 'int');
    const [full, empty] = ['ours, plan', 'ours, plan of an empty table'];
    const runs = await withServer(arena, async (server, target) => {
      const before = await contentsOf(server, arena.cutoff);
      const of = (name: string, table: string, due: number, round: number) =>
        planRun(target, { suite: 'plan-speed', round, name, table, due });
      const made: Run[] = [];
      // Round 0 warms, and counts for nothing.
      for (let round = 0; round <= setup.rounds; round += 1) {
        const pair = [await of(full, TABLE, before.due, round), await of(empty, EMPTY_TABLE, 0, round)];
        if (round > 0) made.push(...pair);
      }
      await checkUntouched(target, before);
      return made;
    });
    const keysPerSecond = pairs(runs, setup).map(
      ([whole, start]) => whole.records / (Math.max(1, whole.wallMs - start.wallMs) / 1000),
    );
    return {
      runs,
      measures: [
        measure(
          'plan-speed',
          [goal('keys/s, start-up taken off', '', spreadOf(keysPerSecond), '>=', LEAST_KEYS_PER_SECOND)],
          [full, empty].map(name => ({ label: name, unit: 'ms', value: figureOf(runs, name, wallMs) })),
        ),
      ],
    };
  },
};

export const planNothingDue: Suite = {
  name: 'plan-nothing-due',
  measures: ['plan-nothing-due'],
  act: async setup => {
    const arena = arenaOf(setup, 'int');
    const runs = await withServer(arena, async (server, target) => {
      const before = await contentsOf(server, arena.cutoff);
      const unhurried = { ...target, cutoff: { ...target.cutoff, period: NEVER } };
      const made: Run[] = [];
      for (let round = 1; round <= setup.rounds; round += 1) {
        const logged = await slowLog(server, join(target.scratch, `slow-${round}.log`));
        const what = { suite: 'plan-nothing-due', round, name: 'ours, plan', table: TABLE, due: 0 };
        const run = await planRun(unhurried, what);
        made.push({ ...run, more: { ...run.more, ...figures(await logged()) } });
      }
      await checkUntouched(target, before);
      return made;
    });
    const spread = (pick: (run: Run) => number | undefined) => spreadOf(runs.map(run => pick(run) ?? 0));
    const databaseMs = spread(run => run.more.databaseMs);
    return {
      runs,
      measures: [
        measure(
          'plan-nothing-due',
          [goal('database time', 'ms', databaseMs, '<=', MOST_DATABASE_MS)],
          [
            { label: 'statements', unit: '', value: spread(run => run.more.statements) },
            { label: 'slowest of them', unit: 'ms', value: spread(run => run.more.slowestMs) },
            { label: 'rows read', unit: '', value: spread(run => run.server?.rowsRead) },
            { label: 'whole process', unit: 'ms', value: spread(wallMs) },
          ],
        ),
      ],
    };
  },
};

interface PlanWanted {
  readonly suite: string;
  readonly round: number;
  readonly name: string;
  readonly table: string;
  /** What the plan has to find. */
  readonly due: number;
}

async function planRun(target: Target, { suite, round, name, table, due }: PlanWanted): Promise<Run> {
  const scratch = join(target.scratch, `${suite}-${round}-${table}`);
  const folder = await oursFolder({ ...target, scratch }, { table });
  const workDone = await watchServer(target.server);
  const timed = done(await folder.cli('plan', JOB, '--format', 'json'));
  const server = await workDone();
  const { parts } = JSON.parse(timed.stdout) as { parts: { counts: { due: number } }[] };
  const found = parts.reduce((sum, part) => sum + part.counts.due, 0);
  if (found !== due) throw new WrongRun(`the plan finds ${found} rows due, and ${due} are`);
  return {
    suite,
    round,
    contestant: name,
    records: due,
    wallMs: timed.wallMs,
    settledMs: null,
    clientCpuMs: timed.cpuMs,
    clientPeakMb: timed.peakMb,
    server,
    checked: `the plan finds the ${due} due rows, and the table is unchanged`,
    more: {},
  };
}

async function checkUntouched({ server, cutoff }: Target, before: Awaited<ReturnType<typeof contentsOf>>) {
  const gone = await checkRows(server, cutoff, before, true);
  if (gone !== 0) throw new WrongRun(`a plan deleted ${gone} rows`);
}

function figures({ statements, totalMs, slowestMs }: LoggedTime): Record<string, number> {
  return { databaseMs: totalMs, statements, slowestMs };
}

function pairs(runs: readonly Run[], { rounds }: Setup): (readonly [Run, Run])[] {
  return [...Array(rounds).keys()].flatMap(index => {
    const [whole, start] = runs.filter(run => run.round === index + 1);
    return whole === undefined || start === undefined ? [] : [[whole, start] as const];
  });
}

function wallMs(run: Run): number {
  return run.wallMs;
}
