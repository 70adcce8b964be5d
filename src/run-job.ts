// The acts that several commands share: plan a job, enforce a saved plan, run a job as its mode says, replay a run.

import { readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { sleep } from './clock.ts';
import { enforcePlan, type RunResult } from './enforce/enforce-plan.ts';
import { guardWindow } from './enforce/guards.ts';
import type { LedgerWatch } from './enforce/ledger-watch.ts';
import { type ExitCode, RetentionError, reasonOf } from './errors.ts';
import { exitCodeOfPlan, exitCodeOfRun } from './exit-codes.ts';
import { findPlan, findRun } from './find-saved.ts';
import { followRun } from './follow-run.ts';
import type { RunState } from './ledger/audit-entry.ts';
import type { SavedPlan } from './ledger/plans.ts';
import { type Metrics, NO_METRICS } from './metrics.ts';
import type { Job } from './plan/job.ts';
import { jobDigest } from './plan/job-digest.ts';
import { makePlan } from './plan/make-plan.ts';
import type { Plan } from './plan/plan.ts';
import { replayOf } from './plan/replay-part.ts';
import { startProgress } from './progress.ts';
import type { Format } from './report/plan-report.ts';
import { nextRun } from './schedule.ts';
import { showPlan, showRun } from './show.ts';
import { watchFor } from './watch-for.ts';
import type { Wired } from './wire.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** Makes and saves a plan: of what is due, or with `replay` of what that run disposed of and has come back. */
export async function planJob(
  wired: Wired,
  job: Job,
  options: { readonly asOfMs?: number; readonly replay?: string } = {},
): Promise<Plan> {
  const { clock, config, ledger, log, settings } = wired;
  const nowMs = options.asOfMs ?? clock.nowMs();
  const maps = wired.maps(job);
  const id = wired.newId('plan');
  log.info('plan started', { plan: id, job: job.name });
  const progress = startProgress(settings.interactive && !settings.quiet, 'read', null);
  try {
    const plan = await makePlan(
      {
        id,
        source: options.replay === undefined ? { kind: 'scan' } : { kind: 'replay', run: options.replay },
        job,
        policySet: config.policySet,
        stores: maps,
        readers: wired.readers(maps),
        ledger,
        madeAtMs: clock.nowMs(),
        moment: { nowMs, nextRunMs: nextRun(job.schedule, job.zone, nowMs) ?? nowMs },
        hashKey: settings.hashKey,
        onProgress: event => {
          progress.add(event.read, `${event.dataset} (${event.class})`);
        },
      },
      options.replay === undefined ? undefined : replayOf(options.replay, ledger),
    );
    const due = plan.parts.reduce((sum, part) => sum + part.counts.due, 0);
    progress.stop();
    log.info('plan made', { plan: id, job: job.name, due, batches: plan.batches });
    return plan;
  } finally {
    progress.stop();
  }
}

/** Enforces a saved plan, or goes on with one that was cut off. */
async function enforceSaved(
  wired: Wired,
  saved: SavedPlan,
  signal: AbortSignal,
  watch: LedgerWatch,
): Promise<RunResult> {
  const { config, ledger, clock, log, settings } = wired;
  const { plan } = saved;
  const job = wired.job(plan.job);
  const maps = wired.maps(job);
  const total = plan.parts.reduce((sum, part) => sum + part.counts.due, 0);
  const progress = startProgress(settings.interactive && !settings.quiet, 'disposed', total);
  const metrics = await metricsOf(wired, job);
  metrics.planned(plan);
  let state: RunState = 'failed';
  log.info('run started', { plan: plan.id, job: job.name, due: total });
  try {
    if (job.pace.niceRatio > 0) giveWay();
    const result = await enforcePlan({
      saved,
      current: { policies: config.policySet.digest, job: jobDigest(job, maps) },
      job,
      policySetNow: wired.policySetNow,
      maps,
      stores: wired.stores(maps),
      readers: wired.otherWaysIn(maps),
      ledger,
      watch,
      clock,
      hashKey: settings.hashKey,
      runId: wired.newId('run'),
      holder: wired.holder,
      version,
      signal,
      onEvent: followRun(wired, progress, metrics),
    });
    state = result.state;
    progress.stop();
    log.info('run ended', { run: result.run, plan: plan.id, state });
    return result;
  } finally {
    progress.stop();
    await metrics.ended(state);
  }
}

/**
 * What rests between its writes lets others on its machine go first as well. Measured beside a database on 2 cores: the
 * others' 99th percentile 5.9 ms, against 6.6 ms.
 */
function giveWay(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Where a process may not lower its own priority, nothing else is wrong.
  }
}

async function metricsOf({ settings, clock, log }: Wired, job: Job): Promise<Metrics> {
  const file = settings.metricsFile;
  if (file === null) return NO_METRICS;
  // Read when it is needed: the library takes a tenth of a second to load.
  const { openMetrics } = await import('./prometheus-file.ts');
  return openMetrics({
    file,
    job: job.name,
    clock,
    sleep,
    onFailure: error => {
      log.warn('metrics cannot be written', { reason: reasonOf(error) });
    },
  });
}

/** Plans a job, shows the plan, and enforces it where the job's mode says so. */
export async function runJob(
  wired: Wired,
  name: string,
  signal: AbortSignal,
  format: Format,
): Promise<ExitCode> {
  const job = wired.job(name);
  // What would be refused at its end need not read the stores first.
  if (job.mode === 'enforce') guardWindow(job, wired.clock.nowMs());
  const watch = watchFor(wired, job);
  // Before its own plan is written down: what that says of the time is what this clock says.
  if (job.mode === 'enforce') await watch.guard();
  const plan = await planJob(wired, job);
  const { subProcessors } = wired.config.policySet;
  if (job.mode === 'report') {
    showPlan(plan, format, 'dry-run', subProcessors);
    return exitCodeOfPlan(plan);
  }
  // Programs get one document: the report of the run.
  if (format === 'text') showPlan(plan, format, 'run', subProcessors);
  return enforceAndShow(wired, plan.id, signal, format, watch);
}

/** Plans what a run disposed of and has come back, shows it, and with `enforce` disposes of it again. */
export async function replayRun(
  wired: Wired,
  run: string,
  signal: AbortSignal,
  options: { readonly enforce: boolean; readonly format: Format },
): Promise<ExitCode> {
  const { run: earlier } = await findRun(wired.ledger, run);
  const job = wired.job(earlier.job);
  if (options.enforce && job.mode === 'report') {
    throw new RetentionError(
      'plan-not-enforceable',
      `job ${job.name} only reports today`,
      'Replay without --enforce to see what came back',
    );
  }
  const watch = watchFor(wired, job);
  if (options.enforce) await watch.guard();
  const plan = await planJob(wired, job, { replay: run });
  if (!options.enforce || options.format === 'text')
    showPlan(plan, options.format, options.enforce ? 'run' : 'dry-run', wired.config.policySet.subProcessors);
  return options.enforce
    ? enforceAndShow(wired, plan.id, signal, options.format, watch)
    : exitCodeOfPlan(plan);
}

/** Enforces a saved plan and shows what came of it. */
export async function enforceAndShow(
  wired: Wired,
  plan: string,
  signal: AbortSignal,
  format: Format,
  watch: LedgerWatch | null = null,
): Promise<ExitCode> {
  const saved = await findPlan(wired.ledger, plan);
  const watching = watch ?? watchFor(wired, wired.job(saved.plan.job));
  const result = await enforceSaved(wired, saved, signal, watching);
  await showRun(wired.ledger, result.run, format);
  return exitCodeOfRun(result.state);
}
