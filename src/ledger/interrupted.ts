// Keys that a killed run had intended and did not get to dispose of: their files may be gone while they still stand.
import type { AuditEntry } from './audit-entry.ts';
import type { AuditLog } from './audit-log.ts';
import { readEvidence } from './evidence.ts';

/** The keys of one dataset, as they stand in the evidence. Settled batches are rare, and so is this question. */
export async function interruptedKeys(
  audit: AuditLog,
  store: string,
  dataset: string,
): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const entry of audit.entries({ kind: 'done' })) {
    const { event } = JSON.parse(entry.body) as AuditEntry;
    if (event.kind !== 'done' || !event.settled || event.store !== store || event.dataset !== dataset)
      continue;
    const stored = await audit.evidence(entry.seq);
    if (stored === null) continue;
    for (const line of readEvidence(stored)) if (line.did === 'spared') keys.add(line.keyText);
  }
  return keys;
}
