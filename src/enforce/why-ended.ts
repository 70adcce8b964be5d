// What an error that ends a run means for the audit log and for the run's state.
import { RetentionError } from '../errors.ts';

/** A refusal, unless it is that this is not the ledger to write into, or not the time to write down. */
export function isForTheLog(error: unknown): error is RetentionError {
  if (!(error instanceof RetentionError) || error.exitCode !== 3) return false;
  return error.code !== 'ledger-unknown' && error.code !== 'clock-untrusted';
}

export function isLedgerLost(error: unknown): boolean {
  return (
    error instanceof RetentionError && (error.code === 'audit-unwritable' || error.code === 'ledger-unusable')
  );
}

/** The run stopped itself, with nothing left undone of what it had begun: it can be gone on with. */
export function isStop(error: unknown): boolean {
  return (
    error instanceof RetentionError &&
    ['load-critical', 'clock-stepped', 'orders-unreadable'].includes(error.code)
  );
}
