// The files of records that go: they are removed after their rows and before the commit, so that a row which is put back
// still names what is left. A file that a record which stays may name too is never touched, and one that is missing keeps its
// record, unless this program has removed it or the owner has said that such records go.
import { failureOf, RootAway } from '../errors.ts';
import { type FileRef, type RecordFacts, readRecord, type StoredRecord } from '../policy/record.ts';
import type { FilesKeep, Release } from '../stores/order.ts';
import type { Dataset, Store } from '../stores/store.ts';

/** Files removed at the same time for the rows of one batch. */
const FILES_AT_ONCE = 16;

/** What became of the files of one batch, whatever becomes of its rows: a write that is undone brings no file back. */
export interface FilesStory {
  /** What was done at each place, asked for once: two rows may share it, and a write may be tried again. */
  readonly ends: Map<string, Promise<End>>;
  /** Stores whose root is not there, and why: none of the other files of the batch is looked for. */
  readonly away: Map<string, string>;
  /** Records of which a file was removed, as JSON of their keys. */
  readonly removed: Set<string>;
  /** Records of which a file is missing that nobody saw go, and that may go all the same. */
  readonly missing: Set<string>;
}

type End = 'removed' | 'already-gone' | { readonly why: string };

export function beginFilesStory(): FilesStory {
  return { ends: new Map(), away: new Map(), removed: new Set(), missing: new Set() };
}

export interface Releasing {
  readonly stores: ReadonlyMap<string, Store>;
  readonly dataset: Dataset;
  readonly story: FilesStory;
  /** Whether a file that is not there was removed by an earlier run of ours, for this record. */
  readonly wentByUs: (record: RecordFacts) => Promise<boolean>;
}

/** Sees the files of records off under all of their names, but for those that a record which stays may name too. */
export function releaseFor(releasing: Releasing): Release {
  const read = (record: StoredRecord): RecordFacts => readRecord(record, releasing.dataset);
  return async (records, others) => {
    const kept = new Set(
      others.flatMap(record => read(record).files.flatMap(file => file.paths.map(path => idOf(file, path)))),
    );
    const keep: (FilesKeep | null)[] = [];
    for (let from = 0; from < records.length; from += FILES_AT_ONCE) {
      const some = records.slice(from, from + FILES_AT_ONCE).map(read);
      keep.push(...(await Promise.all(some.map(record => releaseOne(releasing, record, kept)))));
    }
    return keep;
  };
}

function idOf({ store }: FileRef, path: string): string {
  return `${store} ${path}`;
}

/** Removes the files of a record, or says what keeps it. */
async function releaseOne(
  releasing: Releasing,
  record: RecordFacts,
  kept: ReadonlySet<string>,
): Promise<FilesKeep | null> {
  const names = record.files.flatMap(file => file.paths.map(path => idOf(file, path)));
  // Of several files one that cannot be removed is known beforehand, as a rule: then none of them is touched.
  if (names.length > 1 || names.some(id => kept.has(id))) {
    for (const file of record.files) {
      const keep = await lookFirst(releasing, record, file, kept);
      if (keep !== null) return keep;
    }
  }
  const key = JSON.stringify(record.key);
  for (const file of record.files) {
    let isThere = false;
    for (const path of file.paths) {
      const end = kept.has(idOf(file, path)) ? 'kept' : await remove(releasing, file, path);
      if (typeof end === 'object') return { why: 'file-kept', by: end.why };
      if (end === 'removed') releasing.story.removed.add(key);
      isThere ||= end !== 'already-gone';
    }
    const keep = isThere ? null : await whereMissing(releasing, record, file);
    if (keep !== null) return keep;
  }
  return null;
}

async function lookFirst(
  { stores, story, ...releasing }: Releasing,
  record: RecordFacts,
  file: FileRef,
  kept: ReadonlySet<string>,
): Promise<FilesKeep | null> {
  let isThere = false;
  for (const path of file.paths) {
    const id = idOf(file, path);
    if ((await story.ends.get(id)) === 'removed') {
      isThere = true;
      continue;
    }
    const place = await stores.get(file.store)?.fileAt?.(path);
    if (place === undefined) return { why: 'file-kept', by: NOT_OF_THE_JOB };
    if (place.is === 'file') {
      isThere = true;
      if (place.links > 1 && !file.mayBeLinked && !kept.has(id)) return { why: 'file-kept', by: LINKED };
    } else if (place.is !== 'missing') return { why: 'file-kept', by: place.why };
  }
  return isThere ? null : whereMissing({ stores, story, ...releasing }, record, file);
}

/** Null where a record may go though a file of it is not there. */
async function whereMissing(
  { story, wentByUs }: Releasing,
  record: RecordFacts,
  file: FileRef,
): Promise<FilesKeep | null> {
  if (await wentByUs(record)) return null;
  if (file.mayBeMissing !== true) return { why: 'missing', by: null };
  story.missing.add(JSON.stringify(record.key));
  return null;
}

const NOT_OF_THE_JOB = 'its store is not part of the job';
const LINKED = 'it has a second name (a hard link)';

function remove({ stores, story }: Releasing, file: FileRef, path: string): Promise<End> {
  const id = idOf(file, path);
  const known = story.ends.get(id) ?? removeFile(stores.get(file.store), file, path, story);
  story.ends.set(id, known);
  return known;
}

async function removeFile(
  store: Store | undefined,
  file: FileRef,
  path: string,
  { away }: FilesStory,
): Promise<End> {
  if (store?.removeFile == null) return { why: NOT_OF_THE_JOB };
  const isAway = away.get(file.store);
  if (isAway !== undefined) return { why: isAway };
  try {
    return await store.removeFile(path, { mayBeLinked: file.mayBeLinked === true });
  } catch (error) {
    const why = failureOf(error);
    if (error instanceof RootAway) away.set(file.store, why);
    return { why };
  }
}
