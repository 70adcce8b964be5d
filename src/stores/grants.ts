// The rights that a job needs in a store whose users have some, as statements for whoever may grant them.
import type { Disposition } from '../policy/policy.ts';
import type { Dataset } from './store.ts';

/** What a job does to a dataset: nothing where it only looks there, for an account's closing date say. */
export interface GrantNeed {
  readonly dataset: Dataset;
  readonly dispositions: readonly Disposition[];
}

/** The least that planning and enforcing need, a statement for each table. */
export interface Grants {
  /** Why some of it is more than the tables that there are, for whoever grants it; left out where nothing is. */
  readonly note?: string;
  readonly planning: readonly string[];
  readonly enforcing: readonly string[];
}
