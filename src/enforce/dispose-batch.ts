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
import { RetentionError, reasonOf } from '../errors.ts';
import type { BatchPlace, OutcomeCounts } from '../ledger/audit-entry.ts';
import {
  countOutcomes,
  countReasons,
  evidenceDigest,
  keysDigest,
  packKeys,
  readOutcomes,
  writeOutcomes,
} from '../ledger/evidence.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type BatchHeader, markBatch, type SavedBatch, takenOver } from '../ledger/plans.ts';
import type { Plan, PlanPart } from '../plan/plan.ts';
import { sureRange } from '../plan/sure-range.ts';
import { type Decision, decide } from '../policy/decide.ts';
import { auditedKeys, keysOf } from '../policy/key-text.ts';
import type { ClassRules, Disposition, Key, Moment, PolicySet } from '../policy/policy.ts';
import { type FileRef, readRecord } from '../policy/record.ts';
import { rulesFor } from '../policy/rules.ts';
import type { Child, Dataset, Judge, Outcome, Release, Ruling, Store, SureOrder } from '../stores/store.ts';
import { lookBack } from './look-back.ts';

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
  readonly keys: readonly Key[];
  /** The keys as the evidence will hold them. */
  readonly packedKeys: Uint8Array;
}

/** Files removed at the same time for the rows of one batch. */
const FILES_AT_ONCE = 16;

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
  return { target, batch, place, keys: keysOf(batch.keys), packedKeys: packedFor(batch, audited) };
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
  outcomes: readonly Outcome[],
  { packedKeys, settled }: { readonly packedKeys: Uint8Array; readonly settled: boolean },
): Promise<OutcomeCounts> {
  const evidence = { packedKeys, outcomes: writeOutcomes(outcomes) };
  const runs = readOutcomes(evidence.outcomes);
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
 * Disposes of what is still due of a batch, steps 2 to 4, and says what became of each key. A store that fails on one
 * batch fails what is left of it; one that cannot be reached stops the run, to be settled.
 */
export async function disposeIntended(
  work: Disposing,
  { target, batch, keys }: IntendedBatch,
): Promise<readonly Outcome[]> {
  const { dataset, disposition, children, store } = target;
  try {
    const sure = sureOrder(work, target, batch);
    return await store.dispose(
      { dataset, disposition, keys, children, release: releaseFor(work, target), ...(sure && { sure }) },
      judgeFor(work, target, batch),
    );
  } catch (error) {
    if (error instanceof RetentionError) throw error;
    // The store has undone what it had begun: what is not there now went before, by somebody else's hand.
    const states = await lookBack(store, dataset, disposition, keys);
    return keys.map(
      (key, index): Outcome =>
        states[index] === 'gone'
          ? { key, did: 'spared', why: 'gone', by: null }
          : { key, did: 'failed', by: failureOf(error) },
    );
  }
}

/** What failed, without the values that a server's message may quote. */
function failureOf(error: unknown): string {
  const { code } = error as { code?: string };
  return code ?? reasonOf(error).split(':')[0] ?? 'an unknown error';
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

/** What is sure, asked before the act and, under the locks that it takes, once more after it. */
function sureOrder(work: Disposing, target: PartTarget, batch: SavedBatch): SureOrder | null {
  const { stretch } = batch;
  if (stretch === null) return null;
  const range: SureOrder['range'] = async () =>
    sureRange(target.dataset, target.tags, await rulesNow(work, target), momentNow(work));
  return {
    stretch,
    range,
    confirm: async acted => {
      await requireIntended(work, batch);
      const now = await range();
      return now !== null && canonicalJson(now.apart) === canonicalJson(acted.apart);
    },
  };
}

/** Sees the files of records off, but for those that a record which stays names too. */
function releaseFor(work: Disposing, { dataset }: PartTarget): Release {
  return async (records, others) => {
    const kept = new Set(others.flatMap(record => readRecord(record, dataset).files.map(placeOfFile)));
    const left: (string | null)[] = [];
    for (let from = 0; from < records.length; from += FILES_AT_ONCE) {
      const some = records.slice(from, from + FILES_AT_ONCE).map(record => readRecord(record, dataset).files);
      left.push(
        ...(await Promise.all(
          some.map(files =>
            removeFiles(
              work,
              files.filter(file => !kept.has(placeOfFile(file))),
            ),
          ),
        )),
      );
    }
    return left;
  };
}

function placeOfFile(file: FileRef): string {
  return `${file.store} ${file.path}`;
}

function rule(decision: Decision, disposition: Disposition): Ruling {
  if (decision.disposition === disposition) return { go: true };
  const { verdict, operative } = decision;
  if (verdict === 'held') return { go: false, why: 'held', by: operative.id };
  return { go: false, why: 'changed', by: `${operative.kind} ${operative.id}` };
}

/** Why one of a record's files could not be removed, or null when none is left. */
async function removeFiles(work: Disposing, files: readonly FileRef[]): Promise<string | null> {
  for (const file of files) {
    const why = await removeFile(work.stores.get(file.store), file.path);
    if (why !== null) return why;
  }
  return null;
}

/** Why a file could not be removed, or null when it is gone. */
async function removeFile(store: Store | undefined, path: string): Promise<string | null> {
  if (store?.removeFile == null) return 'its store is not part of the job';
  try {
    await store.removeFile(path);
    return null;
  } catch (error) {
    return failureOf(error);
  }
}
