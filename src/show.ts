// Plans and runs on standard output, in the format that was asked for.
import { findRun } from './find-saved.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Plan } from './plan/plan.ts';
import type { SubProcessor } from './policy/policy.ts';
import { type Format, type PlanPurpose, planReport } from './report/plan-report.ts';
import { runReport } from './report/run-report.ts';

/** Prints what was asked for; logs and progress go to standard error. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

export function showPlan(
  plan: Plan,
  format: Format,
  purpose: PlanPurpose,
  subProcessors: readonly SubProcessor[],
): void {
  print(planReport({ plan, purpose, subProcessors }, format));
}

export async function showRun(ledger: Ledger, run: string, format: Format): Promise<void> {
  print(runReport(await findRun(ledger, run), format));
}
