// What the audit log tells of the records of one dataset: the questions that are asked of its outcomes, key by key.
import type { AuditEntry, AuditEvent } from './audit-entry.ts';
import type { AuditLog, StoredEntry } from './audit-log.ts';
import { type EvidenceLine, readEvidence } from './evidence.ts';

interface DatasetPlace {
  readonly store: string;
  readonly dataset: string;
}

type Done = Extract<AuditEvent, { kind: 'done' }>;

/** What stands behind the reason for which a record stayed whose file this program had removed before. */
export const FILE_WENT = 'its file has gone';

/** Keys of records that stayed, as they stand in the evidence. */
export interface EarlierFiles {
  /** A run had removed their files, or was killed while it may have been about to: files that it had seen. */
  readonly interrupted: ReadonlySet<string>;
  /** They were told to stay since a file was missing that nobody saw go. */
  readonly missing: ReadonlySet<string>;
}

/** What earlier runs told of the files of a dataset's records. Both are rare, and so is this question. */
export async function toldOfFiles(audit: AuditLog, place: DatasetPlace): Promise<EarlierFiles> {
  const interrupted = new Set<string>();
  const missing = new Set<string>();
  const isWanted = (_: StoredEntry, { settled, reasons, missing: some }: Done): boolean =>
    settled || (some ?? 0) > 0 || Object.keys(reasons).some(reason => reason.endsWith(FILE_WENT));
  for await (const { did, why, keyText } of linesOf(audit, place, isWanted)) {
    if (did !== 'spared' && did !== 'failed') continue;
    if (why.endsWith(FILE_WENT) || why === 'interrupted') interrupted.add(keyText);
    else if (why.startsWith('missing')) missing.add(keyText);
  }
  return { interrupted, missing };
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
