// Tables that are named by date, a new one each day or month, where one dataset stands for all of them. Each is read and
// purged as a dataset of its own, by the starts of its rows: the date in its name selects nothing and proves nothing. One
// that has become empty stays, since to drop tables is for the product that makes them.
import type { Dataset } from './store.ts';

/** A table that is there, and every way in which a data map may name it, the shortest first. */
export interface NamedTable {
  readonly table: string;
  readonly names: readonly string[];
}

export interface DatedTables {
  /** Those that are there now of a dataset whose tables are named by date, in the order of their names. */
  readonly list: (dataset: Dataset) => Promise<readonly NamedTable[]>;
  /**
   * Whether the table of such a dataset is not there any more. Never true of what this user may not see, nor of a dataset
   * of one table: its records would look as if they were gone.
   */
  readonly isGone: (dataset: Dataset) => Promise<boolean>;
}
