// What the others on the database feel: 300 events a second on the purged table, alone, while ours purges at the pace
// that production gets by default, and while pt-archiver does, slowed to about that rate. Only the time in which rows
// were really being deleted counts.
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Arena, contentsBefore, withServer } from './arena.ts';
import type { BenchServer } from './bench-server.ts';
import { checkRows } from './check-rows.ts';
import type { Acted, Contestant, Target } from './contestant.ts';
import { foregroundLoad } from './foreground-load.ts';
import { ours } from './ours.ts';
import { archiverSlowed } from './peers.ts';
import type { Measure, Run } from './result.ts';
import { say } from './say.ts';
import { rowsDeleted } from './server-work.ts';
import { atRest } from './settle.ts';
import { figureOf, goal, percentile, ratioOf } from './spread.ts';
import { arenaOf, measure, type Setup, type Suite } from './suite.ts';
import { together } from './timed-process.ts';

const SUITE = 'foreground';
const [ALONE, OURS, SLOWED] = ['alone', 'ours', 'pt-archiver slowed'];
const LEAST_ROWS_PER_SECOND = 20_000;
/** What pt-archiver does in a second that it does not sleep through, for choosing its batches. */
const ARCHIVER_ROWS_PER_SECOND = 110_000;
const LOOK_EVERY_MS = 200;
/** The load is compiled and its pages are read by then. */
const WARM_MS = 3000;

export const foreground: Suite = {
  name: SUITE,
  measures: ['foreground', 'foreground-peer'],
  act: async setup => {
    const runs: Run[] = [];
    for (let round = 1; round <= setup.rounds; round += 1) {
      runs.push(await feltRun(setup, round, ALONE, null));
      const our = await feltRun(setup, round, OURS, ours({ pace: 'default' }));
      runs.push(our);
      if (!setup.wanted.includes('foreground-peer')) continue;
      const limit = batchFor(our.more.rowsPerSecond ?? 0);
      runs.push(await feltRun(setup, round, SLOWED, archiverSlowed(limit)));
    }
    const drawn = { foreground: () => againstAlone(runs), 'foreground-peer': () => againstPeer(runs) };
    const asked = foreground.measures.filter(name => setup.wanted.includes(name));
    return { runs, measures: asked.map(name => drawn[name as keyof typeof drawn]()) };
  },
};

const p99 = (run: Run): number => run.more.p99 ?? Number.NaN;
const rate = (run: Run): number => run.more.rowsPerSecond ?? 0;

function againstAlone(runs: readonly Run[]): Measure {
  return measure(
    'foreground',
    [
      goal('p99, ours / alone', 'x', ratioOf(runs, [OURS, ALONE], p99), '<=', 2.5),
      goal('rows/s meanwhile', '', figureOf(runs, OURS, rate), '>=', LEAST_ROWS_PER_SECOND),
    ],
    [
      ...felt(runs, [ALONE, OURS]),
      {
        label: 'ours: counted for',
        unit: 's',
        value: figureOf(runs, OURS, run => (run.more.windowMs ?? 0) / 1000),
      },
    ],
  );
}

function againstPeer(runs: readonly Run[]): Measure {
  return measure(
    'foreground-peer',
    [goal('p99, ours / pt-archiver slowed', 'x', ratioOf(runs, [OURS, SLOWED], p99), '<=', 1)],
    [
      ...felt(runs, [OURS, SLOWED]),
      ...[OURS, SLOWED].map(name => ({
        label: `${name}: rows/s`,
        unit: '',
        value: figureOf(runs, name, rate),
      })),
    ],
  );
}

function felt(runs: readonly Run[], names: readonly string[]): Measure['figures'] {
  return names.flatMap(name =>
    (['p50', 'p95', 'p99'] as const).map(which => ({
      label: `${name}: ${which}`,
      unit: 'ms',
      value: figureOf(runs, name, run => run.more[which] ?? Number.NaN),
    })),
  );
}

/** Rows a batch with which a second's sleep after each comes to this rate, as near as pt-archiver can. */
function batchFor(rowsPerSecond: number): number {
  const busyShare = Math.min(0.8, rowsPerSecond / ARCHIVER_ROWS_PER_SECOND);
  return Math.max(1000, Math.round(rowsPerSecond / (1 - busyShare) / 1000) * 1000);
}

