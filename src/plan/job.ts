// The shape of a job: which policies on which stores, when, whether it may dispose of anything, and under which limits.

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

/** Records listed, disposed of and audited together: a tenth of a second or less of anybody's database. */
export const DEFAULT_BATCH_KEYS = 1000;

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
}
