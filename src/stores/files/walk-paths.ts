// Walks what is below a folder as a stream of paths, a page at a time: memory holds a few pages, however many files a folder
// has. It goes into no link.
import type { PassedOver } from '../passed-over.ts';
import { type Looked, openDisk } from './disk.ts';
import { type Root, requireReached } from './root.ts';

/** Counts of what a walk meets and does not take, as they grow. */
export type Passing = { -readonly [Name in keyof PassedOver]: number };

export const NOTHING_PASSED: PassedOver = { links: 0, otherKinds: 0, misnamed: 0, otherNames: 0 };

/** Plain files below a folder, in the order of the walk. Throws `store-unreachable` where the root is not there. */
export async function* walkPaths(
  root: Root,
  folder: string,
  atOnce: number,
  passed: Passing,
): AsyncGenerator<readonly string[]> {
  const disk = openDisk();
  const { trouble, walk } = await disk('begin', root.path, root.canary, folder);
  requireReached(root, trouble);
  let ended = false;
  try {
    while (!ended) {
      const listed = await disk('list', root.path, root.canary, walk, atOnce);
      requireReached(root, listed.trouble);
      ended = listed.ended;
      passed.links += listed.links;
      passed.otherKinds += listed.others;
      passed.misnamed += listed.misnamed;
      yield listed.paths;
    }
  } finally {
    if (!ended) await disk('end', walk);
  }
}

/** A file that cannot be looked at is an error: to leave it out would say that it is not there. */
export function requireLooked({ failed }: Looked): void {
  const [code] = Object.values(failed);
  if (code !== undefined) throw Object.assign(new Error(`a file cannot be looked at: ${code}`), { code });
}

/** The same values, the next one asked for while the last one is worked on. */
export async function* ahead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = source.next();
  try {
    for (let one = await next; one.done !== true; one = await next) {
      next = source.next();
      // Whoever waits for it hears of a failure; until then it must not pass for one that nobody hears of.
      next.catch(() => undefined);
      yield one.value;
    }
  } finally {
    await next.catch(() => undefined);
    await source.return(undefined);
  }
}
