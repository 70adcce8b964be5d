// What the audit log tells of the records of one dataset: the questions that are asked of its outcomes, key by key.
import type { AuditEntry, AuditEvent } from './audit-entry.ts';
import type { AuditLog, StoredEntry } from './audit-log.ts';
import { type EvidenceLine, readEvidence } from './evidence.ts';

interface DatasetPlace {
  readonly store: string;
  readonly dataset: string;
}

type Done = Extract<AuditEvent, { kind: 'done' }>;

/**
 * Keys that a killed run had intended and did not get to dispose of, as they stand in the evidence: their files may be
 * gone while they still stand. Settled batches are rare, and so is this question.
 */
export async function interruptedKeys(audit: AuditLog, place: DatasetPlace): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const { did, keyText } of linesOf(audit, place, (_, { settled }) => settled))
    if (did === 'spared') keys.add(keyText);
  return keys;
}

/**
 * Keys that runs other than its own disposed of after a batch was intended; mostly none at all. A batch that recovery had
 * to leave (somebody still had its records locked) stays open while a later plan may list the same records: what that
 * one disposed of is not told twice.
 */
export async function toldSince(
  audit: AuditLog,
  batch: DatasetPlace & { readonly plan: string; readonly batch: number },
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
  for await (const { did, keyText } of linesOf(audit, batch, entry => entry.run !== run, intendedAt))
    if (did !== 'spared' && did !== 'failed') told.add(keyText);
  return told;
}

/** The evidence of a dataset's outcomes, of those that are asked for, in order of writing. */
async function* linesOf(
  audit: AuditLog,
  { store, dataset }: DatasetPlace,
  isWanted: (entry: StoredEntry, event: Done) => boolean,
  afterSeq = 0,
): AsyncGenerator<EvidenceLine> {
  for await (const entry of audit.entries({ kind: 'done', afterSeq })) {
    const { event } = JSON.parse(entry.body) as AuditEntry;
    if (event.kind !== 'done' || event.store !== store || event.dataset !== dataset) continue;
    const stored = isWanted(entry, event) ? await audit.evidence(entry.seq) : null;
    if (stored !== null) yield* readEvidence(stored);
  }
}
