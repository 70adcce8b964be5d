// Batch after batch of a plan. While a store disposes of one, the outcome of the batch before it is written down and the
// intent of the batch after it, so that neither the store nor the audit log waits for the other. The order of writes of
// each batch stays what it is: its intent is durable before its store is asked, its outcome is written after the commit.
// So a run that is killed leaves at most two batches open on each connection: the one in hand, and a neighbour of it.
import { setImmediate } from 'node:timers/promises';
import type { OutcomeCounts } from '../ledger/audit-entry.ts';
import type { BatchHeader } from '../ledger/plans.ts';
import {
  type Disposing,
  disposeIntended,
  type IntendedBatch,
  intendBatch,
  type PartTarget,
  writeOutcome,
} from './dispose-batch.ts';

export interface BatchesInput {
  readonly work: Disposing;
  readonly headers: readonly BatchHeader[];
  readonly targetOf: (header: BatchHeader) => PartTarget;
  /** Batches that a store may dispose of at the same time, each on a connection of its own. */
  readonly connections: number;
  /** Throws when the run's lease is gone. */
  readonly assertHeld: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly onBatch: (target: PartTarget, records: number, counts: OutcomeCounts) => void;
}

/**
 * Disposes of the batches. Null when all are done; a reason when it was asked to stop: what was intended by then has
 * been brought to its outcome. It throws what a store or the ledger throws, after what else was begun has ended, and
 * leaves what has no outcome to recovery.
 */
export async function runBatches(input: BatchesInput): Promise<string | null> {
  const waiting = [...input.headers];
  let failed = false;
  const take = (): BatchHeader | null => (failed || input.signal.aborted ? null : (waiting.shift() ?? null));
  const lanes = Array.from({ length: input.connections }, () =>
    runLane(input, take).catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  const ended = await Promise.allSettled(lanes);
  const failure = ended.find(lane => lane.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return waiting.length > 0 ? 'it was asked to stop' : null;
}

/** One batch after the other, each intended while the one before it is disposed of. */
async function runLane(input: BatchesInput, take: () => BatchHeader | null): Promise<void> {
  const { work } = input;
  const intendNext = async (): Promise<IntendedBatch | null> => {
    // Some drivers never wait: without this turn, neither a signal nor the lease's timer would be heard in between.
    await setImmediate();
    const header = take();
    if (header === null) return null;
    const target = input.targetOf(header);
    await input.assertHeld();
    return intendBatch(work, target, header);
  };
  let written: Promise<unknown> = Promise.resolve();
  let untold = false;
  let next = intendNext();
  try {
    for (let intended = await next; intended !== null && !untold; intended = await next) {
      const { target, place, batch, packedKeys } = intended;
      const disposed = disposeIntended(work, intended);
      next = written.then(intendNext);
      // Whoever waits for it first hears of a failure; until then it must not pass for one that nobody hears of.
      next.catch(() => undefined);
      const runs = await disposed;
      written = writeOutcome(work, place, batch, runs, { packedKeys, settled: false }).then(counts => {
        input.onBatch(target, batch.records, counts);
      });
      written.catch(() => {
        untold = true;
      });
    }
  } finally {
    await Promise.allSettled([next, written]);
  }
  await written;
}
