// Which server a store is at, as the server itself tells it: types, and the contract of `StoreReader.server`.
import type { Disposition, Key } from '../policy/policy.ts';
import type { Mismatch } from './mismatch.ts';
import type { Dataset } from './store.ts';

/** One server at one moment. */
export interface ServerPlace {
  /** What no other server has, and a restart keeps; of a cluster whose members are one database, the cluster's. */
  readonly id: string;
  /** Host and port as the server calls itself, for people. */
  readonly called: string;
  readonly database: string;
  /**
   * Counters of the server that only ever rise, by name: one that is lower than it was, or not there any more, says that
   * the server has gone back to an older state. Empty where it has none that this user may read.
   */
  readonly position: Readonly<Record<string, number>>;
  /** Why nothing may be written there, in words; null: nothing stands in the way. */
  readonly readOnly: string | null;
  /** Servers that what it holds was first written at, by the names that others know them by. */
  readonly origins: readonly string[];
  /** The names that other servers know it by. */
  readonly names: readonly string[];
  /** What it replicates from; empty: nothing. Null: this user may not ask. */
  readonly channels: readonly Channel[] | null;
}

/** One source that a server replicates from. */
export interface Channel {
  /** Host and port of the source, for people. */
  readonly from: string;
  /** The source, by the names that others know it by. */
  readonly source: readonly string[];
  /** Seconds that it is behind, a delay on purpose among them; null while it does not run. */
  readonly secondsBehind: number | null;
  /** Seconds that it stays behind on purpose. */
  readonly delaySeconds: number;
}

/** For stores that are behind a server. */
export interface AtServer {
  readonly place: () => Promise<ServerPlace>;
  /** The right that shows what a server replicates from, as a statement for whoever may grant it. */
  readonly askingRight: () => Promise<string>;
  /** Columns and types of the tables that a dataset reads, by `table.column`. */
  readonly shape: (dataset: Dataset) => Promise<ReadonlyMap<string, string>>;
  /** Keys from both ends of a dataset, at most so many each; null where its records have none. */
  readonly ends: (
    dataset: Dataset,
    keys: number,
  ) => Promise<{ readonly first: readonly Key[]; readonly last: readonly Key[] } | null>;
  /** What this user may not do of what disposing of these records takes. */
  readonly missingRights: (
    dataset: Dataset,
    dispositions: readonly Disposition[],
  ) => Promise<readonly Mismatch[]>;
}
