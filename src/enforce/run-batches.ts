// Batch after batch of a plan. While a store disposes of one, the outcome of the batch before it is written down and the
// intent of the batch after it, so that neither the store nor the audit log waits for the other. The order of writes of
// each batch stays what it is: its intent is durable before its store is asked, its outcome is written after the commit.
// So a run that is killed leaves at most two batches open on each connection: the one in hand, and a neighbour of it.
import type { OutcomeCounts } from '../ledger/audit-entry.ts';
import type { BatchHeader } from '../ledger/plans.ts';
import type { PaceRules } from '../plan/job.ts';
import {
  type Disposing,
  type IntendedBatch,
  intendBatch,
  type PartTarget,
  writeOutcome,
} from './batch-log.ts';
import { disposeIntended } from './dispose-batch.ts';
import { lanesOf, type Pace } from './pace.ts';

export interface BatchesInput {
  readonly work: Disposing;
  readonly headers: readonly BatchHeader[];
  readonly targetOf: (header: BatchHeader) => PartTarget;
  /** The pace on each store, by its name. */
  readonly paces: ReadonlyMap<string, Pace>;
  readonly rules: PaceRules;
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
  const shares = sharesOf(input.headers, input.rules.connections);
  let stopped: string | null = null;
  const queueOf = (share: BatchHeader[]): Queue => ({
    take: () => (stopped !== null || input.signal.aborted ? null : (share.shift() ?? lastOfAny(shares))),
    stop: (header, reason) => {
      share.unshift(header);
      stopped ??= reason;
    },
  });
  const lanes = Array.from({ length: lanesOf(input.rules) }, (_, lane) =>
    runLane(input, queueOf(shares[lane % shares.length] ?? [])).catch((error: unknown) => {
      stopped ??= 'another connection failed';
      throw error;
    }),
  );
  const ended = await Promise.allSettled(lanes);
  const failure = ended.find(lane => lane.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return shares.some(share => share.length > 0) ? (stopped ?? 'it was asked to stop') : null;
}

/**
 * Batches that follow each other, a share for each connection: neighbours are looked at on the way to a batch's own rows,
 * and a batch that another connection has deleted and not yet committed is waited for.
 */
function sharesOf(headers: readonly BatchHeader[], connections: number): BatchHeader[][] {
  const size = Math.max(1, Math.ceil(headers.length / connections));
  return Array.from({ length: connections }, (_, share) => headers.slice(share * size, (share + 1) * size));
}

/** For who is done with its own share: the last of the longest, which its owner comes to last. */
function lastOfAny(shares: readonly BatchHeader[][]): BatchHeader | null {
  const longest = shares.reduce((one, other) => (other.length > one.length ? other : one));
  return longest.pop() ?? null;
}

interface Queue {
  /** The next batch; null when there is none, or none may be begun any more. */
  readonly take: () => BatchHeader | null;
  /** Gives a batch back that may not be begun, and says why none may. */
  readonly stop: (header: BatchHeader, reason: string) => void;
}

/** One batch after the other, each intended while the one before it is disposed of. */
async function runLane(input: BatchesInput, { take, stop }: Queue): Promise<void> {
  const { work } = input;
  const paces = new Map([...input.paces].map(([store, pace]) => [store, pace.beside()]));
  const paceOf = (target: PartTarget): Pace => {
    const pace = paces.get(target.store.name);
    if (pace === undefined) throw new Error(`store ${target.store.name} has no pace`);
    return pace;
  };
  const intendNext = async (): Promise<IntendedBatch | null> => {
    const header = take();
    if (header === null) return null;
    const target = input.targetOf(header);
    // With nothing open but the batch in hand: a pause may take hours, and the lease is checked after it.
    const answer = await paceOf(target).ready();
    if (!answer.go) {
      stop(header, answer.reason);
      return null;
    }
    await input.assertHeld();
    return intendBatch(work, target, header);
  };
  let written: Promise<unknown> = Promise.resolve();
  let untold = false;
  let next = intendNext();
  try {
    for (let intended = await next; intended !== null && !untold; intended = await next) {
      const { target, place, batch, packedKeys } = intended;
      const disposed = disposeIntended(work, intended, paceOf(target));
      next = written.then(intendNext);
      // Whoever waits for it first hears of a failure; until then it must not pass for one that nobody hears of.
      next.catch(() => undefined);
      const { runs, ...children } = await disposed;
      const told = { packedKeys, settled: false, ...children };
      written = writeOutcome(work, place, batch, runs, told).then(counts => {
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
