// Everything in which a dataset does not fit its declaration: its table, and the values that stand in it.
import type { Disposition } from '../policy/policy.ts';
import { unitMisfit } from '../policy/unit-fit.ts';
import type { Mismatch } from '../stores/mismatch.ts';
import type { Dataset, StoreReader } from '../stores/store.ts';

/** Empty when it can be trusted to be what it says. */
export async function misfitsOf(
  reader: StoreReader,
  dataset: Dataset,
  dispositions: readonly Disposition[],
  nowMs: number,
): Promise<readonly Mismatch[]> {
  const mismatches = await reader.check(dataset, dispositions);
  // Values of a table that is not as declared cannot be asked for.
  if (mismatches.length > 0) return mismatches;
  const starts = await reader.sampleStarts(dataset);
  const misfit = unitMisfit(dataset.startColumn, starts, dataset.start, nowMs);
  return misfit === null ? [] : [{ dataset: dataset.name, ...misfit }];
}
