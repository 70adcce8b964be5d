// Records that a store lists and purges without a look at each, as values: what is sure, the stretch of a walk that a batch
// is, and the order to purge one.
import type { Key } from '../policy/policy.ts';
import type { Literal } from '../policy/start.ts';
import type { Apart } from '../policy/sure.ts';
import type { Dataset } from './store.ts';

/** Records that are due without a look at each, as the rules are at a moment. Bounds are in the store's own terms. */
export interface SureRange {
  readonly tags: readonly string[] | null;
  readonly plausibleFrom: Literal;
  readonly before: Literal;
  /** The same as an instant, by which two ranges are compared. */
  readonly beforeMs: number;
  readonly apart: Omit<Apart, 'spans'> & {
    readonly spans: readonly { readonly from: Literal | null; readonly until: Literal | null }[];
  };
}

/** Where a walk stood: the start and the key of a record, as the store gave them. */
export interface Mark {
  readonly start: string;
  readonly key: Key;
}

/**
 * A stretch of a walk along the start or the key. Every sure record of its range that lies after `after` (null: from
 * the beginning) and not after `to` is listed in the batch that holds the stretch, and no other record is.
 */
export interface Stretch {
  readonly by: 'start' | 'key';
  readonly after: Mark | null;
  readonly to: Mark;
  /** For a partition's rows: those from `from` until before `until`, of the start or of the key's first column. */
  readonly slice?: { readonly from: string | null; readonly until: string | null };
}

/** The way that the batches of a range follow each other. */
export interface WalkChoice {
  readonly by: Stretch['by'];
  /** The index that is followed. */
  readonly index: string;
  /** Why this way, for people. */
  readonly why: string;
}

/** Records that were listed together. */
export interface Listed {
  readonly records: number;
  /** Their keys as `joinKeys` writes them, in the order of the walk. */
  readonly keys: string;
  readonly stretch: Stretch;
  /** The earliest and the latest of their starts, as the store writes them; null where there are no records. */
  readonly starts: readonly [oldest: string, newest: string] | null;
  /** How many started in each month, `2024-11`. */
  readonly months: Readonly<Record<string, number>>;
  /** Records on the way that are set apart: to be read and decided on one by one. */
  readonly apart: readonly Key[];
}

/** Records that were listed without being read, to be purged without a look at each. */
export interface ListedOrder {
  readonly dataset: Dataset;
  /** Key texts as `joinKeys` gives them. */
  readonly keys: string;
  readonly stretch: Stretch;
  /** What was sure a moment ago, to act on; null: nothing is, ask the judge. */
  readonly range: () => SureRange | null;
  /** Whether all of that range is sure now: asked after the act and before it is final. Throws when the run must stop. */
  readonly confirm: (range: SureRange) => Promise<boolean>;
  /** Keys that the next write should hold; asked before each. */
  readonly writeKeys: () => number;
  /** To run what a write asks the store for; its commit is not part of it, and the next write may go on beside that. */
  readonly inTurn: <T>(act: () => Promise<T>) => Promise<T>;
  /** Told of each write once it has ended, with nothing open; the next one waits for it. */
  readonly wrote: (write: ListedWrite) => Promise<void>;
}

/** One write of a listed batch. Where it did not purge, its keys are as they were, to be looked at one by one. */
export interface ListedWrite {
  /** Key texts, none of them in another write. */
  readonly keys: readonly string[];
  readonly purged: boolean;
  /** How long the store was at the records, in ms: without what a write of none would take. */
  readonly tookMs: number;
}
