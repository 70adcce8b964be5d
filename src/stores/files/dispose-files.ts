// Unlinks the files of a batch that are still due, a slice at a time: its files are looked at, the judge is asked about
// all of them, and what it lets go is unlinked straight after. A file that changed in between is spared, and a word of
// the judge's that has grown old is asked for anew.
import { stopwatch } from '../../clock.ts';
import { failureOf, RetentionError } from '../../errors.ts';
import { WORD_HOLDS_MS } from '../../policy/hold.ts';
import type { Key } from '../../policy/policy.ts';
import type { StoredRecord } from '../../policy/record.ts';
import type { Judge, Order, Outcome } from '../order.ts';
import { ALIKE, type Disk, FACTS, LOOKED, openDisk } from './disk.ts';
import type { Sought } from './disk-seek.js';
import { type FileReading, readingOf } from './file-record.ts';
import { type Root, requireReached } from './root.ts';

/** Files that are looked at, judged and unlinked together: few, so that a hold placed meanwhile is soon heard of. */
const SLICE = 64;
/** Slices under way at the same time: two threads unlink while the judge is asked about the others. */
const AT_ONCE = 4;
/**
 * Throws `store-unreachable` where the root is not there, and what the judge throws. What has been unlinked by then is for
 * recovery to see after a `RetentionError`; any other error is thrown only where nothing has been, and else it fails the
 * files that have come to no outcome.
 */
export async function disposeFiles(root: Root, order: Order, judge: Judge): Promise<readonly Outcome[]> {
  const { dataset, disposition, keys } = order;
  if (disposition !== 'purge') throw new Error(`files cannot be disposed of by ${disposition}`);
  const work: Work = { root, reading: readingOf(dataset, root.canary), judge };
  const slices: (readonly Key[])[] = [];
  for (let from = 0; from < keys.length; from += SLICE) slices.push(keys.slice(from, from + SLICE));
  const { results, failure } = await inTurns(slices, slice => disposeSlice(work, slice));
  const outcomes = slices.flatMap((slice, index) => results[index] ?? allFailed(slice, failure?.reason));
  if (failure !== null) requireSomeGone(outcomes, failure.reason);
  if (dataset.removeEmptyFolders) await removeEmptied(root, dataset.at, outcomes);
  return outcomes;
}

/** Throws an error that leaves nothing to be told of. */
function requireSomeGone(outcomes: readonly Outcome[], error: unknown): void {
  if (error instanceof RetentionError || !outcomes.some(({ did }) => did === 'purged')) throw error;
}

function allFailed(keys: readonly Key[], error: unknown): Outcome[] {
  return keys.map(key => ({ key, did: 'failed', by: failureOf(error) }));
}

interface Work {
  readonly root: Root;
  readonly reading: FileReading;
  readonly judge: Judge;
}

/** Some at a time, as far as the first failure: then none is begun, and those that are under way come to their end. */
async function inTurns<T, R>(
  items: readonly T[],
  act: (item: T) => Promise<R>,
): Promise<{ results: readonly (R | undefined)[]; failure: { readonly reason: unknown } | null }> {
  const results: (R | undefined)[] = [];
  let failure: { readonly reason: unknown } | null = null;
  const waiting = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      try {
        results[index] = await act(item);
      } catch (reason) {
        failure ??= { reason };
      }
      if (failure !== null) return;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return { results, failure };
}

/** A file that is there: its place among the keys of a slice, and what `look` found of it. */
interface Found {
  readonly place: number;
  readonly path: string;
  readonly record: StoredRecord;
  readonly facts: Float64Array;
}

