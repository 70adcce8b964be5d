// Orphans in both directions: rows whose file is gone, and files that no row names. It looks and changes nothing. What
// cannot be told, for want of a store, a table or a sure name, is said so and never passes for an orphan.
import { failureOf, RetentionError } from '../errors.ts';
import type { Dataset, StoreMap, StoreReader } from '../stores/store.ts';
import { reachedClasses } from './data-map.ts';
import { hashKeyFor } from './hash-key.ts';
import type { Job } from './job.ts';
import { misfitsOf } from './misfits.ts';
import { type Claim, type OrphanFiles, orphanFiles } from './orphan-files.ts';
import { type OrphanRows, orphanRows } from './orphan-rows.ts';
import { stalenessOf } from './place.ts';

export interface OrphansInput {
  readonly job: Job;
  /** All data maps there are: rows outside the job may name files of its stores. */
  readonly maps: readonly StoreMap[];
  readonly open: (map: StoreMap) => StoreReader;
  readonly hashKey: string;
  readonly nowMs: number;
  /** Told how many rows or files of what have been looked at since it was told last. */
  readonly onProgress: (looked: number, of: string) => void;
}

export interface Orphans {
  /** Every dataset of the job whose rows name files, but for those that could not be asked. */
  readonly rows: readonly OrphanRows[];
  /** Every store of files of the job that rows name, but for those that could not be walked to the end. */
  readonly files: readonly OrphanFiles[];
  /** What could not be looked at. */
  readonly failures: readonly Failure[];
}

export interface Failure {
  readonly store: string;
  /** Null: all of the store. */
  readonly dataset: string | null;
  readonly message: string;
  readonly hint: string;
}

/** Rows that are to be looked at, and what their keys are hashed with; null where no key is personal. */
interface Wanted {
  readonly dataset: Dataset;
  readonly hashKey: string | null;
}

/** Throws `hash-key-missing` where keys must be hashed and there is no key for that. */
export async function findOrphans(input: OrphansInput): Promise<Orphans> {
  const maps = input.maps.filter(map => input.job.stores.includes(map.name));
  const wanted: readonly Wanted[] = maps
    .flatMap(map => map.datasets)
    .filter(dataset => dataset.files.length > 0 && reachedClasses(dataset, input.job).length > 0)
    .map(dataset => ({ dataset, hashKey: hashKeyFor(dataset, input.hashKey) }));
  const looking = lookInto(input);
  const files: OrphanFiles[] = [];
  for (const map of maps) {
    const found = await filesOf(map, input, looking);
    if (found !== null) files.push(found);
  }
  const named = new Set(wanted.flatMap(({ dataset }) => dataset.files.map(rule => rule.store)));
  const readers = new Map(
    maps
      .filter(map => named.has(map.name))
      .flatMap(map => looking.reader(map) ?? [])
      .map(one => [one.name, one]),
  );
  const rows: OrphanRows[] = [];
  for (const one of wanted) {
    const found = await rowsOf(one, readers, input, looking);
    if (found !== null) rows.push(found);
  }
  return { rows, files, failures: looking.failures() };
}

/** Null where the store holds no files that rows name, or cannot be walked. */
async function filesOf(
  map: StoreMap,
  { maps, nowMs, onProgress }: OrphansInput,
  looking: Looking,
): Promise<OrphanFiles | null> {
  const named = maps.flatMap(one =>
    one.datasets.flatMap(dataset =>
      dataset.files.flatMap(rule => (rule.store === map.name ? { one, dataset, rule } : [])),
    ),
  );
  const reader = named.length === 0 ? null : looking.reader(map);
  if (reader?.otherFiles == null) return null;
  const claims: Claim[] = [];
  for (const { one, dataset, rule } of named)
    claims.push({ dataset, rule, reader: await looking.trusted(one, dataset) });
  try {
    const lost = (claim: Claim, error: unknown): void => {
      looking.note(claim.dataset.store, claim.dataset.name, error);
    };
    return await orphanFiles({ reader, walk: reader.otherFiles, claims, nowMs, lost, onProgress });
  } catch (error) {
    looking.note(map.name, null, error);
    return null;
  }
}

