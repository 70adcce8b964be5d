// Files under a root: recordings above all. Links are never followed, nothing outside the root is ever touched, and a
// root that is not mounted is an error and not an empty folder.
import type { Stats } from 'node:fs';
import { lstat, opendir, realpath, unlink } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { RetentionError, reasonOf } from '../errors.ts';
import { unsafePath } from '../policy/file-path.ts';
import type { StoredRecord } from '../policy/record.ts';
import type {
  Dataset,
  FilePlace,
  Judge,
  Mismatch,
  Order,
  Outcome,
  ScanRange,
  Store,
  StoreMap,
  StoreReader,
} from './store.ts';

export function openFilesystemReader(map: StoreMap, root: string): StoreReader {
  return {
    name: map.name,
    kind: 'filesystem',
    facts: { pushesDown: false, dispositions: ['purge'] },
    clockMs: async () => null,
    check: dataset => check(map, root, dataset),
    count: async () => null,
    indexAdvice: async () => null,
    unclassified: dataset => unclassified(map, root, dataset),
    listSure: async () => null,
    partitions: null,
    scan: (dataset, range, pageRecords) => scan(map, root, dataset, range, pageRecords),
    find: async (dataset, keys) => {
      await requireRoot(map, root);
      const found = await Promise.all(keys.map(key => readFile(map, root, dataset, key[0] ?? '')));
      return found.filter(record => record !== null);
    },
    load: null,
    fileAt: path => fileAt(map, root, path),
    close: async () => undefined,
  };
}

export function openFilesystem(map: StoreMap, root: string): Store {
  const reader = openFilesystemReader(map, root);
  return {
    ...reader,
    dispose: (order, judge) => dispose(map, root, order, judge),
    purgeListed: null,
    dropPartition: null,
    removeFile: async path => {
      const place = await fileAt(map, root, path);
      if (place.is === 'missing') return 'already-gone';
      if (place.is !== 'file') throw new Error(place.why);
      try {
        await unlink(join(root, path));
        return 'removed';
      } catch (error) {
        if (isMissing(error)) return 'already-gone';
        throw error;
      }
    },
  };
}

/** The root must be a folder, and its canary, where one is named, must be in it. */
async function requireRoot(map: StoreMap, root: string): Promise<void> {
  const why = await rootTrouble(map, root);
  if (why === null) return;
  throw new RetentionError(
    'store-unreachable',
    `store ${map.name} cannot be reached: ${why}`,
    'Check that the folder is mounted: an unmounted folder looks like one whose files are gone',
  );
}

async function rootTrouble(map: StoreMap, root: string): Promise<string | null> {
  const folder = await look(root);
  if (folder === null || !folder.isDirectory()) return 'its root is not a folder';
  if (map.canary === null) return null;
  const canary = await look(join(root, map.canary));
  return canary === null ? 'its canary file is missing, so the root may not be mounted' : null;
}

/** What is at a path, links seen as links; null when nothing is. */
async function look(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'ENOENT' || code === 'ENOTDIR';
}

async function fileAt(map: StoreMap, root: string, path: string): Promise<FilePlace> {
  const unsafe = unsafePath(path);
  if (unsafe !== null) return { is: 'unsafe', why: unsafe };
  const trouble = await rootTrouble(map, root);
  if (trouble !== null) return { is: 'unreachable', why: trouble };
  if (path === map.canary) return { is: 'unsafe', why: 'it is the canary of its store' };
  const file = await look(join(root, path));
  if (file === null) return { is: 'missing' };
  if (!file.isFile()) return { is: 'unsafe', why: 'it is not a plain file' };
  return (await isInside(root, path))
    ? { is: 'file', bytes: file.size }
    : { is: 'unsafe', why: 'a link leads out of the root' };
}

/** Whether no part of the path on the way to the file is a link that leads elsewhere. */
async function isInside(root: string, path: string): Promise<boolean> {
  const real = await realpath(join(root, path));
  return real === join(await realpath(root), ...path.split('/'));
}

async function check(map: StoreMap, root: string, dataset: Dataset): Promise<readonly Mismatch[]> {
  await requireRoot(map, root);
  const folder = await look(join(root, dataset.at));
  if (folder?.isDirectory()) return [];
  return [
    {
      dataset: dataset.name,
      message: `there is no folder "${dataset.at}" under the root`,
      hint: 'Mend `folder` in the data map',
    },
  ];
}

