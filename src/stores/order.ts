// What a store is told to dispose of, who rules on each record under its locks, and what it answers. Types only.
import type { Disposition, Key } from '../policy/policy.ts';
import type { StoredRecord } from '../policy/record.ts';
import type { ChildCounts } from './child-table.ts';
import type { Dataset } from './store.ts';

/**
 * Why a record that was due when planned is not disposed of now. `gone`: it was proved that nothing stands under its key.
 * `unread`: something does, and was not read. `missing`: it names a file that is not there, and nobody saw it go.
 */
export type SpareReason =
  | 'changed'
  | 'held'
  | 'gone'
  | 'unread'
  | 'missing'
  | 'locked'
  | 'blocked'
  | 'file-kept'
  | 'interrupted';

export type Ruling =
  | { readonly go: true }
  | { readonly go: false; readonly why: SpareReason; readonly by: string | null };

/** What became of one key. `by` names what blocked, held or failed, in a few words without personal data. */
export type Outcome =
  /** `why`: its file was missing, and it went all the same, since the dataset says so. */
  | { readonly key: Key; readonly did: 'purged' | 'flagged' | 'anonymised'; readonly why?: 'missing' }
  | { readonly key: Key; readonly did: 'spared'; readonly why: SpareReason; readonly by: string | null }
  | { readonly key: Key; readonly did: 'failed'; readonly by: string };

/** A dataset whose records refer to another's: `on` maps its column to the other's. */
export interface Child {
  readonly dataset: Dataset;
  readonly on: Readonly<Record<string, string>>;
}

/** Columns of the same rows that are records of their own, under rules of their own. */
export interface RowPart {
  readonly dataset: Dataset;
  /** Lets go what need not stay: what is due, and what nothing is in. */
  readonly judge: Judge;
  readonly release: Release;
}

/** A batch of keys of one dataset, to be disposed of in one way. */
export interface Order {
  readonly dataset: Dataset;
  readonly disposition: Disposition;
  readonly keys: readonly Key[];
  /** Datasets whose records must go before these: a record that still has one is blocked. */
  readonly children: readonly Child[];
  /** For rows that are purged: a row stays for as long as one of its parts must, and takes their files along. */
  readonly rowParts?: readonly RowPart[];
  /** For records that files go with. */
  readonly release?: Release;
  /** Told after the commit how many rows of child tables went along. */
  readonly onChildren?: (counts: ChildCounts) => void;
}

/**
 * Rules on records that the store has just re-read under lock, in their order. It throws when the run must stop; the
 * store then leaves the batch untouched.
 */
export type Judge = (records: readonly StoredRecord[]) => Promise<readonly Ruling[]>;

/**
 * Removes the files of records that the store is about to let go, and says for each why it has to stay, or null.
 * `others` are records that stay and may name the same files.
 */
export type Release = (
  records: readonly StoredRecord[],
  others: readonly StoredRecord[],
) => Promise<readonly (FilesKeep | null)[]>;

/** A file is left that cannot be removed, or one is missing that nobody saw go. */
export interface FilesKeep {
  readonly why: 'file-kept' | 'missing';
  readonly by: string | null;
}
