// What stands in a store whether a dataset maps it or not: what coverage is measured against. Types only.
import type { TableName } from '../policy/table-name.ts';

/** A column as far as coverage looks at one. */
export interface HeldColumn {
  readonly name: string;
  /** The store's own type for it is a date or a time. */
  readonly isDate: boolean;
}

/** A table, or a folder of files. */
export interface Holding {
  /** As a data map writes it: a table, with its database outside the store's own, or a folder relative to the root. */
  readonly at: string;
  /** The tables of data maps that this one is; none: nobody maps it. Empty for folders. */
  readonly mappedAs: readonly TableName[];
  /** Rows as the server estimates them, or files counted; null where only names were asked for. */
  readonly records: number | null;
  /** Empty for folders, and where only names were asked for. */
  readonly columns: readonly HeldColumn[];
}

export interface Inventory {
  readonly holdings: readonly Holding[];
  /** Why there may be more than is listed, in a sentence, and what to do about it; null where all is, or only names were asked for. */
  readonly unseen: string | null;
}

/**
 * `names`: what is beside the datasets of the store, by name, for the price of a listing. `all`: with columns and counts;
 * of files every folder that lies outside the datasets' folders, the highest ones only, with all that is below them.
 */
export type InventoryDetail = 'names' | 'all';
