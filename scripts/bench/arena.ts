// One contestant in one round: a fresh copy of the data, a server at rest on it, the run under the clock, what it cost,
// and whether it was right. Nothing of it is left but the figures.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchServer, productionOptions, startBenchServer } from './bench-server.ts';
import { type Contents, checkRows, contentsOf, WrongRun } from './check-rows.ts';
import type { Contestant, Target } from './contestant.ts';
import { type Layout, TABLE } from './layout.ts';
import { freshCopy, masterOf } from './master.ts';
import type { Calendar, Cutoff } from './period.ts';
import type { Run } from './result.ts';
import { say } from './say.ts';
import { watchServer } from './server-work.ts';
import { atRest, settledAt } from './settle.ts';
import { together } from './timed-process.ts';

export interface Arena {
  readonly work: string;
  readonly calendar: Calendar;
  readonly layout: Layout;
  readonly cutoff: Cutoff;
}

/** What the runs of one suite are called. */
export interface Naming {
  readonly suite: string;
  readonly round: number;
  /** The contestant's name where it runs more than once in a round. */
  readonly as?: string;
}

/** A warm server at rest on a fresh copy, for as long as `use` takes. */
export async function withServer<Result>(
  arena: Arena,
  use: (server: BenchServer, target: Target) => Promise<Result>,
): Promise<Result> {
  const copy = freshCopy(arena.work, await masterOf(arena.work, arena.layout));
  const scratch = join(arena.work, 'scratch');
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  const server = await startBenchServer(copy, productionOptions(arena.layout.rows));
  try {
    await warm(server);
    return await use(server, { server, scratch, cutoff: arena.cutoff, calendar: arena.calendar });
  } finally {
    await server.stop('discard');
    rmSync(copy, { recursive: true, force: true });
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Lets a contestant purge what is due, and gives the run; throws `WrongRun` when it was not right. */
export function oneRun(arena: Arena, naming: Naming, contestant: Contestant): Promise<Run> {
  return withServer(arena, async (server, target) => {
    const before = await contentsBefore(arena, server);
    const act = await contestant.prepare(target);
    const restingHistory = await atRest(server);
    const workDone = await watchServer(server);
    const startedMs = performance.now();
    const { processes, says } = await act();
    const serverWork = await workDone();
    const settledMs = (await settledAt(server, restingHistory)) - startedMs;
    const records = await checkRows(server, arena.cutoff, before);
    if (says !== null && says !== records)
      throw new WrongRun(`${records} rows are gone, and its evidence is of ${says}`);
    const { wallMs, cpuMs, peakMb } = together(processes);
    const run: Run = {
      suite: naming.suite,
      round: naming.round,
      contestant: naming.as ?? contestant.name,
      records,
      wallMs,
      settledMs: Math.max(settledMs, wallMs),
      clientCpuMs: cpuMs,
      clientPeakMb: peakMb,
      server: serverWork,
      checked: `all ${records} due rows gone, the rest unchanged${says === null ? '' : ', evidence of as many'}`,
      more: { stored: arena.layout.rows },
    };
    sayRun(run);
    return run;
  });
}

const known = new Map<string, Contents>();

/** Copies of one master hold the same, so that it is looked up once. */
export async function contentsBefore(arena: Arena, server: BenchServer): Promise<Contents> {
  const name = JSON.stringify([arena.layout, arena.cutoff.before]);
  const contents = known.get(name) ?? (await contentsOf(server, arena.cutoff));
  known.set(name, contents);
  return contents;
}

/** Reads the table through each of its indexes, so that all of it that fits is in memory. */
async function warm(server: BenchServer): Promise<void> {
  await server.query(`SELECT SUM(LENGTH(channel)) FROM ${TABLE} FORCE INDEX (PRIMARY)`);
  await server.query(`SELECT SUM(recorded_at IS NULL) FROM ${TABLE} FORCE INDEX (recorded_at)`);
  await server.query(`SELECT SUM(started_at IS NULL) FROM ${TABLE} FORCE INDEX (account_started)`);
}

function sayRun(run: Run): void {
  const rate = Math.round(run.records / (run.wallMs / 1000)).toLocaleString('en');
  const seconds = (ms: number | null): string => (ms === null ? '-' : `${(ms / 1000).toFixed(2)} s`);
  say(
    `  ${run.suite} round ${run.round}  ${run.contestant.padEnd(20)} ${seconds(run.wallMs)}, settled ${seconds(run.settledMs)}, ${rate} rows/s, client ${Math.round(run.clientCpuMs)} ms, ${Math.round(run.clientPeakMb ?? 0)} MB`,
  );
}
