// A folder that a store of files is, and the error for one that is not there: an unmounted folder looks like one whose
// files are gone.
import { RetentionError } from '../../errors.ts';

/** Where a store of files is. */
export interface Root {
  readonly store: string;
  /** Absolute. */
  readonly path: string;
  /** A file that is there whenever the root is really mounted, relative to it; null: nothing says so. */
  readonly canary: string | null;
}

/** Throws `store-unreachable` where a look at the disk gave a trouble. */
export function requireReached({ store }: Root, trouble: string | null): void {
  if (trouble === null) return;
  throw new RetentionError(
    'store-unreachable',
    `store ${store} cannot be reached: ${trouble}`,
    'Check that the folder is mounted: an unmounted folder looks like one whose files are gone',
  );
}
