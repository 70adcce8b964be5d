// What can be asked of a ledger of any age without writing to it.
import type { AuditEntry } from './audit-entry.ts';
import { openUntouched } from './database.ts';
import { unknownMigrations } from './migrations.ts';
import type { LedgerPlace } from './place.ts';

export interface LedgerAnswers {
  /** Migrations that it has had and this program does not know. */
  readonly unknownMigrations: readonly string[];
  readonly isNamed: boolean;
  /** Something was enforced under it. */
  readonly hasRun: boolean;
  /** Plans that were not enforced. */
  readonly openPlans: number;
  /** The time of its last entry, in ms. */
  readonly latestMs: number | null;
}

/** Null where no ledger is. */
export async function askLedger(place: LedgerPlace): Promise<LedgerAnswers | null> {
  const database = openUntouched(place);
  try {
    if (!(await database.schema.hasTable('audit_head'))) return null;
    const last = await database('audit_log').orderBy('seq', 'desc').first('body');
    const run = await database('audit_log').where({ kind: 'run-started' }).first('seq');
    const [open] = await database('plans').whereIn('state', ['open', 'enforcing']).count({ n: '*' });
    return {
      openPlans: Number(open?.n ?? 0),
      unknownMigrations: await unknownMigrations(database),
      isNamed: await database.schema.hasTable('ledger_identity'),
      hasRun: run !== undefined,
      latestMs: last === undefined ? null : Date.parse((JSON.parse(String(last.body)) as AuditEntry).at),
    };
  } finally {
    await database.destroy();
  }
}
