// What the ledger alone can say about the time: the latest that it knows of, and whether its entries go on from one to the
// next without a gap that nobody has confirmed.
import type { AuditEntry, AuditEvent } from './audit-entry.ts';
import type { Ledger } from './ledger.ts';

export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Entries that stand only where the time was looked at, by a run's guards or by a person. */
const ANCHORS: readonly AuditEvent['kind'][] = [
  'run-started',
  'clock-confirmed',
  'ledger-made',
  'ledger-accepted',
  'ledger-taken-over',
];

/**
 * The first gap of more than `limitMs` between entries since the last that stands for a time that was looked at, the last
 * entry and now; null where there is none. What was planned meanwhile by the same wrong clock thus proves nothing. With no
 * such entry it goes from the first one.
 */
export async function gapUntil(
  { audit }: Pick<Ledger, 'audit'>,
  nowMs: number,
  limitMs: number,
): Promise<Gap | null> {
  let [lastMs, gap]: [number | null, Gap | null] = [null, null];
  for await (const { body, kind } of audit.entries({ afterSeq: (await audit.lastOf(ANCHORS)) - 1 })) {
    const atMs = Date.parse((JSON.parse(body) as AuditEntry).at);
    const isAnchor = ANCHORS.some(one => one === kind);
    if (!isAnchor && lastMs !== null && atMs - lastMs > limitMs) gap ??= { fromMs: lastMs, toMs: atMs };
    lastMs = isAnchor ? atMs : Math.max(lastMs ?? atMs, atMs);
  }
  if (gap !== null || lastMs === null) return gap;
  return nowMs - lastMs > limitMs ? { fromMs: lastMs, toMs: nowMs } : null;
}

/** Whether time was ever looked at by a run or a person's word for it; a ledger that was only made proves no time. */
export async function hasProvenTime({ audit }: Pick<Ledger, 'audit'>): Promise<boolean> {
  return (await audit.lastOf(['run-started', 'clock-confirmed'])) > 0;
}
