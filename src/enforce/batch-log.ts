// One batch in the audit log: its intent before anything of it is touched, its outcome after. The order of writes is the
// design:
//
//   1. `intended` is durable in the audit log.   A crash before it: nothing was touched, and the log says nothing.
//   2. The store re-reads the keys under lock,   A crash after 1: recovery finds every key still there.
//      and deletes rows, not yet for others.
//   3. Files that belong to the rows go.         A crash here: the rows are back and still name them. The next run finds
//                                                them due again, and knows from the settled batch that a file which
//                                                was there when it was planned has gone by our own hand.
//   4. The store commits. A batch may be         A crash after it: recovery finds the keys gone, and says so; and which
//      several such writes, with a rest between. are still there.
//   5. `done` is durable, with what became of each key. From here the batch is settled.
//
// No intent, no act: when step 1 fails, the store is never called.
import type { Clock } from '../clock.ts';
import type { BatchPlace, OutcomeCounts } from '../ledger/audit-entry.ts';
import type { NewEntry } from '../ledger/audit-log.ts';
import {
  countMissing,
  countOutcomes,
  countReasons,
  evidenceDigest,
  keysDigest,
  type OutcomeRun,
  packKeys,
  writeOutcomes,
} from '../ledger/evidence.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type BatchHeader, markBatch, type SavedBatch } from '../ledger/plans.ts';
import type { Plan, PlanPart } from '../plan/plan.ts';
import { auditedKeys } from '../policy/key-text.ts';
import type { Disposition, PolicySet } from '../policy/policy.ts';
import type { ChildCounts } from '../stores/child-table.ts';
import type { Child } from '../stores/order.ts';
import type { Dataset, Store } from '../stores/store.ts';

export interface Disposing {
  readonly plan: Plan;
  readonly run: string;
  /** What the owner's folder said when the run began, and what it has said since, as far as that keeps. Throws when it cannot be read. */
  readonly policySetNow: () => PolicySet;
  readonly stores: ReadonlyMap<string, Store>;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly hashKey: string;
}

export interface PartTarget {
  readonly part: PlanPart;
  readonly disposition: Disposition;
  readonly dataset: Dataset;
  /** The tags of the part's class; null: every record of the dataset is of it. */
  readonly tags: readonly string[] | null;
  readonly children: readonly Child[];
  /** Datasets that are parts of its rows. */
  readonly rowParts: readonly Dataset[];
  readonly store: Store;
}

/** A batch whose intent is in the audit log, ready to be disposed of. */
export interface IntendedBatch {
  readonly target: PartTarget;
  readonly batch: SavedBatch;
  readonly place: BatchPlace;
  /** The keys as the evidence will hold them. */
  readonly packedKeys: Uint8Array;
}

/** Writes the intent to dispose of a batch: step 1. From here on the batch has to come to an outcome. */
export async function intendBatch(
  { plan, run, ledger, hashKey }: Disposing,
  target: PartTarget,
  header: BatchHeader,
): Promise<IntendedBatch> {
  const batch = await ledger.plans.load(header);
  const place = placeOf(plan, target, batch);
  const audited = auditedKeys(batch.keys, target.dataset.keysPersonal ? hashKey : null);
  await ledger.audit.appendAll([intentOf(place, batch, keysDigest(audited), run)], run);
  return { target, batch, place, packedKeys: packedFor(batch, audited) };
}

/** The entry that says what is about to be disposed of, and marks the batch with it. */
export function intentOf(
  place: BatchPlace,
  batch: Pick<SavedBatch, 'plan' | 'seq' | 'records'>,
  keysDigest: string,
  run: string,
): NewEntry {
  return {
    event: { kind: 'intended', ...place, count: batch.records, keysDigest },
    also: transaction => markBatch(transaction, batch, 'planned', 'intended', run),
  };
}

/** The keys of a batch as evidence: packed once, when it was planned, unless they are hashed. */
export function packedFor(batch: SavedBatch, audited: string): Uint8Array {
  return audited === batch.keys ? batch.packedKeys : packKeys(audited);
}

/** Writes what became of a batch, step 5: in a run, or after a crash. */
export async function writeOutcome(
  { ledger, run }: Pick<Disposing, 'ledger' | 'run'>,
  place: BatchPlace,
  batch: Pick<SavedBatch, 'plan' | 'seq'>,
  runs: readonly OutcomeRun[],
  how: Told,
): Promise<OutcomeCounts> {
  await ledger.audit.appendAll([outcomeOf(place, batch, runs, how, run)], run);
  return countOutcomes(runs);
}

export interface Told {
  readonly packedKeys: Uint8Array;
  readonly settled: boolean;
  /** The partition that the records went with. */
  readonly partition?: string;
  /** Rows of child tables that went with the records. */
  readonly children?: ChildCounts;
}

/** The entry that says what became of a batch, with its evidence, and marks the batch with it. */
export function outcomeOf(
  place: BatchPlace,
  batch: Pick<SavedBatch, 'plan' | 'seq'>,
  runs: readonly OutcomeRun[],
  { packedKeys, settled, ...more }: Told,
  run: string,
): NewEntry {
  const evidence = { packedKeys, outcomes: writeOutcomes(runs) };
  const missing = countMissing(runs);
  return {
    event: {
      kind: 'done',
      ...place,
      counts: countOutcomes(runs),
      reasons: countReasons(runs),
      ...(missing === 0 ? {} : { missing }),
      evidenceDigest: evidenceDigest(evidence),
      settled,
      ...more,
    },
    evidence,
    also: transaction => markBatch(transaction, batch, settled ? 'settling' : 'intended', 'done', run),
  };
}

export function placeOf(
  plan: Plan,
  { part, disposition }: Pick<PartTarget, 'part' | 'disposition'>,
  batch: Pick<SavedBatch, 'seq'>,
): BatchPlace {
  return {
    plan: plan.id,
    batch: batch.seq,
    store: part.store,
    dataset: part.dataset,
    class: part.class,
    disposition,
  };
}