function feltRun(setup: Setup, round: number, name: string, contestant: Contestant | null): Promise<Run> {
  const arena = arenaOf(setup, 'int');
  return withServer(arena, async (server, target) => {
    const before = await contentsBefore(arena, server);
    const act = await contestant?.prepare(target);
    await atRest(server);
    const startLoad = () => foregroundLoad(loadInput(arena, target));
    const watched = await beside(startLoad, server, setup.seconds, act);
    const records = await checkRows(server, arena.cutoff, before, true);
    const { wallMs, cpuMs, peakMb } = together(watched.acted?.processes ?? []);
    const run: Run = {
      suite: SUITE,
      round,
      contestant: name,
      records,
      wallMs: wallMs || watched.more.windowMs,
      settledMs: null,
      clientCpuMs: cpuMs,
      clientPeakMb: peakMb,
      server: null,
      checked: `${records} rows gone, all of them due, the rest unchanged`,
      more: watched.more,
    };
    if (name === OURS && records !== before.due) throw new Error(`${before.due - records} due rows are left`);
    const { p50, p95, p99: high, events, rowsPerSecond } = watched.more;
    say(
      `  ${SUITE} round ${round}  ${name.padEnd(20)} p50 ${p50.toFixed(2)}, p95 ${p95.toFixed(2)}, p99 ${high.toFixed(2)} ms of ${events} events, ${Math.round(rowsPerSecond)} rows/s`,
    );
    return run;
  });
}

function loadInput({ layout }: Arena, { server, scratch }: Target): Parameters<typeof foregroundLoad>[0] {
  const { rows, pivot } = layout;
  return { url: server.url, rows, pivot, out: join(scratch, 'foreground.json') };
}

interface Watched {
  readonly acted: Acted | null;
  readonly more: Readonly<Record<'p50' | 'p95' | 'p99' | 'events' | 'windowMs' | 'rowsPerSecond', number>>;
}

/** The load, and beside it a purge until its end (a peer's is ended after a while), or nothing for some seconds. */
async function beside(
  startLoad: () => ReturnType<typeof foregroundLoad>,
  server: BenchServer,
  seconds: number,
  act: Awaited<ReturnType<Contestant['prepare']>> | undefined,
): Promise<Watched> {
  const stopLoad = await startLoad();
  await wait(WARM_MS);
  const begunMs = Date.now();
  if (act === undefined) {
    await wait(seconds * 1000);
    return { acted: null, more: await figuresIn(stopLoad, { fromMs: begunMs, toMs: Date.now(), rows: 0 }) };
  }
  const deletes = watchDeletes(server);
  const enough = AbortSignal.timeout((seconds + 2) * 1000);
  const acted = await act(enough);
  const window = await deletes();
  return { acted, more: await figuresIn(stopLoad, window ?? { fromMs: begunMs, toMs: Date.now(), rows: 0 }) };
}

/** The time from the first deleted row that was seen to the last, and the rows deleted in it. */
interface DeleteWindow {
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: number;
}

/** Looks at the server's count of deleted rows now and then; the function that it gives says when it rose. */
function watchDeletes(server: BenchServer): () => Promise<DeleteWindow | null> {
  const seen: { atMs: number; rows: number }[] = [];
  let ended = false;
  const watching = (async () => {
    while (!ended) {
      const atMs = Date.now();
      seen.push({ atMs, rows: await rowsDeleted(server) });
      await wait(LOOK_EVERY_MS);
    }
    seen.push({ atMs: Date.now(), rows: await rowsDeleted(server) });
  })();
  return async () => {
    ended = true;
    await watching;
    const rising = seen.findIndex(({ rows }) => rows > (seen[0]?.rows ?? 0));
    const first = seen[rising - 1];
    const last = seen.find(({ rows }) => rows === seen.at(-1)?.rows);
    if (first === undefined || last === undefined) return null;
    return { fromMs: first.atMs, toMs: last.atMs, rows: last.rows - first.rows };
  };
}

async function figuresIn(
  stopLoad: Awaited<ReturnType<typeof foregroundLoad>>,
  { fromMs, toMs, rows }: DeleteWindow,
): Promise<Watched['more']> {
  const { samples } = await stopLoad();
  const latencies = samples
    .filter(([atMs]) => atMs >= fromMs && atMs <= toMs)
    .map(([, latencyMs]) => latencyMs);
  const windowMs = toMs - fromMs;
  return {
    p50: percentile(latencies, 0.5),
    p95: percentile(latencies, 0.95),
    p99: percentile(latencies, 0.99),
    events: latencies.length,
    windowMs,
    rowsPerSecond: rows / (windowMs / 1000),
  };
}
