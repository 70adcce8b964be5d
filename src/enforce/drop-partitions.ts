// Partitions that a plan says go as a whole. The order of writes is that of any batch, for all batches of a partition
// together: under the lock that the store takes, every intent is durable before the drop, and every outcome is written
// after it. Where a partition is not as it was listed, nothing was intended, and its batches go row by row like any others.
import { NO_OUTCOMES } from '../ledger/audit-entry.ts';
import type { BatchHeader, BatchOutline } from '../ledger/plans.ts';
import type { PlannedPartition } from '../plan/plan.ts';
import { isStillSure, sureRange } from '../plan/sure-range.ts';
import type { PartitionDrop } from '../stores/partition.ts';
import { type Disposing, intentOf, outcomeOf, type PartTarget, placeOf, writeOutcome } from './batch-log.ts';
import { disposeIntended, momentNow, rulesNow } from './dispose-batch.ts';
import type { Pace } from './pace.ts';
import type { BatchesInput } from './run-batches.ts';

export interface PartitionsInput extends BatchesInput {
  readonly onPartition: (target: PartTarget, partition: PlannedPartition, drop: PartitionDrop) => void;
}

/** Batches whose outcomes are written together: their keys are some megabytes at most. */
const WRITTEN_TOGETHER = 16;

/**
 * Drops what partitions of the plan can be dropped. Gives the batches that are left to be disposed of, or the reason why
 * it stopped when it was asked to.
 */
export async function dropPartitions(
  input: PartitionsInput,
): Promise<{ readonly headers: readonly BatchHeader[]; readonly stopped: string | null }> {
  const { work, headers, signal } = input;
  const taken = new Set<number>();
  // While the server compares one partition, the outcomes of the one before it are written down.
  let told: Promise<void> = Promise.resolve();
  const rest = async (stopped: string | null) => {
    await told;
    return { headers: headers.filter(({ seq }) => !taken.has(seq)), stopped };
  };
  try {
    for (const [index, part] of work.plan.parts.entries()) {
      for (const partition of part.partitions) {
        const { batches } = partition;
        if (partition.as !== 'drop' || batches === null) continue;
        const own = headers.filter(({ seq, part: at }) => at === index && isWithin(seq, batches));
        const [first] = own;
        // Of a run that was cut off some may be settled: what is left is not the whole partition any more.
        if (first === undefined || own.length !== batches[1] - batches[0] + 1) continue;
        if (signal.aborted) return await rest('it was asked to stop');
        const target = input.targetOf(first);
        if (target.store.dropPartition === null || target.disposition !== 'purge') continue;
        const answer = await paceOf(input, target).ready();
        if (!answer.go) return await rest(answer.reason);
        await input.assertHeld();
        const tell = await dropOne(input, target, partition, batches);
        if (tell === null) continue;
        for (const { seq } of own) taken.add(seq);
        await told;
        told = tell();
        // Whoever waits for it first hears of a failure; until then it must not pass for one that nobody hears of.
        told.catch(() => undefined);
      }
    }
    return await rest(null);
  } finally {
    await Promise.allSettled([told]);
  }
}

function paceOf({ paces }: PartitionsInput, { store }: PartTarget): Pace {
  const pace = paces.get(store.name);
  if (pace === undefined) throw new Error(`store ${store.name} has no pace`);
  return pace;
}

function isWithin(seq: number, [first, last]: readonly [number, number]): boolean {
  return seq >= first && seq <= last;
}

/** What is left to write down, once it is gone; null when none of its batches was begun. */
async function dropOne(
  input: PartitionsInput,
  target: PartTarget,
  partition: PlannedPartition,
  batches: readonly [number, number],
): Promise<(() => Promise<void>) | null> {
  const { work } = input;
  const outlines = await work.ledger.plans.outline(work.plan.id, batches);
  const listed = outlines.flatMap(({ stretch, records, keysDigest }) =>
    stretch === null ? [] : [{ stretch, records, keysDigest }],
  );
  let intended = false;
  const range = async () =>
    sureRange(target.dataset, target.tags, await rulesNow(work, target), momentNow(work));
  const drop = (await target.store.dropPartition?.({
    dataset: target.dataset,
    partition: partition.name,
    bound: partition.bound,
    batches: listed,
    range,
    confirm: async acted => {
      if (!isStillSure(acted, await range())) return false;
      // Where another run has taken one of them meanwhile, this throws, and nothing is dropped.
      await intendAll(work, target, outlines);
      intended = true;
      return true;
    },
  })) ?? { did: 'kept', why: 'its store drops none' };
  input.onPartition(target, partition, drop);
  if (drop.did === 'dropped') return () => tellDropped(input, target, partition, outlines);
  if (!intended) return null;
  await disposeOfRows(input, target, outlines);
  return async () => undefined;
}

/** Writes the intents of all batches together, or none. The keys were compared with their digests when the run began. */
async function intendAll(
  { plan, run, ledger }: Disposing,
  target: PartTarget,
  outlines: readonly BatchOutline[],
): Promise<void> {
  await ledger.audit.appendAll(
    outlines.map(batch => intentOf(placeOf(plan, target, batch), batch, batch.keysDigest, run)),
    run,
  );
}

/** The outcome of each batch: all of its records went with the partition. */
async function tellDropped(
  { work, onBatch }: PartitionsInput,
  target: PartTarget,
  { name }: PlannedPartition,
  outlines: readonly BatchOutline[],
): Promise<void> {
  const { plan, run, ledger } = work;
  for (let from = 0; from < outlines.length; from += WRITTEN_TOGETHER) {
    const some = outlines.slice(from, from + WRITTEN_TOGETHER);
    const entries = await Promise.all(
      some.map(async batch => {
        const runs = [{ keys: batch.records, did: 'purged', why: '' }] as const;
        const packedKeys = await ledger.plans.packedKeys(batch);
        const how = { packedKeys, settled: false, partition: name };
        return outcomeOf(placeOf(plan, target, batch), batch, runs, how, run);
      }),
    );
    await ledger.audit.appendAll(entries, run);
    for (const batch of some) onBatch(target, batch.records, { ...NO_OUTCOMES, purged: batch.records });
  }
}

/** The drop was refused after all: what was intended has to come to an outcome, row by row. */
async function disposeOfRows(
  input: PartitionsInput,
  target: PartTarget,
  outlines: readonly BatchOutline[],
): Promise<void> {
  const { work, onBatch } = input;
  const pace = paceOf(input, target);
  for (const outline of outlines) {
    await input.assertHeld();
    const batch = await work.ledger.plans.load(outline);
    const place = placeOf(work.plan, target, batch);
    const { packedKeys } = batch;
    const { runs } = await disposeIntended(work, { target, batch, place, packedKeys }, pace);
    const counts = await writeOutcome(work, place, batch, runs, { packedKeys, settled: false });
    onBatch(target, batch.records, counts);
  }
}
