// Unlinks the files of a batch that are still due, a slice at a time: its files are looked at, the judge is asked about
// all of them, and what it lets go is unlinked straight after. A file that changed in between is spared, and a word of
// the judge's that has grown old is asked for anew.
import { stopwatchMs } from '../../clock.ts';
import type { Key } from '../../policy/policy.ts';
import type { StoredRecord } from '../../policy/record.ts';
import type { Judge, Order, Outcome, Ruling } from '../store.ts';
import { type Disk, FACTS, LOOKED, openDisk } from './disk.ts';
import { type FileReading, readingOf } from './file-record.ts';
import { type Root, requireReached } from './root.ts';

/** Files that are looked at, judged and unlinked together. */
const SLICE = 256;
/** Slices under way at the same time. */
const AT_ONCE = 2;
/**
 * How long the judge's word holds, in ms. Far below the time in which another run could take over from one that stalls
 * (see `LEASE_MS`), so that no file is unlinked after the other has looked at what is there.
 */
const WORD_HOLDS_MS = 5000;

export async function disposeFiles(root: Root, order: Order, judge: Judge): Promise<readonly Outcome[]> {
  const { dataset, disposition, keys } = order;
  if (disposition !== 'purge') throw new Error(`files cannot be disposed of by ${disposition}`);
  const { trouble } = await openDisk()('look', root.path, root.canary, []);
  requireReached(root, trouble);
  const reading = readingOf(dataset, root.canary);
  const slices: (readonly Key[])[] = [];
  for (let from = 0; from < keys.length; from += SLICE) slices.push(keys.slice(from, from + SLICE));
  const work: Work = { root, reading, judge, byMtime: dataset.startColumn === 'mtime' };
  const outcomes = (await inTurns(slices, slice => disposeSlice(work, slice))).flat();
  if (dataset.removeEmptyFolders) await removeEmptied(root, dataset.at, outcomes);
  return outcomes;
}

interface Work {
  readonly root: Root;
  readonly reading: FileReading;
  readonly judge: Judge;
  /** The time of a file's last change is its start. */
  readonly byMtime: boolean;
}

/** Some at a time. After a failure none is begun, and it throws when those that were under way have ended. */
async function inTurns<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let failed = false;
  const lanes = Array.from({ length: AT_ONCE }, async () => {
    while (!failed) {
      const index = next;
      const item = items[index];
      if (item === undefined) return;
      next += 1;
      try {
        results[index] = await act(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  });
  const failure = (await Promise.allSettled(lanes)).find(lane => lane.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return results;
}

/** A file that is there, at its place among the keys of a slice. */
interface Found {
  readonly place: number;
  readonly path: string;
  readonly record: StoredRecord;
  /** What `look` found of it. */
  readonly facts: Float64Array;
}

async function disposeSlice(work: Work, keys: readonly Key[]): Promise<readonly Outcome[]> {
  const disk = openDisk();
  const { outcomes, found } = await lookAt(work, disk, keys);
  if (found.length === 0) return outcomes;
  const untilMs = stopwatchMs() + WORD_HOLDS_MS;
  const rulings = await work.judge(found.map(({ record }) => record));
  const going = found.filter((_, index) => rulings[index]?.go === true);
  found.forEach(({ place, record }, index) => {
    const ruling = rulings[index];
    if (ruling?.go !== true) outcomes[place] = sparedBy(record.key, ruling);
  });
  const seen = work.byMtime ? Float64Array.from(going.flatMap(({ facts }) => [...facts])) : null;
  const ends = await disk(
    'unlink',
    work.root.path,
    going.map(({ path }) => path),
    seen,
    untilMs,
  );
  going.forEach(({ place, record }, index) => {
    outcomes[place] = outcomeOf(record.key, ends[index]);
  });
  const late = going.filter((_, index) => ends[index] === 'late');
  const again =
    late.length === 0
      ? []
      : await disposeSlice(
          work,
          late.map(({ record }) => record.key),
        );
  late.forEach(({ place, record }, index) => {
    outcomes[place] = again[index] ?? outcomeOf(record.key, undefined);
  });
  return outcomes;
}

/** What is at the keys now. Those at which no file of the dataset's is have come to their outcomes. */
async function lookAt(
  { root, reading }: Work,
  disk: Disk,
  keys: readonly Key[],
): Promise<{ readonly outcomes: Outcome[]; readonly found: readonly Found[] }> {
  const outcomes = keys.map((key): Outcome => ({ key, did: 'spared', why: 'gone', by: null }));
  const named = keys.flatMap((key, place) => {
    const file = reading.ofKey(key[0] ?? '');
    return file === null ? [] : [{ key, place, file }];
  });
  const { trouble, facts, failed } = await disk(
    'look',
    root.path,
    root.canary,
    named.map(({ file }) => file.path),
  );
  requireReached(root, trouble);
  const found: Found[] = [];
  named.forEach(({ key, place, file }, index) => {
    const own = facts.subarray(index * FACTS, (index + 1) * FACTS);
    const [what, bytes = 0, changedMs = 0] = own;
    const code = failed[index];
    if (what === LOOKED.file)
      found.push({ place, path: file.path, record: reading.toRecord(file, bytes, changedMs), facts: own });
    else if (code !== undefined) outcomes[place] = { key, did: 'failed', by: code };
  });
  return { outcomes, found };
}

function sparedBy(key: Key, ruling: Ruling | undefined): Outcome {
  const spare = ruling === undefined || ruling.go ? { why: 'changed' as const, by: null } : ruling;
  return { key, did: 'spared', why: spare.why, by: spare.by };
}

/** `end` as `unlink` says it. A system's error is named by its code alone: its message holds the path. */
function outcomeOf(key: Key, end: string | null | undefined): Outcome {
  if (end === null) return { key, did: 'purged' };
  if (end === 'gone' || end === 'changed') return { key, did: 'spared', why: end, by: null };
  return { key, did: 'failed', by: end ?? 'no answer' };
}

/** Folders that the batch took files from and that are empty now; never the dataset's own. */
async function removeEmptied(root: Root, top: string, outcomes: readonly Outcome[]): Promise<void> {
  const folders = new Set<string>();
  for (const { did, key } of outcomes) {
    const path = key[0] ?? '';
    if (did === 'purged' && path.includes('/')) folders.add(path.slice(0, path.lastIndexOf('/')));
  }
  await openDisk()('removeEmpty', root.path, top, [...folders]);
}
