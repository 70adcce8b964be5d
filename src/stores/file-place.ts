// Files that are no records themselves: they belong to records of another store, or to none.
import type { PassedOver } from './passed-over.ts';

/**
 * What is at a path of a store of files. `links`: the names that the file has, this one among them. `alike`: nothing, but
 * `path` is there and differs only by case, normal form or blanks. `unreachable`: the root is not there, so nothing can be said.
 */
export type FilePlace =
  | { readonly is: 'file'; readonly bytes: number; readonly links: number }
  | { readonly is: 'missing' }
  | { readonly is: 'alike'; readonly path: string; readonly why: string }
  | { readonly is: 'unsafe'; readonly why: string }
  | { readonly is: 'unreachable'; readonly why: string };

/** A file that none of its store's datasets maps. */
export interface OtherFile {
  /** Relative to the root. */
  readonly path: string;
  readonly bytes: number;
  /** The time of its last change. */
  readonly changedMs: number;
}

/** One page of a walk. */
export interface OtherFiles {
  readonly files: readonly OtherFile[];
  /** What the walk has met and not taken by now; with its last page, all of it. */
  readonly passed: Omit<PassedOver, 'otherNames'>;
}
