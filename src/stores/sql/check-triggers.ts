// Triggers that a write sets off are refused until somebody has looked into each: on a dataset's table and on its children's.
import type { Dataset } from '../store.ts';
import type { Report } from './check-key.ts';
import type { Table } from './dialect.ts';

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

/** A trigger that runs as nobody fails every row that sets it off. */
export function checkDefiners({ definers }: Table, triggers: readonly string[], report: Report): void {
  for (const { trigger, definer } of definers.gone) {
    if (!triggers.includes(trigger)) continue;
    report(
      `the trigger "${trigger}" runs as "${definer}", who is no user any more: the server would refuse every row that sets it off`,
      `Make it again with a DEFINER that exists: SHOW CREATE TRIGGER ${trigger}, DROP TRIGGER ${trigger}, then CREATE DEFINER=CURRENT_USER TRIGGER ...`,
    );
  }
}
