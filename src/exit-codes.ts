// How a plan or a run ended, as the exit code of the process.
import { EXIT, type ExitCode } from './errors.ts';
import type { RunState } from './ledger/audit-entry.ts';
import type { Plan } from './plan/plan.ts';

const ofState: Readonly<Record<RunState, ExitCode>> = {
  done: EXIT.done,
  partial: EXIT.partial,
  interrupted: EXIT.partial,
  failed: EXIT.failed,
  running: EXIT.failed,
};

export function exitCodeOfRun(state: RunState): ExitCode {
  return ofState[state];
}

/** A plan with a part that could not be read did not do all that it was asked to. */
export function exitCodeOfPlan(plan: Plan): ExitCode {
  const unread = plan.parts.some(part => part.findings.some(finding => finding.code === 'store-mismatch'));
  return unread ? EXIT.partial : EXIT.done;
}
