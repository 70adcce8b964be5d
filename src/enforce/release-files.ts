// The files of records that go: they are removed after their rows and before the commit, so that a row which is put back
// still names what is left. A file that a record which stays may name too is never touched.
import { failureOf } from '../errors.ts';
import { type FileRef, readRecord } from '../policy/record.ts';
import type { Release } from '../stores/order.ts';
import type { Dataset, Store } from '../stores/store.ts';

/** Files removed at the same time for the rows of one batch. */
const FILES_AT_ONCE = 16;

/** One of the names that a file may have. */
interface Place {
  readonly store: string;
  readonly path: string;
}

/** Sees the files of records off under all of their names, but for those that a record which stays may name too. */
export function releaseFor(stores: ReadonlyMap<string, Store>, dataset: Dataset): Release {
  return async (records, others) => {
    const placesOf = (record: Parameters<typeof readRecord>[0]): Place[] =>
      readRecord(record, dataset).files.flatMap(namesOf);
    const kept = new Set(others.flatMap(record => placesOf(record).map(placeId)));
    const left: (string | null)[] = [];
    for (let from = 0; from < records.length; from += FILES_AT_ONCE) {
      const some = records.slice(from, from + FILES_AT_ONCE).map(placesOf);
      left.push(
        ...(await Promise.all(
          some.map(places =>
            removeFiles(
              stores,
              places.filter(place => !kept.has(placeId(place))),
            ),
          ),
        )),
      );
    }
    return left;
  };
}

function namesOf({ store, paths }: FileRef): Place[] {
  return paths.map(path => ({ store, path }));
}

function placeId({ store, path }: Place): string {
  return `${store} ${path}`;
}

/** Why one of a record's files could not be removed, or null when none is left. */
async function removeFiles(
  stores: ReadonlyMap<string, Store>,
  places: readonly Place[],
): Promise<string | null> {
  const why = places.length > 1 ? await whyLeft(stores, places) : null;
  if (why !== null) return why;
  for (const { store, path } of places) {
    const failed = await removeFile(stores.get(store), path);
    if (failed !== null) return failed;
  }
  return null;
}

/** Of several files one that cannot be removed is known beforehand, as a rule: then none of them is touched. */
async function whyLeft(stores: ReadonlyMap<string, Store>, places: readonly Place[]): Promise<string | null> {
  for (const { store, path } of places) {
    const place = await stores.get(store)?.fileAt?.(path);
    if (place?.is === 'unsafe' || place?.is === 'unreachable') return place.why;
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
