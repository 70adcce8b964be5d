// Whether enforcement is paused exactly when the audit log says so: a pause that was taken out by another hand would let a
// run go on that somebody had stopped.
import type { AuditEntry } from './audit-entry.ts';
import type { Ledger } from './ledger.ts';

/** What is wrong with the pause, or null. */
export async function brokenPause({
  audit,
  pauses,
}: Pick<Ledger, 'audit' | 'pauses'>): Promise<string | null> {
  let last: AuditEntry | null = null;
  for (const kind of ['paused', 'resumed'] as const) {
    for await (const { body } of audit.entries({ kind })) {
      const entry = JSON.parse(body) as AuditEntry;
      if (last === null || entry.seq > last.seq) last = entry;
    }
  }
  const pause = await pauses.current();
  const told = last?.event.kind === 'paused';
  if (told && pause === null) return 'the log tells of a pause that the ledger does not know of';
  if (!told && pause !== null) return 'the ledger knows of a pause that the log does not tell of';
  const wrong = told && (pause?.by !== last?.actor || pause?.reason !== reasonIn(last));
  return wrong ? 'the pause in the ledger is not the one that the log tells of' : null;
}

function reasonIn(entry: AuditEntry | null): string | null {
  return entry?.event.kind === 'paused' ? entry.event.reason : null;
}
