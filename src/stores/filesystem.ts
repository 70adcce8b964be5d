// Files under a root: recordings above all. Links are never followed, nothing outside the root is ever touched, and a
// root that is not mounted is an error and not an empty folder.
import { resolve } from 'node:path';
import { RootAway } from '../errors.ts';
import { unsafePath } from '../policy/file-path.ts';
import type { FilePlace } from './file-place.ts';
import { ALIKE, LOOKED, openDisk } from './files/disk.ts';
import { disposeFiles } from './files/dispose-files.ts';
import { folderInventory } from './files/inventory.ts';
import { lastFileChange } from './files/last-change.ts';
import { otherFiles } from './files/other-files.ts';
import { type Root, requireReached } from './files/root.ts';
import { findFiles, scanFiles, strayFiles } from './files/scan-files.ts';
import { NOTHING_PASSED, type Passing } from './files/walk-paths.ts';
import { wholeFiles } from './files/whole-files.ts';
import type { Mismatch } from './mismatch.ts';
import type { Dataset, Store, StoreMap, StoreReader } from './store.ts';
import type { WholeStore } from './whole-table.ts';

export function openFilesystemReader(map: StoreMap, at: string): StoreReader {
  const root = rootOf(map, at);
  const passed = new Map<string, Passing>();
  return {
    name: map.name,
    kind: 'filesystem',
    facts: { pushesDown: false, dispositions: ['purge'] },
    clockMs: async () => null,
    lastChange: untilMs => lastFileChange(root, map.datasets, untilMs),
    check: dataset => check(root, dataset),
    count: async () => null,
    countValues: async () => null,
    inventory: (mapped, detail) =>
      folderInventory(
        root,
        mapped.map(({ name }) => name),
        detail,
      ),
    datedTables: null,
    sampleStarts: async () => [],
    unseenEffects: async () => [],
    caveats: async () => [],
    indexAdvice: async () => null,
    unclassified: dataset => strayFiles(root, dataset),
    listSure: async () => null,
    walk: async () => null,
    partitions: null,
    scan: (dataset, range, pageRecords) => {
      const passing = { ...NOTHING_PASSED };
      passed.set(dataset.name, passing);
      return scanFiles(root, dataset, range, pageRecords, passing);
    },
    grants: null,
    passedOver: dataset => passed.get(dataset.name) ?? null,
    find: (dataset, keys) => findFiles(root, dataset, keys),
    countChildren: async () => ({}),
    lonelyChildren: async () => ({ counts: {}, unsought: [] }),
    namedBy: null,
    server: null,
    load: null,
    fileAt: path => fileAt(root, path),
    otherFiles: pageFiles => otherFiles(root, map.datasets, pageFiles),
    close: async () => undefined,
  };
}

export function openFilesystem(map: StoreMap, at: string): Store {
  const root = rootOf(map, at);
  return {
    ...openFilesystemReader(map, at),
    dispose: (order, judge) => disposeFiles(root, order, judge),
    purgeListed: null,
    dropPartition: null,
    removeFile: (path, how) => removeFile(root, path, how?.mayBeLinked ?? false),
  };
}

/** All files below the root, for a rehearsal. */
export function openWholeFilesystem(map: StoreMap, at: string): WholeStore {
  return { own: null, tables: async () => [wholeFiles(rootOf(map, at).path)], close: async () => undefined };
}

function rootOf(map: StoreMap, at: string): Root {
  return { store: map.name, path: resolve(at), canary: map.canary };
}

async function check(root: Root, dataset: Dataset): Promise<readonly Mismatch[]> {
  const { trouble, facts } = await openDisk()('look', root.path, root.canary, [dataset.at]);
  requireReached(root, trouble);
  if (facts[0] === LOOKED.folder) return [];
  return [
    {
      dataset: dataset.name,
      message: `there is no folder "${dataset.at}" under the root`,
      hint: 'Mend `folder` in the data map',
    },
  ];
}

/** What is at the path of a file that belongs to a record elsewhere. */
async function fileAt(root: Root, path: string): Promise<FilePlace> {
  return (await lookAt(root, path)).place;
}

interface Seen {
  readonly place: FilePlace;
  readonly seen: Float64Array;
  /** Why the root cannot be looked at; null: it can. */
  readonly trouble: string | null;
}

async function lookAt(root: Root, path: string): Promise<Seen> {
  const unsafe = unsafePath(path);
  if (unsafe !== null)
    return { place: { is: 'unsafe', why: unsafe }, seen: new Float64Array(), trouble: null };
  const { trouble, facts, failed } = await openDisk()('look', root.path, root.canary, [path]);
  const place = async (): Promise<FilePlace> => {
    if (trouble !== null) return { is: 'unreachable', why: trouble };
    if (path === root.canary) return { is: 'unsafe', why: 'it is the canary of its store' };
    const [what, bytes = 0, , , links = 1] = facts;
    if (what === LOOKED.file) return { is: 'file', bytes, links };
    if (what === LOOKED.absent) return lookCloser(root, path);
    if (what === LOOKED.outside) return { is: 'unsafe', why: 'a link leads out of the root' };
    if (what === LOOKED.unknown)
      return { is: 'unreachable', why: `it cannot be looked at: ${failed[0] ?? ''}` };
    return { is: 'unsafe', why: 'it is not a plain file' };
  };
  return { place: await place(), seen: facts, trouble };
}

/** What is to be thought of a path at which nothing is. */
async function lookCloser(root: Root, path: string): Promise<FilePlace> {
  const { trouble, sought } = await openDisk()('seek', root.path, root.canary, [path]);
  if (trouble !== null) return { is: 'unreachable', why: trouble };
  const [found] = sought;
  if (found?.is === 'missing') return { is: 'missing' };
  if (found?.is === 'alike') return { is: 'alike', path: found.path, why: ALIKE };
  return { is: 'unsafe', why: found?.why ?? 'no answer' };
}

async function removeFile(
  root: Root,
  path: string,
  mayBeLinked: boolean,
): Promise<'removed' | 'already-gone'> {
  const { place, seen, trouble: away } = await lookAt(root, path);
  if (away !== null) throw new RootAway(away);
  if (place.is === 'missing') return 'already-gone';
  if (place.is !== 'file') throw new Error(place.why);
  if (place.links > 1 && !mayBeLinked) throw new Error('it has a second name (a hard link)');
  const forever = Number.POSITIVE_INFINITY;
  const { trouble, ends } = await openDisk()('unlink', root.path, root.canary, [path], seen, forever);
  const [end] = ends;
  // What has been unlinked has gone, whatever became of the root after it.
  if (end === null) return 'removed';
  if (trouble !== null) throw new Error(trouble);
  if (end === 'gone') return 'already-gone';
  throw Object.assign(new Error(`the file cannot be removed: ${end}`), { code: end });
}
