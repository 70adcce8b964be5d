// How a run ended that came to its end: done, or with something that somebody should look into.
import type { RunState } from '../ledger/audit-entry.ts';
import type { PartSum, RunSum } from '../ledger/sum-run.ts';
import type { Plan } from '../plan/plan.ts';

export interface RunEnd {
  readonly state: Extract<RunState, 'done' | 'partial'>;
  readonly reason: string | null;
}

/** Reasons for which a due record stayed that are nobody's wish. Changed, held and gone are as they should be. */
const UNWANTED: ReadonlySet<string> = new Set([
  'failed',
  'locked',
  'blocked',
  'file-kept',
  'interrupted',
  'missing',
  'unread',
]);

/** Of fewer records than these, how many were not as planned says nothing. */
const SOME_TENS = 30;

export function endOf(plan: Plan, { parts, reasons }: RunSum): RunEnd {
  const missed = parts.filter(wasMostlyMissed);
  if (missed.length > 0) return { state: 'partial', reason: missed.map(sentenceOf).join('. ') };
  const isRefused = plan.parts.some(part => part.findings.some(finding => finding.severity === 'refused'));
  const isLeft = Object.keys(reasons).some(reason => UNWANTED.has(reason.split(':')[0] ?? ''));
  return { state: isRefused || isLeft ? 'partial' : 'done', reason: null };
}

function sharesOf({ counts, reasons }: PartSum): { readonly all: number; readonly missed: number } {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  let missed = 0;
  for (const [reason, count] of Object.entries(reasons))
    if (/^(gone|changed)(:|$)/.test(reason)) missed += count;
  return { all, missed };
}

/** What was planned was other than what was there: a plan of another place, or of another time. */
function wasMostlyMissed(part: PartSum): boolean {
  const { all, missed } = sharesOf(part);
  return all >= SOME_TENS && missed * 2 > all;
}

function sentenceOf(part: PartSum): string {
  const { all, missed } = sharesOf(part);
  return `${missed} of ${all} planned records of ${part.store}/${part.dataset} were gone or changed: was it planned where it was enforced?`;
}
