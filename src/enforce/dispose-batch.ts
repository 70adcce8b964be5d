// Steps 2 to 4 of a batch: what of it is still due is disposed of, and what became of each key is said. The intent before
// and the outcome after are `batch-log.ts`, where the order of writes is written down.
import { stopwatch } from '../clock.ts';
import { failureOf, RetentionError } from '../errors.ts';
import { type OutcomeRun, runsOf } from '../ledger/evidence.ts';
import { type SavedBatch, takenOver } from '../ledger/plans.ts';
import { keepersAmong } from '../plan/row-parts.ts';
import { isStillSure, sureRange } from '../plan/sure-range.ts';
import { type Decision, decide } from '../policy/decide.ts';
import { keyOfText, splitKeys } from '../policy/key-text.ts';
import type { ClassRules, Disposition, Moment } from '../policy/policy.ts';
import { readRecord } from '../policy/record.ts';
import { rulesFor } from '../policy/rules.ts';
import type { ChildCounts } from '../stores/child-table.ts';
import type { Judge, Outcome, Release, RowPart, Ruling } from '../stores/order.ts';
import type { Dataset } from '../stores/store.ts';
import type { Disposing, IntendedBatch, PartTarget } from './batch-log.ts';
import { wentByUs, withFilesStory } from './files-of-batch.ts';
import { lookBack } from './look-back.ts';
import type { Pace } from './pace.ts';
import { beginFilesStory, type FilesStory, releaseFor } from './release-files.ts';

/** What became of a batch. */
export interface Disposed {
  readonly runs: readonly OutcomeRun[];
  /** Rows of child tables that went with its records; not there where it has none. */
  readonly children?: ChildCounts;
}

/**
 * Disposes of what is still due of a batch, and says what became of its keys: a write at a time, each a
 * transaction of its own, with the rest that the pace asks for between them. A store that fails on one batch fails what
 * is left of it; one that cannot be reached stops the run, to be settled.
 */
export async function disposeIntended(
  work: Disposing,
  { target, batch }: IntendedBatch,
  pace: Pace,
): Promise<Disposed> {
  const { dataset, disposition, children, store } = target;
  const outcomes = new Map<string, Outcome>();
  const purged: (readonly string[])[] = [];
  const notePurged = (): void => {
    for (const text of purged.flat()) outcomes.set(text, { key: keyOfText(text) ?? [], did: 'purged' });
  };
  const went = new Map<string, number>();
  const onChildren = (counts: ChildCounts): void => {
    for (const [at, rows] of Object.entries(counts)) went.set(at, (went.get(at) ?? 0) + rows);
  };
  const story = beginFilesStory();
  const inOrder = (): Disposed => ({
    runs: runsOf(
      splitKeys(batch.keys).flatMap(text => {
        const outcome = outcomes.get(text);
        return outcome === undefined ? [] : [withFilesStory(outcome, story)];
      }),
    ),
    ...(went.size === 0 ? {} : { children: Object.fromEntries(went) }),
  });
  try {
    let left = await purgeListed(work, target, batch, pace, keys => purged.push(keys));
    if (left.length === 0) return { runs: [{ keys: batch.records, did: 'purged', why: '' }] };
    notePurged();
    const release = releaseOf(work, dataset, story);
    const rowParts = disposition === 'purge' ? target.rowParts.map(part => rowPart(work, part, story)) : [];
    while (left.length > 0) {
      const texts = left.slice(0, pace.writeKeys());
      left = left.slice(texts.length);
      const order = {
        dataset,
        disposition,
        keys: texts.map(text => keyOfText(text) ?? []),
        children,
        rowParts,
        release,
        onChildren,
      };
      await pace.inTurn(async () => {
        const beganMs = stopwatch.nowMs();
        const did = await store.dispose(order, judgeFor(work, target, batch));
        did.forEach((outcome, index) => {
          outcomes.set(texts[index] ?? '', outcome);
        });
        pace.wrote(texts.length, stopwatch.nowMs() - beganMs);
      });
      if (left.length > 0) await pace.rest();
    }
    return inOrder();
  } catch (error) {
    if (error instanceof RetentionError && !OF_ONE_TABLE.has(error.code)) throw error;
    // The store has undone what it had begun: what is not there now went before, by somebody else's hand.
    notePurged();
    const left = splitKeys(batch.keys).filter(text => !outcomes.has(text));
    const keys = left.map(text => keyOfText(text) ?? []);
    const states = await statesAfter(error, () => lookBack(store, dataset, disposition, keys));
    keys.forEach((key, index) => {
      outcomes.set(
        left[index] ?? '',
        states[index] === 'gone'
          ? { key, did: 'spared', why: 'gone', by: null }
          : { key, did: 'failed', by: failureOf(error) },
      );
    });
    return inOrder();
  }
}

