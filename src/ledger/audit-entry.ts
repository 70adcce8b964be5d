// The shape of the audit log. Entries hold ids, counts, digests and reasons; never the content of a record, and
// keys only as keyed hashes where keys identify people.
import type { Places } from '../plan/place.ts';
import type { Disposition } from '../policy/policy.ts';

/** What became of the keys of one batch. `failed` were due and could not be disposed of. */
export interface OutcomeCounts {
  readonly purged: number;
  readonly flagged: number;
  readonly anonymised: number;
  readonly spared: number;
  readonly failed: number;
}

export const NO_OUTCOMES: OutcomeCounts = { purged: 0, flagged: 0, anonymised: 0, spared: 0, failed: 0 };

export function addOutcomes(a: OutcomeCounts, b: OutcomeCounts): OutcomeCounts {
  return {
    purged: a.purged + b.purged,
    flagged: a.flagged + b.flagged,
    anonymised: a.anonymised + b.anonymised,
    spared: a.spared + b.spared,
    failed: a.failed + b.failed,
  };
}

/** Where a batch belongs. */
export interface BatchPlace {
  readonly plan: string;
  readonly batch: number;
  readonly store: string;
  readonly dataset: string;
  readonly class: string;
  readonly disposition: Disposition;
}

/** That a ledger is the right one to enforce under. */
interface LedgerSaid {
  readonly ledger: string;
  readonly reason: string;
  /** True when it was said that a register without holds is right. */
  readonly noHolds: boolean;
  /** The mark of the last ledger that was there instead; null where there was none. */
  readonly instead: {
    readonly ledger: string;
    readonly seq: number;
    readonly hash: string;
    readonly at: string;
  } | null;
  /** Holds that the last ledger knew of and this one does not. */
  readonly lostHolds: readonly string[];
}

export type AuditEvent =
  | {
      readonly kind: 'plan-made';
      readonly plan: string;
      readonly job: string;
      readonly asOf: string;
      readonly policiesDigest: string;
      readonly jobDigest: string;
      readonly keysDigest: string;
      readonly due: number;
      readonly held: number;
      readonly undated: number;
      readonly planDigest: string;
    }
  | {
      readonly kind: 'run-started';
      readonly plan: string;
      readonly job: string;
      readonly resumed: boolean;
      readonly host: string;
      readonly version: string;
      /** The servers that its stores were at; not there in entries of before they were remembered. */
      readonly servers?: Places;
    }
  | ({ readonly kind: 'intended'; readonly count: number; readonly keysDigest: string } & BatchPlace)
  | ({
      readonly kind: 'done';
      readonly counts: OutcomeCounts;
      /** Why records were spared or failed and by what, and how many each: `{ "held: case-17": 3 }`. */
      readonly reasons: Readonly<Record<string, number>>;
      /** SHA-256 of the evidence as it is stored: the runs of outcomes, and the packed keys that they speak of. */
      readonly evidenceDigest: string;
      /** True when a later run found out what had become of the keys, since this one was cut off. */
      readonly settled: boolean;
      /** The partition that was dropped, where the records went with it. */
      readonly partition?: string;
      /** Records of which a file was missing that nobody saw go, whether they went or stayed; left out: none. */
      readonly missing?: number;
      /** Rows of child tables that went with the records, by table; not known of batches that were settled. */
      readonly children?: Readonly<Record<string, number>>;
    } & BatchPlace)
  | {
      readonly kind: 'run-ended';
      readonly plan: string;
      readonly state: RunState;
      readonly counts: OutcomeCounts;
      readonly reason: string | null;
    }
  | { readonly kind: 'refused'; readonly plan: string; readonly code: string; readonly reason: string }
  | {
      readonly kind: 'hold-placed';
      readonly hold: string;
      readonly holdDigest: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'hold-released';
      readonly hold: string;
      readonly holdDigest: string;
      readonly reason: string;
    }
  /**
   * A person said that this ledger is the right one to enforce under: one that was made, or one that was found beside the
   * mark of another. `taken-over`: the first run after an upgrade found that it had been in use.
   */
  | ({ readonly kind: 'ledger-made' } & LedgerSaid)
  | ({ readonly kind: 'ledger-accepted' } & LedgerSaid)
  | ({ readonly kind: 'ledger-taken-over' } & LedgerSaid)
  /** A person said that the clock is right: times count from here on, whatever stands before. */
  | { readonly kind: 'clock-confirmed'; readonly latest: string | null; readonly reason: string }
  /** Enforcement was paused, or allowed to go on; null where nobody said why. */
  | { readonly kind: 'paused' | 'resumed'; readonly reason: string | null };

/**
 * running: a process has it, or had it and was killed. interrupted: it was asked to stop and can be resumed.
 * done, partial, failed: ended; partial when some records could not be disposed of.
 */
export type RunState = 'running' | 'interrupted' | 'done' | 'partial' | 'failed';

export interface AuditEntry {
  /** Counts from 1 without gaps. */
  readonly seq: number;
  /** ISO instant: never before the entry before it, but for `clock-confirmed`. */
  readonly at: string;
  /** What the machine's clock said, where it stood before the entry before this one. */
  readonly clock?: string;
  readonly actor: string;
  readonly run: string | null;
  readonly event: AuditEvent;
}
