// The safety belts: a run that would dispose of more than its limits allow is refused before it touches anything.
import type { Limits } from './job.ts';
import type { PlanPart } from './plan.ts';

/** How many times fewer or more records a table may have than the server estimates; tables after a purge are the worst. */
const ESTIMATE_FACTOR = 4;

/** Whether an estimate of what is stored is good enough to say that a part is within its limits. */
export function isFarFromLimit(due: number, estimated: number, { percent }: Limits): boolean {
  return percent >= 100 || due * ESTIMATE_FACTOR * 100 <= estimated * percent;
}

/** Which limit a part is over, in words; null when it is within both. */
export function exceededLimit(part: Pick<PlanPart, 'counts' | 'limits'>): string | null {
  const { due, stored } = part.counts;
  const { records, percent } = part.limits;
  if (due > records) return `${due} records are due, and at most ${records} may go in one run`;
  const share = stored === 0 ? 0 : (due / stored) * 100;
  if (share > percent)
    return `${share.toFixed(1)} % of the records are due, and at most ${percent} % may go in one run`;
  return null;
}
