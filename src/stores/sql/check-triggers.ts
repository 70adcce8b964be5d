// Triggers that a write sets off are refused until somebody has looked into each: on a dataset's table and on its children's.
import type { Dataset } from '../store.ts';
import type { Report } from './check-key.ts';

/** `act`: what sets them off, `deleting from`. */
export function checkTriggers(
  act: string,
  at: string,
  triggers: readonly string[],
  acknowledged: Dataset['acknowledged'],
  report: Report,
): void {
  for (const trigger of triggers) {
    if (acknowledged.triggers.includes(trigger)) continue;
    report(
      `${act} "${at}" sets off the trigger "${trigger}"`,
      `See what it does: SHOW CREATE TRIGGER ${trigger}. If that is as it should be, write acknowledged: { triggers: [${trigger}] }`,
    );
  }
}
