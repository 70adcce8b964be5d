// What the product remembers and can prove: plans, runs, holds, the lease, a pause, and the audit log. Opening it makes its
// tables; without it nothing is ever deleted.
import type { Clock } from '../clock.ts';
import { type AuditLog, auditLog } from './audit-log.ts';
import { openDatabase, type WhenMissing } from './database.ts';
import { explained } from './explained.ts';
import { type Holds, holds } from './holds.ts';
import { type Identities, identities } from './identity.ts';
import { type Leases, leases } from './lease.ts';
import { type Pauses, pauses } from './pauses.ts';
import { type Plans, plans } from './plans.ts';
import { type Runs, runs } from './runs.ts';

export interface Ledger {
  /** True when it was made just now: it knows of no holds. */
  readonly isNew: boolean;
  readonly identity: Identities;
  readonly audit: AuditLog;
  readonly plans: Plans;
  readonly runs: Runs;
  readonly holds: Holds;
  readonly leases: Leases;
  readonly pauses: Pauses;
  readonly close: () => Promise<void>;
}

/** `at`: a file's path or a MySQL URL. `actor`: who acts, for the audit log. */
export async function openLedger(
  at: string,
  clock: Clock,
  actor: string,
  whenMissing: WhenMissing = 'make',
): Promise<Ledger> {
  const { database, isNew } = await openDatabase(at, whenMissing);
  const audit = explained(auditLog(database, clock, actor));
  return {
    isNew,
    identity: explained(identities(database)),
    audit,
    plans: explained(plans(database)),
    runs: explained(runs(database)),
    holds: explained(holds(database, audit)),
    leases: explained(leases(database)),
    pauses: explained(pauses(database, audit)),
    close: () => database.destroy(),
  };
}
