// Plans and runs by their ids, or an error that says what there is instead.
import { RetentionError } from './errors.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { SavedPlan } from './ledger/plans.ts';
import { sumRun } from './ledger/sum-run.ts';
import type { RunReportInput } from './report/run-report.ts';

export async function findPlan(ledger: Ledger, id: string): Promise<SavedPlan> {
  const saved = await ledger.plans.find(id);
  if (saved !== null) return saved;
  throw new RetentionError(
    'not-found',
    `there is no plan "${id}" in this ledger`,
    'Make one with: retention plan JOB. Is RETENTION_LEDGER the right one?',
  );
}

/** A run with everything that its report is drawn from. */
export async function findRun(ledger: Ledger, id: string): Promise<RunReportInput> {
  const run = await ledger.runs.find(id);
  if (run === null) {
    const newest = (await ledger.runs.list(5)).map(one => one.id).join(', ');
    throw new RetentionError(
      'not-found',
      `there is no run "${id}" in this ledger`,
      newest === '' ? 'Nothing was enforced under it yet' : `The newest are ${newest}`,
    );
  }
  const { plan } = await findPlan(ledger, run.plan);
  return { run, plan, sum: await sumRun(ledger.audit, id), head: await ledger.audit.head() };
}