async function* scan(
  map: StoreMap,
  root: string,
  dataset: Dataset,
  range: ScanRange,
  pageRecords: number,
): AsyncGenerator<readonly StoredRecord[]> {
  await requireRoot(map, root);
  let page: StoredRecord[] = [];
  for await (const path of walk(root, dataset.at)) {
    const record = await readFile(map, root, dataset, path);
    if (record === null) continue;
    if (range.tags !== null && (record.tag === null || !range.tags.includes(record.tag))) continue;
    page.push(record);
    if (page.length === pageRecords) {
      yield page;
      page = [];
    }
  }
  if (page.length > 0) yield page;
}

/** Paths of plain files below a folder, relative to the root; folders in order of name, links passed over. */
async function* walk(root: string, folder: string): AsyncGenerator<string> {
  const folders: string[] = [];
  for await (const entry of await opendir(join(root, folder))) {
    if (entry.isDirectory()) folders.push(entry.name);
    else if (entry.isFile()) yield pathOf(folder, entry.name);
  }
  for (const name of folders.sort()) yield* walk(root, pathOf(folder, name));
}

function pathOf(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** A file as a record; null when it is gone, the canary, or not one that the dataset's pattern names. */
async function readFile(
  map: StoreMap,
  root: string,
  dataset: Dataset,
  path: string,
): Promise<StoredRecord | null> {
  const below = belowFolder(dataset.at, path);
  if (below === null || path === map.canary) return null;
  const match = dataset.pattern === null ? null : new RegExp(`^(?:${dataset.pattern})$`, 'u').exec(below);
  if (dataset.pattern !== null && match === null) return null;
  const file = await look(join(root, path));
  if (file === null || !file.isFile() || !(await isInside(root, path))) return null;
  const group = (name: string | null): string | null =>
    name === null ? null : (match?.groups?.[name] ?? null);
  return {
    key: [path],
    tag: group(dataset.tagColumn),
    customer: group(dataset.customerColumn),
    numbers: dataset.numberColumns.flatMap(name => group(name) ?? []),
    jurisdiction: group(dataset.jurisdictionColumn),
    start: {
      value: dataset.startColumn === 'mtime' ? String(Math.floor(file.mtimeMs)) : group(dataset.startColumn),
      status: null,
      sourceFound: true,
    },
    columns: {},
    bytes: file.size,
    lock: null,
    done: [],
  };
}

/** The part of a path below a dataset's folder, null when it is not below it. Colons are fine: these are no URLs. */
function belowFolder(folder: string, path: string): string | null {
  const strange = path.split('/').some(part => ['', '.', '..'].includes(part));
  if (strange || path.includes('\0')) return null;
  const below = relative(folder, path).split(sep);
  return below[0] === '..' ? null : below.join('/');
}

async function unclassified(
  map: StoreMap,
  root: string,
  dataset: Dataset,
): Promise<{ count: number; samples: string[][] }> {
  if (dataset.class.kind === 'fixed') return { count: 0, samples: [] };
  let count = 0;
  const samples: string[][] = [];
  for await (const page of scan(map, root, dataset, { tags: null, which: { kind: 'all' } }, 1000)) {
    for (const record of page) {
      if (record.tag !== null && Object.hasOwn(dataset.class.classes, record.tag)) continue;
      count += 1;
      if (samples.length < 5) samples.push([...record.key]);
    }
  }
  return { count, samples };
}

async function dispose(map: StoreMap, root: string, order: Order, judge: Judge): Promise<readonly Outcome[]> {
  if (order.disposition !== 'purge') throw new Error(`files cannot be disposed of by ${order.disposition}`);
  await requireRoot(map, root);
  const outcomes: Outcome[] = [];
  for (const key of order.keys) {
    // One file at a time: between the judge's word and the act there is nothing but the act.
    const record = await readFile(map, root, order.dataset, key[0] ?? '');
    if (record === null) {
      outcomes.push({ key, did: 'spared', why: 'gone', by: null });
      continue;
    }
    const [ruling] = await judge([record]);
    if (ruling?.go !== true) {
      outcomes.push({ key, did: 'spared', why: ruling?.why ?? 'changed', by: ruling?.by ?? null });
      continue;
    }
    outcomes.push(
      await unlink(join(root, key[0] ?? '')).then(
        (): Outcome => ({ key, did: 'purged' }),
        (error: unknown): Outcome =>
          isMissing(error)
            ? { key, did: 'spared', why: 'gone', by: null }
            : { key, did: 'failed', by: codeOf(error) },
      ),
    );
  }
  return outcomes;
}

/** A system error by its code alone: its message holds the path, and a path can hold a number or a name. */
function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? reasonOf(error);
}
