// When a store was last changed, by what is written in it: what a machine's clock is held against. Types only.

export interface LastChange {
  /** The newest of its records, in ms, where the store itself can say; null where only the records' starts do. */
  readonly recordsMs: number | null;
  /** The newest of its own files and folders, in ms; null for those with a server. */
  readonly storeMs: number | null;
}
