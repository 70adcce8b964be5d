// How busy a store's server is: what the pace of a run goes by. A type, and the contract of `StoreReader.load`.

/**
 * What a store's server and its replicas answer; null: they were not asked. They are asked with a query that gives one row
 * with one number, or without, on connections of their own, so that it waits behind nothing. Replicas are asked by a store
 * that was opened for writing: reading makes none lag. `load` throws `configuration-invalid` when a replica is none, or
 * the query gives something else, `server-changed` when a server that is written to may not be any more, and whatever the driver throws when the server does not answer.
 */
export interface Load {
  readonly threadsRunning: number | null;
  /** Lag of the named replica that lags most, in seconds; infinite where one is stopped or cannot be asked. */
  readonly replicaLagSeconds: number | null;
  /** Which replica that is and, where its lag is infinite, why: a few words. */
  readonly replica: string | null;
  /** What the query gave. */
  readonly query: number | null;
}
