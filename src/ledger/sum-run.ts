// What a run did, from the audit log alone: for the report of today's run, and of one a year old.
import { type AuditEntry, addOutcomes, NO_OUTCOMES, type OutcomeCounts } from './audit-entry.ts';
import type { AuditLog } from './audit-log.ts';

export interface PartSum {
  readonly store: string;
  readonly dataset: string;
  readonly class: string;
  readonly disposition: string;
  readonly counts: OutcomeCounts;
  readonly reasons: Readonly<Record<string, number>>;
  readonly batches: number;
  /** Batches whose outcome was found out after a crash. */
  readonly settled: number;
  /** Records of which a file was missing that nobody saw go, whether they went or stayed. */
  readonly missing: number;
  /** Rows of child tables that went with the records, by table. */
  readonly children: Readonly<Record<string, number>>;
}

export interface RunSum {
  readonly counts: OutcomeCounts;
  readonly reasons: Readonly<Record<string, number>>;
  readonly parts: readonly PartSum[];
}

export async function sumRun(audit: AuditLog, run: string): Promise<RunSum> {
  const parts = new Map<string, PartSum>();
  let counts = NO_OUTCOMES;
  let reasons: Readonly<Record<string, number>> = {};
  for await (const entry of audit.entries({ run, kind: 'done' })) {
    const { event } = JSON.parse(entry.body) as AuditEntry;
    if (event.kind !== 'done') continue;
    const id = JSON.stringify([event.store, event.dataset, event.class, event.disposition]);
    const { store, dataset, class: name, disposition } = event;
    const known = parts.get(id) ?? {
      store,
      dataset,
      class: name,
      disposition,
      counts: NO_OUTCOMES,
      reasons: {},
      batches: 0,
      settled: 0,
      missing: 0,
      children: {},
    };
    parts.set(id, {
      ...known,
      counts: addOutcomes(known.counts, event.counts),
      reasons: addByName(known.reasons, event.reasons),
      batches: known.batches + 1,
      settled: known.settled + (event.settled ? 1 : 0),
      missing: known.missing + (event.missing ?? 0),
      children: addByName(known.children, event.children ?? {}),
    });
    counts = addOutcomes(counts, event.counts);
    reasons = addByName(reasons, event.reasons);
  }
  return { counts, reasons, parts: [...parts.values()] };
}

function addByName(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum = { ...a };
  for (const [reason, count] of Object.entries(b)) sum[reason] = (sum[reason] ?? 0) + count;
  return sum;
}
