// The acts that several commands share: plan a job, enforce a saved plan, run a job as its mode says.
import { readFileSync } from 'node:fs';
import { type EnforceEvent, enforcePlan, type RunResult } from './enforce/enforce-plan.ts';
import { EXIT, type ExitCode, RetentionError } from './errors.ts';
import type { RunState } from './ledger/audit-entry.ts';
import type { SavedPlan } from './ledger/plans.ts';
import type { Job } from './plan/job.ts';
import { jobDigest, makePlan } from './plan/make-plan.ts';
import type { Plan } from './plan/plan.ts';
import { replayOf } from './plan/replay-part.ts';
import { startProgress } from './progress.ts';
import { nextRun } from './schedule.ts';
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
        job,
        source: options.replay === undefined ? { kind: 'scan' } : { kind: 'replay', run: options.replay },
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
    log.info('plan made', { plan: id, job: job.name, due, batches: plan.batches });
    return plan;
  } finally {
    progress.stop();
  }
}

/** Enforces a saved plan, or goes on with one that was cut off. */
export async function enforceSaved(wired: Wired, saved: SavedPlan, signal: AbortSignal): Promise<RunResult> {
  const { config, ledger, clock, log, settings } = wired;
  const { plan } = saved;
  const job = wired.job(plan.job);
  const maps = wired.maps(job);
  const total = plan.parts.reduce((sum, part) => sum + part.counts.due, 0);
  const progress = startProgress(settings.interactive && !settings.quiet, 'disposed', total);
  log.info('run started', { plan: plan.id, job: job.name, due: total });
  try {
    const result = await enforcePlan({
      saved,
      current: { policies: config.policySet.digest, job: jobDigest(job, maps) },
      policySet: config.policySet,
      maps,
      stores: wired.stores(maps),
      ledger,
      clock,
      hashKey: settings.hashKey,
      runId: wired.newId('run'),
      holder: wired.holder,
      version,
      signal,
      onEvent: event => {
        if (event.kind === 'batch') progress.add(event.records, `${event.dataset} (${event.class})`);
        if (event.kind !== 'batch' || !settings.interactive) logEvent(wired, event);
      },
    });
    log.info('run ended', { run: result.run, plan: plan.id, state: result.state });
    return result;
  } finally {
    progress.stop();
  }
}

function logEvent({ log }: Wired, event: EnforceEvent): void {
  switch (event.kind) {
    case 'waiting':
      log.warn('waiting for another run to end', { holder: event.holder });
      return;
    case 'recovered':
      log.warn('settled what an earlier run had left open', { batches: event.batches, left: event.left });
      return;
    case 'batch':
      log.info('batch done', { dataset: event.dataset, class: event.class, ...event.counts });
      return;
  }
}

/** The plan with this id, or a clear error. */
export async function findPlan({ ledger }: Wired, id: string): Promise<SavedPlan> {
  const saved = await ledger.plans.find(id);
  if (saved !== null) return saved;
  throw new RetentionError(
    'not-found',
    `there is no plan "${id}" in this ledger`,
    'Make one with: retention plan JOB. Is RETENTION_LEDGER the right one?',
  );
}

const exitCodes: Readonly<Record<RunState, ExitCode>> = {
  done: EXIT.done,
  partial: EXIT.partial,
  interrupted: EXIT.partial,
  failed: EXIT.failed,
  running: EXIT.failed,
};

export function exitCodeOf(state: RunState): ExitCode {
  return exitCodes[state];
}

/** A plan with a part that could not be read did not do all that it was asked to. */
export function exitCodeOfPlan(plan: Plan): ExitCode {
  const unread = plan.parts.some(part => part.findings.some(finding => finding.code === 'store-mismatch'));
  return unread ? EXIT.partial : EXIT.done;
}

/** A signal that is aborted when the process is asked to stop; the second request ends it at once, as a shell expects. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      stop.abort(name);
    });
  }
  return stop.signal;
}
