// What a run tells of itself while it goes on.
import type { OutcomeCounts } from '../ledger/audit-entry.ts';
import type { CameBack } from '../plan/come-back.ts';

export type EnforceEvent =
  | { readonly kind: 'waiting'; readonly holder: string }
  /** `elsewhere`: batches of these that were begun at another server, or at a later state of it. */
  | {
      readonly kind: 'recovered';
      readonly batches: number;
      readonly left: number;
      readonly elsewhere: number;
    }
  /** That a store is acted on where it was planned could not be asked, only looked at. */
  | { readonly kind: 'unproved'; readonly store: string; readonly why: string }
  /** Some of what an earlier run had purged is there again. */
  | ({ readonly kind: 'came-back'; readonly dataset: string } & CameBack)
  /** `why`: it was not dropped, and its rows go one by one. */
  | {
      readonly kind: 'partition';
      readonly store: string;
      readonly dataset: string;
      readonly partition: string;
      readonly records: number;
      readonly why: string | null;
    }
  | {
      readonly kind: 'batch';
      readonly store: string;
      readonly dataset: string;
      readonly class: string;
      readonly records: number;
      readonly counts: OutcomeCounts;
    };
