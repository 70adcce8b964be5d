// Everything that stands in a store, mapped or not: what a rehearsal compares before and after a run. Types only.

/** A table, or the files of a folder store, as they are. */
export interface WholeTable {
  /** Null where the store is one database. */
  readonly database: string | null;
  /** Empty for a store of files. */
  readonly table: string;
  readonly columns: readonly WholeColumn[];
  /** The columns that tell its rows apart; null where only all of them together do, as often as they are there. */
  readonly key: readonly string[] | null;
  /** All of its rows, in pages, each column as exact text. Called again, it reads them again. */
  readonly rows: () => AsyncIterable<readonly WholeRow[]>;
}

export interface WholeColumn {
  readonly name: string;
  /** The server writes it by itself: it is worked out from others, or set anew by any update of its row. */
  readonly written: 'given' | 'worked-out' | 'by-any-update';
}

export type WholeRow = Readonly<Record<string, string | null>>;

export interface WholeStore {
  /** The database that a table without one is in; null where the store has no databases. */
  readonly own: string | null;
  /** Every table that this user may see, in the databases named; null: in all of them. Throws where one cannot be read. */
  readonly tables: (databases: readonly string[] | null) => Promise<readonly WholeTable[]>;
  readonly close: () => Promise<void>;
}