/** Where the store does not let the rows be looked at for the reason that it did not write for, none is known: all have failed. */
async function statesAfter<T>(error: unknown, look: () => Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await look();
  } catch (second) {
    const isSame =
      error instanceof RetentionError && second instanceof RetentionError && error.message === second.message;
    if (isSame) return [];
    throw second;
  }
}

/** What a store has against this table alone: the others go on. */
const OF_ONE_TABLE: ReadonlySet<RetentionError['code']> = new Set(['statement-refused', 'store-mismatch']);

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

/** A part of rows that are purged: whether it keeps its row, with the holds as they are at that moment. */
function rowPart(work: Disposing, dataset: Dataset, story: FilesStory): RowPart {
  const { policySetNow, ledger } = work;
  return {
    dataset,
    release: releaseOf(work, dataset, story),
    judge: async records => {
      const held = await ledger.holds.now();
      const rules = { policySet: policySetNow(), held, moment: momentNow(work) };
      return keepersAmong(records, dataset, rules).map((keeper): Ruling => {
        if (keeper === null) return { go: true };
        const { verdict, operative } = keeper.decision;
        return verdict === 'held'
          ? { go: false, why: 'held', by: operative.id }
          : { go: false, why: 'blocked', by: dataset.name };
      });
    },
  };
}

function releaseOf(work: Disposing, dataset: Dataset, story: FilesStory): Release {
  const { stores } = work;
  return releaseFor({ stores, dataset, story, wentByUs: record => wentByUs(work, dataset, record) });
}

/** Under lock now: a run that takes this batch over looks at the rows only after this transaction has ended. */
async function requireIntended({ ledger, run }: Disposing, batch: SavedBatch): Promise<void> {
  if (!(await ledger.plans.isIntended(batch, run))) throw takenOver(batch.plan, batch.seq);
}

export async function rulesNow(
  { policySetNow, ledger }: Disposing,
  { part, dataset }: PartTarget,
): Promise<ClassRules> {
  const held = await ledger.holds.now();
  return rulesFor(part.class, policySetNow(), held, dataset);
}

export function momentNow({ clock, plan }: Disposing): Moment {
  return { nowMs: clock.nowMs(), nextRunMs: plan.nextRunMs };
}

/**
 * Purges a batch that was listed without a look at each record, as far as it is still as sure: what is sure is asked
 * before each write and, under the locks that it takes, once more after it. Gives the keys that are left to look at.
 */
async function purgeListed(
  work: Disposing,
  target: PartTarget,
  batch: SavedBatch,
  pace: Pace,
  onPurged: (keys: readonly string[]) => void,
): Promise<readonly string[]> {
  const { dataset, tags, disposition, store } = target;
  const { stretch, keys } = batch;
  if (stretch === null || store.purgeListed === null || disposition !== 'purge') return splitKeys(keys);
  const left: string[] = [];
  const rangeNow = async () => sureRange(dataset, tags, await rulesNow(work, target), momentNow(work));
  // A write acts on what the one before it was confirmed by: what has changed since undoes it under its locks.
  let known = await rangeNow();
  await store.purgeListed({
    dataset,
    keys,
    stretch,
    range: () => known,
    confirm: async acted => {
      await requireIntended(work, batch);
      known = await rangeNow();
      return isStillSure(acted, known);
    },
    writeKeys: pace.writeKeys,
    inTurn: pace.inTurn,
    wrote: async write => {
      if (write.purged) onPurged(write.keys);
      else for (const text of write.keys) left.push(text);
      pace.wrote(write.keys.length, write.tookMs);
      await pace.rest();
    },
  });
  return left;
}

function rule(decision: Decision, disposition: Disposition): Ruling {
  if (decision.disposition === disposition) return { go: true };
  const { verdict, operative } = decision;
  if (verdict === 'held') return { go: false, why: 'held', by: operative.id };
  return { go: false, why: 'changed', by: `${operative.kind} ${operative.id}` };
}
