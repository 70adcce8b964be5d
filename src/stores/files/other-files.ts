// Files of a store that are none of its records, a page at a time, each with what is seen of it from outside.
import type { OtherFile, OtherFiles } from '../file-place.ts';
import type { Dataset } from '../store.ts';
import { FACTS, LOOKED, openDisk } from './disk.ts';
import { readingOf } from './file-record.ts';
import { type Root, requireReached } from './root.ts';
import { ahead, NOTHING_PASSED, requireLooked, walkPaths } from './walk-paths.ts';

/** `datasets`: those of the store itself. */
export async function* otherFiles(
  root: Root,
  datasets: readonly Dataset[],
  pageFiles: number,
): AsyncGenerator<OtherFiles> {
  const readings = datasets.map(dataset => readingOf(dataset, root.canary));
  const passed = { ...NOTHING_PASSED };
  const isOther = (path: string): boolean =>
    path !== root.canary && readings.every(reading => reading.ofKey(path) === null);
  const disk = openDisk();
  for await (const paths of ahead(walkPaths(root, '', pageFiles, passed))) {
    const others = paths.filter(isOther);
    const looked = await disk('look', root.path, root.canary, others);
    requireReached(root, looked.trouble);
    requireLooked(looked);
    const files: OtherFile[] = [];
    others.forEach((path, index) => {
      const [what, bytes = 0, changedMs = 0] = looked.facts.subarray(index * FACTS, (index + 1) * FACTS);
      if (what === LOOKED.file) files.push({ path, bytes, changedMs });
      // A name that is no UTF-8 reads with this mark in it, and under that name nothing is.
      else if (what === LOOKED.absent && path.includes('\uFFFD')) passed.misnamed += 1;
    });
    const { links, otherKinds, misnamed } = passed;
    yield { files, passed: { links, otherKinds, misnamed } };
  }
}