async function disposeSlice(work: Work, keys: readonly Key[]): Promise<readonly Outcome[]> {
  const { root, judge } = work;
  const disk = openDisk();
  const { outcomes, found } = await lookAt(work, disk, keys);
  if (found.length === 0) return outcomes;
  const untilMs = stopwatch.nowMs() + WORD_HOLDS_MS;
  const rulings = await judge(found.map(({ record }) => record));
  const going: Found[] = [];
  found.forEach((file, index) => {
    const ruling = rulings[index];
    const { key } = file.record;
    if (ruling?.go === true) going.push(file);
    else
      outcomes[file.place] = {
        key,
        did: 'spared',
        why: ruling?.why ?? 'changed',
        by: ruling?.by ?? null,
      };
  });
  if (going.length === 0) return outcomes;
  const paths = going.map(({ path }) => path);
  const seen = new Float64Array(going.length * FACTS);
  going.forEach(({ facts }, index) => {
    seen.set(facts, index * FACTS);
  });
  const { trouble, ends } = await disk('unlink', root.path, root.canary, paths, seen, untilMs);
  requireReached(root, trouble);
  going.forEach(({ place, record }, index) => {
    outcomes[place] = outcomeOf(record.key, ends[index]);
  });
  const late = going.filter((_, index) => ends[index] === 'late');
  // Where none came in time, the disk is too slow for a word ever to hold long enough.
  if (late.length === 0 || late.length === going.length) return outcomes;
  const lateKeys = late.map(({ record }) => record.key);
  const again = await disposeSlice(work, lateKeys).catch((error: unknown) => {
    if (error instanceof RetentionError) throw error;
    return allFailed(lateKeys, error);
  });
  again.forEach((outcome, index) => {
    outcomes[late[index]?.place ?? 0] = outcome;
  });
  return outcomes;
}

/** What is at the keys now. Those at which no file of the dataset's is have come to their outcomes. */
async function lookAt(
  { root, reading }: Work,
  disk: Disk,
  keys: readonly Key[],
): Promise<{ readonly outcomes: Outcome[]; readonly found: readonly Found[] }> {
  // What no file of the dataset's can be at may be there all the same: another's, or under a pattern that was changed.
  const outcomes = keys.map((key): Outcome => ({ key, did: 'spared', why: 'changed', by: null }));
  const named = keys.flatMap((key, place) => {
    const file = reading.ofKey(key[0] ?? '');
    return file === null ? [] : [{ key, place, file }];
  });
  const paths = named.map(({ file }) => file.path);
  const { trouble, facts, failed } = await disk('look', root.path, root.canary, paths);
  requireReached(root, trouble);
  const found: Found[] = [];
  const absent: { readonly key: Key; readonly place: number; readonly path: string }[] = [];
  named.forEach(({ key, place, file }, index) => {
    const own = facts.subarray(index * FACTS, (index + 1) * FACTS);
    const [what, bytes = 0, changedMs = 0, , links = 1] = own;
    const code = failed[index];
    const { path } = file;
    if (what === LOOKED.file)
      found.push({ place, path, record: reading.toRecord(file, bytes, changedMs, links), facts: own });
    else if (what === LOOKED.absent) absent.push({ key, place, path });
    else if (code !== undefined) outcomes[place] = { key, did: 'failed', by: code };
    else outcomes[place] = { key, did: 'spared', why: 'changed', by: null };
  });
  if (absent.length > 0) {
    const paths = absent.map(({ path }) => path);
    const closer = await disk('seek', root.path, root.canary, paths);
    requireReached(root, closer.trouble);
    absent.forEach(({ key, place }, index) => {
      outcomes[place] = unlessThere(key, closer.sought[index]);
    });
  }
  return { outcomes, found };
}

/** Of a file at whose path nothing is: nobody of ours saw it go, and it may stand under another name. */
function unlessThere(key: Key, sought: Sought | undefined): Outcome {
  if (sought?.is === 'missing') return { key, did: 'spared', why: 'missing', by: null };
  if (sought?.is === 'alike') return { key, did: 'spared', why: 'file-kept', by: ALIKE };
  return { key, did: 'failed', by: sought?.why ?? 'no answer' };
}

/** `end` as `unlink` says it. */
function outcomeOf(key: Key, end: string | null | undefined): Outcome {
  if (end === null) return { key, did: 'purged' };
  if (end === 'gone') return { key, did: 'spared', why: 'missing', by: null };
  if (end === 'changed') return { key, did: 'spared', why: end, by: null };
  return { key, did: 'failed', by: end ?? 'no answer' };
}

/** Folders that the batch took files from and that are empty now; never the dataset's own. */
async function removeEmptied(root: Root, top: string, outcomes: readonly Outcome[]): Promise<void> {
  const folders = new Set<string>();
  for (const { did, key } of outcomes) {
    const path = key[0] ?? '';
    if (did === 'purged' && path.includes('/')) folders.add(path.slice(0, path.lastIndexOf('/')));
  }
  if (folders.size > 0) await openDisk()('removeEmpty', root.path, top, [...folders]);
}
