// When a store of files was last added to, as far as its files and folders can say: what a machine's clock is held against
// where nothing else has a clock.
import type { LastChange } from '../last-change.ts';
import type { Dataset } from '../store.ts';
import { LOOKED, openDisk } from './disk.ts';
import { type Root, requireReached } from './root.ts';
import { NOTHING_PASSED, walkPaths } from './walk-paths.ts';

const AT_ONCE = 1000;

/** Times after `untilMs` say nothing: a file may be dated as anybody likes. */
export async function lastFileChange(
  root: Root,
  datasets: readonly Dataset[],
  untilMs: number,
): Promise<LastChange> {
  const folders = ['', ...datasets.map(dataset => dataset.at)];
  let recordsMs: number | null = null;
  for (const { at } of datasets)
    for await (const paths of walkPaths(root, at, AT_ONCE, { ...NOTHING_PASSED }))
      recordsMs = latest(recordsMs, await newestOf(root, paths, untilMs));
  return { recordsMs, storeMs: latest(recordsMs, await newestOf(root, folders, untilMs)) };
}

async function newestOf(root: Root, paths: readonly string[], untilMs: number): Promise<number | null> {
  if (paths.length === 0) return null;
  const { trouble, facts } = await openDisk()('look', root.path, root.canary, paths);
  requireReached(root, trouble);
  let newestMs: number | null = null;
  for (let index = 0; index < facts.length; index += 4) {
    const [what, changedMs = 0] = [facts[index], facts[index + 2]];
    if ((what === LOOKED.file || what === LOOKED.folder) && changedMs <= untilMs)
      newestMs = latest(newestMs, changedMs);
  }
  return newestMs;
}

function latest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
