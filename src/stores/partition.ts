// Partitions as stores speak of them: one that goes as a whole is listed like any rows, in batches, and dropped only when
// what it holds under lock is what was listed.
import type { Listed, Stretch, SureRange } from './listed.ts';
import type { Dataset } from './store.ts';

/** A partition whose upper bound the server states, and by which everything in it started early enough to be due. */
export interface DuePartition {
  readonly name: string;
  /** Its bound as the server writes it. */
  readonly bound: string;
  /** Rows as the server estimates them. */
  readonly estimatedRows: number;
  /** Why its rows go one by one; null where it may go as a whole, as far as the server can tell now. */
  readonly why: string | null;
}

export interface PartitionSurvey {
  /** Oldest first; empty partitions are left out. */
  readonly due: readonly DuePartition[];
  /** All other partitions of the table, by name. */
  readonly others: readonly string[];
  /** Why no partition of this table can go as a whole; null where some may. */
  readonly why: string | null;
}

/** Rows of a partition that were listed together. */
export interface ListedOfPartition extends Listed {
  readonly partition: string;
  /** Rows that lie between them and are neither listed nor set apart: undated, or of another class. */
  readonly others: number;
}

export interface PartitionReader {
  readonly survey: (dataset: Dataset, range: SureRange) => Promise<PartitionSurvey>;
  /** Lists what is sure in partitions, one after the other. Together the pages speak of every row of each. */
  readonly list: (
    dataset: Dataset,
    range: SureRange,
    partitions: readonly DuePartition[],
    batchKeys: number,
  ) => AsyncIterable<ListedOfPartition>;
}

/** A partition to be dropped, if it still holds exactly what its batches list. */
export interface PartitionOrder {
  readonly dataset: Dataset;
  readonly partition: string;
  /** Its bound as it was when it was listed. */
  readonly bound: string;
  /** All batches that its rows were listed in, in order; `keysDigest` is SHA-256 of the keys as they were listed. */
  readonly batches: readonly {
    readonly stretch: Stretch;
    readonly records: number;
    readonly keysDigest: string;
  }[];
  /** What is sure with the holds as they are now; null: nothing is. */
  readonly range: () => Promise<SureRange | null>;
  /** Asked under the lock, last before the drop; throws when the run must stop. False: it no longer holds. */
  readonly confirm: (range: SureRange) => Promise<boolean>;
}

/** `kept`: nothing was done, and why in words for people. */
export type PartitionDrop = { readonly did: 'dropped' } | { readonly did: 'kept'; readonly why: string };