/** Null where the rows cannot be read, or no store that their files are in can be reached. */
async function rowsOf(
  { dataset, hashKey }: Wanted,
  readers: ReadonlyMap<string, StoreReader>,
  { maps, onProgress }: OrphansInput,
  looking: Looking,
): Promise<OrphanRows | null> {
  const map = maps.find(one => one.name === dataset.store);
  const reader = map === undefined ? null : await looking.trusted(map, dataset);
  if (reader === null) return null;
  const stores = [...new Set(dataset.files.map(rule => rule.store))];
  if (stores.every(looking.isLost)) {
    const message = `${dataset.store}/${dataset.name}: its files are in ${stores.join(' and ')}, so its rows were not looked at`;
    const hint = 'See what is said of that store';
    looking.note(dataset.store, dataset.name, new RetentionError('store-unreachable', message, hint));
    return null;
  }
  try {
    const found = await orphanRows({ dataset, reader, readers, hashKey, onProgress });
    for (const [store, why] of found.lost)
      looking.note(
        store,
        null,
        new RetentionError(
          'store-unreachable',
          `store ${store} could not be looked into for files of ${dataset.store}/${dataset.name}: ${why}`,
          'See that it is mounted, and that this user may look into all of its folders',
        ),
      );
    return found.report;
  } catch (error) {
    looking.note(dataset.store, dataset.name, error);
    return null;
  }
}

interface Looking {
  /** Null where the store cannot be opened, which is noted. */
  readonly reader: (map: StoreMap) => StoreReader | null;
  /** The reader of a dataset that is as it is declared; null, and noted, where it is not or cannot be asked. */
  readonly trusted: (map: StoreMap, dataset: Dataset) => Promise<StoreReader | null>;
  /** Notes what failed. Anything that is no failure of a store is thrown. */
  readonly note: (store: string, dataset: string | null, error: unknown) => void;
  /** True of a store that is not there as a whole. */
  readonly isLost: (store: string) => boolean;
  readonly failures: () => readonly Failure[];
}

/** Opens each store once and asks each dataset once, and remembers what failed. */
function lookInto({ open, nowMs }: OrphansInput): Looking {
  const opened = new Map<string, StoreReader | null>();
  const asked = new Map<string, Promise<StoreReader | null>>();
  const failures = new Map<string, Failure>();
  const lost = new Set<string>();
  const note: Looking['note'] = (store, dataset, error) => {
    const failure = failureIn(store, dataset, error);
    failures.set(failure.message, failure);
    if (dataset === null && error instanceof RetentionError) lost.add(store);
  };
  const reader: Looking['reader'] = map => {
    const known = opened.get(map.name);
    if (known !== undefined) return known;
    let one: StoreReader | null = null;
    try {
      one = open(map);
    } catch (error) {
      note(map.name, null, error);
    }
    opened.set(map.name, one);
    return one;
  };
  const ask = async (map: StoreMap, dataset: Dataset): Promise<StoreReader | null> => {
    const one = reader(map);
    if (one === null) return null;
    try {
      const stale = await stalenessOf(one);
      if (stale !== null) throw new RetentionError('store-unreachable', stale.message, stale.hint);
      const [misfit] = await misfitsOf(one, dataset, [], nowMs);
      if (misfit === undefined) return one;
      const message = `${map.name}/${dataset.name} is not as it is declared: ${misfit.message}`;
      note(map.name, dataset.name, new RetentionError('store-mismatch', message, misfit.hint));
    } catch (error) {
      note(map.name, dataset.name, error);
    }
    return null;
  };
  return {
    reader,
    trusted: (map, dataset) => {
      const id = `${map.name}/${dataset.name}`;
      const answer = asked.get(id) ?? ask(map, dataset);
      asked.set(id, answer);
      return answer;
    },
    note,
    isLost: store => lost.has(store),
    failures: () => [...failures.values()],
  };
}

/** Only codes are kept of errors that are not ours: a message may quote paths and values. */
function failureIn(store: string, dataset: string | null, error: unknown): Failure {
  if (error instanceof RetentionError) return { store, dataset, message: error.message, hint: error.hint };
  if (typeof error !== 'object' || error === null || !('code' in error)) throw error;
  const where = dataset === null ? `store ${store}` : `${store}/${dataset}`;
  return {
    store,
    dataset,
    message: `${where} could not be read to the end: ${failureOf(error)}`,
    hint: 'See that this user may read all of it, tables or folders',
  };
}
