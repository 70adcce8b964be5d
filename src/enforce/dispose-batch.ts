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
import { sha256 } from '../digest.ts';
import { RetentionError, reasonOf } from '../errors.ts';
import type { BatchPlace, OutcomeCounts } from '../ledger/audit-entry.ts';
import { countOutcomes, countReasons, keysDigest, keyText, writeEvidence } from '../ledger/evidence.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { markBatch, takenOver } from '../ledger/plans.ts';
import type { Batch, Plan, PlanPart } from '../plan/plan.ts';
import { type Decision, decide } from '../policy/decide.ts';
import type { Disposition, PolicySet } from '../policy/policy.ts';
import { type FileRef, readRecord } from '../policy/record.ts';
import { rulesFor } from '../policy/rules.ts';
import type { Child, Dataset, Judge, Outcome, Release, Ruling, Store } from '../stores/store.ts';
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
  readonly children: readonly Child[];
  readonly store: Store;
}

/** Files removed at the same time for the rows of one batch. */
const FILES_AT_ONCE = 16;

/** Disposes of what is still due of a batch, and writes down what became of every key. */
export async function disposeBatch(
  work: Disposing,
  target: PartTarget,
  batch: Batch,
): Promise<OutcomeCounts> {
  const { ledger, run } = work;
  const { dataset, disposition } = target;
  const place = placeOf(work.plan, target, batch);
  const texts = batch.keys.map(key => keyText(key, dataset.keysPersonal ? work.hashKey : null));
  await ledger.audit.append(
    { kind: 'intended', ...place, count: texts.length, keysDigest: keysDigest(texts) },
    run,
    {
      also: transaction => markBatch(transaction, batch, 'planned', 'intended', run),
    },
  );
  const outcomes = await dispose(work, target, batch, disposition);
  return writeOutcome(work, place, batch, texts, outcomes, false);
}

/** Writes what became of a batch: the one way in which a batch is ever settled, in a run or after a crash. */
export async function writeOutcome(
  { ledger, run }: Pick<Disposing, 'ledger' | 'run'>,
  place: BatchPlace,
  batch: Batch,
  texts: readonly string[],
  outcomes: readonly Outcome[],
  settled: boolean,
): Promise<OutcomeCounts> {
  const evidence = writeEvidence(outcomes, texts);
  const counts = countOutcomes(outcomes);
  await ledger.audit.append(
    {
      kind: 'done',
      ...place,
      counts,
      reasons: countReasons(outcomes),
      evidenceDigest: sha256(evidence),
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
  batch: Batch,
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

/** A store that fails on one batch fails what is left of it; one that cannot be reached stops the run, to be settled. */
async function dispose(
  work: Disposing,
  target: PartTarget,
  batch: Batch,
  disposition: Disposition,
): Promise<readonly Outcome[]> {
  const { dataset, children, store } = target;
  try {
    const order = { dataset, disposition, keys: batch.keys, children, release: releaseFor(work, target) };
    return await store.dispose(order, judgeFor(work, target, batch));
  } catch (error) {
    if (error instanceof RetentionError) throw error;
    // The store has undone what it had begun: what is not there now went before, by somebody else's hand.
    const states = await lookBack(store, dataset, disposition, batch.keys);
    return batch.keys.map(
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
function judgeFor(work: Disposing, target: PartTarget, batch: Batch): Judge {
  return async records => {
    // Under lock now: a run that takes this batch over looks at the rows only after this transaction has ended.
    if (!(await work.ledger.plans.isIntended(batch, work.run))) throw takenOver(batch.plan, batch.seq);
    const rules = rulesFor(target.part.class, work.policySet, await work.ledger.holds.list());
    const moment = { nowMs: work.clock.nowMs(), nextRunMs: work.plan.nextRunMs };
    return records.map(record => {
      const decision = decide(readRecord(record, target.dataset), rules, moment);
      return rule(decision, target.disposition);
    });
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
