// Keys that other runs have told of since a batch was intended. A batch that recovery had to leave (somebody still had
// its records locked) stays open while a later plan may list the same records: what that one disposed of is not told twice.
import type { AuditEntry } from './audit-entry.ts';
import type { AuditLog } from './audit-log.ts';
import { readEvidence } from './evidence.ts';

/** Key texts of the batch's dataset that runs other than its own disposed of after its intent; mostly none at all. */
export async function toldSince(
  audit: AuditLog,
  batch: { readonly plan: string; readonly batch: number; readonly store: string; readonly dataset: string },
  run: string,
): Promise<ReadonlySet<string>> {
  const told = new Set<string>();
  let intendedAt: number | null = null;
  for await (const entry of audit.entries({ run, kind: 'intended' })) {
    const { event } = JSON.parse(entry.body) as AuditEntry;
    if (event.kind === 'intended' && event.plan === batch.plan && event.batch === batch.batch)
      intendedAt = entry.seq;
  }
  if (intendedAt === null) return told;
  for await (const entry of audit.entries({ kind: 'done', afterSeq: intendedAt })) {
    const { event } = JSON.parse(entry.body) as AuditEntry;
    const isOther = event.kind === 'done' && entry.run !== run;
    if (!isOther || event.store !== batch.store || event.dataset !== batch.dataset) continue;
    const stored = await audit.evidence(entry.seq);
    if (stored === null) continue;
    for (const { keyText, did } of readEvidence(stored))
      if (did !== 'spared' && did !== 'failed') told.add(keyText);
  }
  return told;
}
