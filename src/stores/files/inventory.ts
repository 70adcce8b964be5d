// Folders below a root that no dataset maps: the highest ones only, with how many files are below each.
import type { Holding, Inventory, InventoryDetail } from '../inventory.ts';
import { openDisk } from './disk.ts';
import { type Root, requireReached } from './root.ts';

/** Paths that a walk gives at once, to be counted. */
const AT_ONCE = 10_000;

/** `mapped`: folders, relative to the root, whose files some dataset speaks of. */
export async function folderInventory(
  root: Root,
  mapped: readonly string[],
  detail: InventoryDetail,
): Promise<Inventory> {
  const holdings: Holding[] = [];
  if (mapped.includes('')) return { holdings, unseen: null };
  for (const folder of foldersAbove(mapped)) {
    const { trouble, folders, files } = await openDisk()('entries', root.path, root.canary, folder);
    requireReached(root, trouble);
    const isCanaryIn = root.canary !== null && folderOf(root.canary) === folder;
    const loose = files - (isCanaryIn ? 1 : 0);
    if (loose > 0) holdings.push({ at: folder, records: loose, columns: [], mappedAs: [] });
    for (const name of folders) {
      const at = folder === '' ? name : `${folder}/${name}`;
      if (mapped.some(one => one === at || one.startsWith(`${at}/`))) continue;
      holdings.push({
        at,
        records: detail === 'names' ? null : await filesBelow(root, at),
        columns: [],
        mappedAs: [],
      });
    }
  }
  return { holdings, unseen: null };
}

/** Every folder that a mapped one lies in, the root first. */
function foldersAbove(mapped: readonly string[]): readonly string[] {
  const above = new Set(['']);
  for (const path of mapped) for (let at = folderOf(path); at !== ''; at = folderOf(at)) above.add(at);
  // What lies in a mapped folder is mapped with it.
  return [...above].filter(at => !mapped.some(one => at === one || at.startsWith(`${one}/`))).sort();
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

async function filesBelow(root: Root, folder: string): Promise<number> {
  const disk = openDisk();
  const { trouble, walk } = await disk('begin', root.path, root.canary, folder);
  requireReached(root, trouble);
  let count = 0;
  let ended = false;
  try {
    while (!ended) {
      const listed = await disk('list', root.path, root.canary, walk, AT_ONCE);
      requireReached(root, listed.trouble);
      count += listed.paths.length;
      ended = listed.ended;
    }
  } finally {
    if (!ended) await disk('end', walk);
  }
  return count;
}
