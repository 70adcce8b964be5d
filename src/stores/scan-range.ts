// What a store is asked for when its records are read, and what it says without reading them. Types only.
import type { Key } from '../policy/policy.ts';
import type { Literal } from '../policy/start.ts';

/** What to scan for. Bounds are in the store's own terms. */
export interface ScanRange {
  /** Only records with one of these tags; null: the dataset has one class. */
  readonly tags: readonly string[] | null;
  readonly which: /** Records whose start can be compared and lies in `[from, before)`; plausible ones only. */
    | {
        readonly kind: 'started';
        readonly plausibleFrom: Literal;
        readonly from: Literal | null;
        readonly before: Literal;
        readonly customer: string | null;
        readonly key: Key | null;
      }
    /** Records whose start says nothing, or contradicts their status: they are read, to be counted and shown. */
    | { readonly kind: 'doubtful'; readonly plausibleFrom: Literal; readonly future: Literal }
    /** Every record: for stores and units that cannot be compared where the records are. */
    | { readonly kind: 'all' };
}

/** Numbers that need no scan. */
export interface Counted {
  readonly stored: number;
  /** `stored` is what the server's statistics say. */
  readonly isEstimate: boolean;
  /** Records whose clock has not started: their account is open. */
  readonly notStarted: number;
}
