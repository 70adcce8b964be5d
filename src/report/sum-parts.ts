// Several parts of a plan as one line of its report: tables that are named by date.
import type { PlanCounts, PlanPart } from '../plan/plan.ts';

/** A dataset that does not fit its declaration was refused: its zeros are not counts. */
export function isUnread(part: PlanPart): boolean {
  return part.findings.some(finding => finding.code === 'store-mismatch');
}

/** What can be added up is; of the rest the first part's stands for all. `name` is the dataset's. */
export function sumParts(parts: readonly PlanPart[], name: string): PlanPart {
  const [first] = parts;
  if (first === undefined) throw new Error('nothing to sum');
  const counts = { ...first.counts } as { -readonly [Name in keyof PlanCounts]: number };
  for (const count of Object.keys(counts) as (keyof PlanCounts)[])
    counts[count] = parts.reduce((sum, part) => sum + part.counts[count], 0);
  const numbers = (of: (part: PlanPart) => number | null): number[] => parts.flatMap(part => of(part) ?? []);
  const [starts, ends, sizes] = [
    numbers(part => part.oldestMs),
    numbers(part => part.newestMs),
    numbers(part => part.bytes),
  ];
  return {
    ...first,
    dataset: name,
    counts,
    storedIsEstimate: parts.some(part => part.storedIsEstimate),
    oldestMs: starts.length === 0 ? null : Math.min(...starts),
    newestMs: ends.length === 0 ? null : Math.max(...ends),
    bytes: sizes.length === 0 ? null : sizes.reduce((sum, one) => sum + one, 0),
    files: parts.reduce((sum, part) => sum + part.files, 0),
    partitions: parts.flatMap(part => part.partitions),
    findings: parts.every(isUnread) ? first.findings : [],
  };
}
