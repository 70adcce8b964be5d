// One batch, from intent to outcome. The order of writes is the design:
//
//   1. `intended` is durable in the audit log.   A crash before it: nothing was touched, and the log says nothing.
//   2. The store re-reads the keys under lock,   A crash after 1: recovery finds every key still there.
//      and deletes rows, not yet for others.
//   3. Files that belong to the rows go.         A crash here: the rows are back and still name them, so the next run
//                                                finds them due again and the files gone already.
//   4. The store commits.                        A crash after it: recovery finds the keys gone, and says so.
//   5. `done` is durable, with what became of each key. From here the batch is settled.
//
// No intent, no act: when step 1 fails, the store is never called.
import type { Clock } from '../clock.ts';
import { canonicalJson } from '../digest.ts';
import { failureOf, RetentionError } from '../errors.ts';
import type { BatchPlace, OutcomeCounts } from '../ledger/audit-entry.ts';
import {
  countOutcomes,
  countReasons,
  evidenceDigest,
  keysDigest,
  type OutcomeRun,
  packKeys,
  runsOf,
  writeOutcomes,
} from '../ledger/evidence.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type BatchHeader, markBatch, type SavedBatch, takenOver } from '../ledger/plans.ts';
import type { Plan, PlanPart } from '../plan/plan.ts';
import { sureRange } from '../plan/sure-range.ts';
import { type Decision, decide } from '../policy/decide.ts';
import { auditedKeys, keysOf } from '../policy/key-text.ts';
import type { ClassRules, Disposition, Moment, PolicySet } from '../policy/policy.ts';
import { readRecord } from '../policy/record.ts';
import { rulesFor } from '../policy/rules.ts';
import type { Child, Dataset, Judge, Ruling, Store } from '../stores/store.ts';
import { lookBack } from './look-back.ts';
import { releaseFor } from './release-files.ts';

export interface Disposing {
  readonly plan: Plan;
  readonly run: string;
  readonly policySet: PolicySet;
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
  const event = {
    kind: 'intended',
    ...place,
    count: batch.records,
    keysDigest: keysDigest(audited),
  } as const;
  await ledger.audit.append(event, run, {
    also: transaction => markBatch(transaction, batch, 'planned', 'intended', run),
  });
  return { target, batch, place, packedKeys: packedFor(batch, audited) };
}

/** The keys of a batch as evidence: packed once, when it was planned, unless they are hashed. */
export function packedFor(batch: SavedBatch, audited: string): Uint8Array {
  return audited === batch.keys ? batch.packedKeys : packKeys(audited);
}

/** Writes what became of a batch, step 5: the one way in which a batch is ever settled, in a run or after a crash. */
export async function writeOutcome(
  { ledger, run }: Pick<Disposing, 'ledger' | 'run'>,
  place: BatchPlace,
  batch: Pick<SavedBatch, 'plan' | 'seq'>,
  runs: readonly OutcomeRun[],
  { packedKeys, settled }: { readonly packedKeys: Uint8Array; readonly settled: boolean },
): Promise<OutcomeCounts> {
  const evidence = { packedKeys, outcomes: writeOutcomes(runs) };
  const counts = countOutcomes(runs);
  await ledger.audit.append(
    {
      kind: 'done',
      ...place,
      counts,
      reasons: countReasons(runs),
      evidenceDigest: evidenceDigest(evidence),
      settled,
    },
    run,
    {
      evidence,
      also: transaction => markBatch(transaction, batch, settled ? 'settling' : 'intended', 'done', run),
    },
  );
  return counts;
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

/**
 * Disposes of what is still due of a batch, steps 2 to 4, and says what became of its keys. A store that fails on one
 * batch fails what is left of it; one that cannot be reached stops the run, to be settled.
 */
export async function disposeIntended(
  work: Disposing,
  { target, batch }: IntendedBatch,
): Promise<readonly OutcomeRun[]> {
  const { dataset, disposition, children, store } = target;
  try {
    if (await purgeListed(work, target, batch)) return [{ keys: batch.records, did: 'purged', why: '' }];
    const order = { dataset, disposition, keys: keysOf(batch.keys), children };
    return runsOf(
      await store.dispose(
        { ...order, release: releaseFor(work.stores, dataset) },
        judgeFor(work, target, batch),
      ),
    );
  } catch (error) {
    if (error instanceof RetentionError) throw error;
    // The store has undone what it had begun: what is not there now went before, by somebody else's hand.
    const keys = keysOf(batch.keys);
    const states = await lookBack(store, dataset, disposition, keys);
    return runsOf(
      keys.map((key, index) =>
        states[index] === 'gone'
          ? { key, did: 'spared', why: 'gone', by: null }
          : { key, did: 'failed', by: failureOf(error) },
      ),
    );
  }
}

/** Rules on records as they are under lock, with the holds as they are at that moment. */
function judgeFor(work: Disposing, target: PartTarget, batch: SavedBatch): Judge {
  return async records => {
    await requireIntended(work, batch);
    const rules = await rulesNow(work, target);
    const moment = momentNow(work);
    return records.map(record => {
      const decision = decide(readRecord(record, target.dataset), rules, moment);
      return rule(decision, target.disposition);
    });
  };
}

/** Under lock now: a run that takes this batch over looks at the rows only after this transaction has ended. */
async function requireIntended({ ledger, run }: Disposing, batch: SavedBatch): Promise<void> {
  if (!(await ledger.plans.isIntended(batch, run))) throw takenOver(batch.plan, batch.seq);
}

async function rulesNow({ policySet, ledger }: Disposing, { part }: PartTarget): Promise<ClassRules> {
  return rulesFor(part.class, policySet, await ledger.holds.list());
}

function momentNow({ clock, plan }: Disposing): Moment {
  return { nowMs: clock.nowMs(), nextRunMs: plan.nextRunMs };
}

/**
 * Purges a batch that was listed without a look at each record, if all of it is still as sure: what is sure is asked
 * before the act and, under the locks that it takes, once more after it.
 */
async function purgeListed(work: Disposing, target: PartTarget, batch: SavedBatch): Promise<boolean> {
  const { dataset, tags, disposition, store } = target;
  const { stretch, keys } = batch;
  if (stretch === null || store.purgeListed === null || disposition !== 'purge') return false;
  const range = async () => sureRange(dataset, tags, await rulesNow(work, target), momentNow(work));
  return store.purgeListed({
    dataset,
    keys,
    stretch,
    range,
    confirm: async acted => {
      await requireIntended(work, batch);
      const now = await range();
      return now !== null && canonicalJson(now.apart) === canonicalJson(acted.apart);
    },
  });
}

function rule(decision: Decision, disposition: Disposition): Ruling {
  if (decision.disposition === disposition) return { go: true };
  const { verdict, operative } = decision;
  if (verdict === 'held') return { go: false, why: 'held', by: operative.id };
  return { go: false, why: 'changed', by: `${operative.kind} ${operative.id}` };
}
