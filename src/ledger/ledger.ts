// What the product remembers and can prove: plans, runs, holds, the lease, a pause, and the audit log. Opening it makes its
// tables; without it nothing is ever deleted.
import type { Clock } from '../clock.ts';
import { type AuditLog, auditLog } from './audit-log.ts';
import { openDatabase } from './database.ts';
import { type Holds, holds } from './holds.ts';
import { inWords } from './in-words.ts';
import { type Leases, leases } from './lease.ts';
import { type Pauses, pauses } from './pauses.ts';
import { type Plans, plans } from './plans.ts';
import { type Runs, runs } from './runs.ts';

export interface Ledger {
  /** True when it was made just now: it knows of no holds. */
  readonly isNew: boolean;
  readonly audit: AuditLog;
  readonly plans: Plans;
  readonly runs: Runs;
  readonly holds: Holds;
  readonly leases: Leases;
  readonly pauses: Pauses;
  readonly close: () => Promise<void>;
}

/** `at`: a file's path or a MySQL URL. `actor`: who acts, for the audit log. `mustExist`: do not make a new one. */
export async function openLedger(
  at: string,
  clock: Clock,
  actor: string,
  mustExist = false,
): Promise<Ledger> {
  const { database, isNew } = await openDatabase(at, mustExist);
  const audit = inWords(auditLog(database, clock, actor));
  return {
    isNew,
    audit,
    plans: inWords(plans(database)),
    runs: inWords(runs(database)),
    holds: inWords(holds(database, audit)),
    leases: inWords(leases(database)),
    pauses: inWords(pauses(database, audit)),
    close: () => database.destroy(),
  };
}
