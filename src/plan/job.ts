// The shape of a job: which policies on which stores, when, whether it may dispose of anything, under which limits, and
// how gently.
import type { Window } from './window.ts';

export interface Limits {
  /** Most records of one class in one dataset that one run may dispose of. */
  readonly records: number;
  /** The same as a percentage of the dataset's records of that class. */
  readonly percent: number;
  /** Why the limits stand above the defaults; null when they do not. */
  readonly reason: string | null;
}

/** Safety belts are on by default; a job that needs more says so, with a reason. */
export const DEFAULT_LIMITS: Limits = { records: 100_000, percent: 10, reason: null };

/** Records listed and audited together. How many of them go in one write is the pace's to say. */
export const DEFAULT_BATCH_KEYS = 5000;

/** What is measured of a store's server, and above which value it counts; null: it does not. */
export interface Thresholds {
  /** `Threads_running` of the store's server. */
  readonly threadsRunning: number | null;
  /** Lag of any replica that the data map names. One that is stopped, or cannot be asked, lags infinitely. */
  readonly replicaLagSeconds: number | null;
  /** A query of the operator's own that gives one row with one number. */
  readonly query: { readonly sql: string; readonly above: number } | null;
}

/** How gently a run writes, so that production does not feel it. It changes nothing of what is disposed of. */
export interface PaceRules {
  /** Time that the store should be at the records of one write, a transaction, in ms: its keys follow from how fast it is. */
  readonly writeMs: number;
  /** Rest after each write, as a multiple of the time that it took. */
  readonly niceRatio: number;
  /** Connections that write at the same time. */
  readonly connections: number;
  /** When it may write, in the job's zone; empty: at any time. */
  readonly windows: readonly Window[];
  /** Above these it waits. */
  readonly pauseAbove: Thresholds;
  /** Above these it ends, and can be gone on with later. */
  readonly stopAbove: Thresholds;
  /** Why it is less gentle than the defaults; null when it is not. */
  readonly reason: string | null;
}

const NO_THRESHOLDS: Thresholds = { threadsRunning: null, replicaLagSeconds: null, query: null };

/**
 * Measured on 2 cores, with 300 events a second on the purged table (`npm run bench -- --only foreground`): 24,000 rows a
 * second, and the others' 99th percentile 4.9 to 5.3 ms, against 1.5 to 2.0 ms when they are alone. A bare loop of deletes
 * that plans, reads and writes nothing else was felt nearly as much at 21,000 (4.4 to 5.4 ms, against 1.9 to 2.4), with
 * 100, 200, 400 or 700 rows a write alike: what is late are inserts that wait for the server to flush what deletes and its purge
 * have written (2.6 ms on a server that flushes nothing, 3.1 ms while its purge stands still). The ledger's own flushes
 * have no part in it. Longer writes are felt more: 40 ms 12.7 ms.
 *
 * Threads running: 25 is where pt-online-schema-change pauses by default (`--max-load`), and what gh-ost's manual gives
 * as an example. Lag: 10 seconds is where Shopify's LHM begins to wait; it counts where a data map names replicas.
 */
export const DEFAULT_PACE: PaceRules = {
  writeMs: 1.5,
  niceRatio: 5,
  connections: 1,
  windows: [],
  pauseAbove: { ...NO_THRESHOLDS, threadsRunning: 25, replicaLagSeconds: 10 },
  stopAbove: NO_THRESHOLDS,
  reason: null,
};

export interface Job {
  readonly name: string;
  readonly title: string;
  /** Classes, or null for every policy there is. */
  readonly classes: readonly string[] | null;
  readonly stores: readonly string[];
  /** Five-field cron expression, in `zone`. */
  readonly schedule: string;
  readonly zone: string;
  /** `report`: its plans are shown and can never be enforced. */
  readonly mode: 'report' | 'enforce';
  readonly limits: Limits;
  readonly batchKeys: number;
  /** How long a plan may wait before it is enforced, in ms. */
  readonly planValidMs: number;
  readonly pace: PaceRules;
}
