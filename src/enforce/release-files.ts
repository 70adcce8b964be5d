// The files of records that go: they are removed after their rows and before the commit, so that a row which is put back
// still names what is left. A file that a record which stays names too is never touched.
import { failureOf } from '../errors.ts';
import { type FileRef, readRecord } from '../policy/record.ts';
import type { Dataset, Release, Store } from '../stores/store.ts';

/** Files removed at the same time for the rows of one batch. */
const FILES_AT_ONCE = 16;

/** Sees the files of records off, but for those that a record which stays names too. */
export function releaseFor(stores: ReadonlyMap<string, Store>, dataset: Dataset): Release {
  return async (records, others) => {
    const kept = new Set(others.flatMap(record => readRecord(record, dataset).files.map(placeOfFile)));
    const left: (string | null)[] = [];
    for (let from = 0; from < records.length; from += FILES_AT_ONCE) {
      const some = records.slice(from, from + FILES_AT_ONCE).map(record => readRecord(record, dataset).files);
      left.push(
        ...(await Promise.all(
          some.map(files =>
            removeFiles(
              stores,
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

/** Why one of a record's files could not be removed, or null when none is left. */
async function removeFiles(
  stores: ReadonlyMap<string, Store>,
  files: readonly FileRef[],
): Promise<string | null> {
  for (const file of files) {
    const why = await removeFile(stores.get(file.store), file.path);
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
