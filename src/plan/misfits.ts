// Everything in which a dataset does not fit its declaration: its table, and the values that stand in it.
import type { Disposition, PolicySet } from '../policy/policy.ts';
import { unitMisfit } from '../policy/unit-fit.ts';
import type { Mismatch } from '../stores/mismatch.ts';
import type { Dataset, StoreReader } from '../stores/store.ts';
import { classesOf, dispositionsOf, type Mapped } from './data-map.ts';

/** Empty when it can be trusted to be what it says. A row whose part cannot be is kept: nobody could say if it may go. */
export async function misfitsWithParts(
  reader: StoreReader,
  { dataset, rowParts }: Pick<Mapped, 'dataset' | 'rowParts'>,
  dispositions: readonly Disposition[],
  policySet: PolicySet,
  nowMs: number,
): Promise<readonly Mismatch[]> {
  const own = await misfitsOf(reader, dataset, dispositions, nowMs);
  if (own.length > 0) return own;
  const found: Mismatch[] = [];
  for (const part of rowParts) {
    const misfits = await misfitsOf(reader, part, dispositionsOf(part, classesOf(part), policySet), nowMs);
    const name = `its part ${part.name} does not fit`;
    found.push(...misfits.map(one => ({ ...one, message: `${name}: ${one.message}` })));
  }
  return found;
}

/** The same of a dataset by itself. */
export async function misfitsOf(
  reader: StoreReader,
  dataset: Dataset,
  dispositions: readonly Disposition[],
  nowMs: number,
): Promise<readonly Mismatch[]> {
  const mismatches = await reader.check(dataset, dispositions);
  // Values of a table that is not as declared cannot be asked for.
  if (mismatches.length > 0) return mismatches;
  const found: Mismatch[] = [];
  for (const column of [dataset.startColumn, dataset.fallbackColumn]) {
    if (column === null) continue;
    const misfit = unitMisfit(column, await reader.sampleStarts(dataset, column), dataset.start, nowMs);
    if (misfit !== null) found.push({ dataset: dataset.name, ...misfit });
  }
  return found;
}
