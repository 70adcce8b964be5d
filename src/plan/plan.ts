// A plan: what one run would do, as a value. It is made by reading, saved, shown, and enforced at most once; what is
// enforced is never more than what is listed here, and only what is still due then.
import type { Disposition } from '../policy/policy.ts';
import type { Stretch } from '../stores/listed.ts';
import type { Limits } from './job.ts';
import type { Places } from './place.ts';

export type Severity = 'advice' | 'warning' | 'refused';

/** Something a person should know about a dataset. `samples` are keys, hashed where keys identify people. */
export interface Finding {
  readonly severity: Severity;
  readonly code:
    | 'undated'
    | 'unknown-class'
    | 'open-but-dated'
    | 'held-on-doubt'
    | 'kept-on-doubt'
    | 'kept-by-part'
    | 'file-missing'
    | 'file-alike'
    | 'hard-link'
    | 'personal-keys'
    | 'children-not-sought'
    | 'children-alone'
    | 'files-missing'
    | 'no-jurisdiction'
    | 'unknown-jurisdiction'
    | 'unstated-law'
    | 'assumed-law'
    | 'unverified-limit'
    | 'partitions-as-rows'
    | 'no-start-index'
    | 'no-undo'
    | 'event'
    | 'null-key'
    | 'not-erased'
    | 'server'
    | 'trigger'
    | 'nothing-stored'
    | 'file-unnamed'
    | 'file-unreachable'
    | 'passed-over'
    | 'nothing-matched'
    | 'unmapped-copy'
    | 'no-tables'
    | 'came-back'
    | 'overdue'
    | 'unstated-period'
    | 'limit-exceeded'
    | 'store-mismatch';
  readonly message: string;
  readonly count: number;
  readonly samples: readonly string[];
}

/** The counts of one class in one dataset. Every name means the same in plan, audit log, report and metric. */
export interface PlanCounts {
  /** Records of the class in the dataset, due or not. */
  readonly stored: number;
  readonly due: number;
  /** Past their period, and kept by a hold. */
  readonly held: number;
  readonly undated: number;
  /** Past the policy's period, and kept by a statutory floor. */
  readonly keptByFloor: number;
  /** Past the policy's period, and kept by the customer's instruction. */
  readonly keptByInstruction: number;
  /** Past the period, and kept for another reason that a finding names. */
  readonly keptOtherwise: number;
  /** The clock has not started: the account is open. */
  readonly notStarted: number;
  /** Flagged or anonymised by an earlier run. */
  readonly alreadyDone: number;
}

export interface Bound {
  /** The policy, limit or instruction that sets it. */
  readonly because: string;
  readonly beforeMs: number;
  /** The zone whose days it stands between. */
  readonly zone: string;
  readonly customer: string | null;
}

/** A partition of which everything started before the bound of its class. */
export interface PlannedPartition {
  readonly name: string;
  /** Its bound, as the server writes it. */
  readonly bound: string;
  readonly as: 'drop' | 'rows';
  /** Why its rows go one by one; null where it is dropped. */
  readonly why: string | null;
  /** Null where its rows were not listed by themselves. */
  readonly records: number | null;
  /** The first and the last of the batches that list it. */
  readonly batches: readonly [first: number, last: number] | null;
}

/** One class in one dataset. */
export interface PlanPart {
  readonly store: string;
  readonly dataset: string;
  readonly class: string;
  readonly policies: readonly string[];
  /** Null where the class has no stated period: its records are counted, never disposed of. */
  readonly disposition: Disposition | null;
  readonly counts: PlanCounts;
  /** What is stored was not counted: it is what the server's statistics say, and far from any limit. */
  readonly storedIsEstimate: boolean;
  readonly bounds: readonly Bound[];
  /** Earliest and latest start among the due, and how long ago the longest overdue should have gone. */
  readonly oldestMs: number | null;
  readonly newestMs: number | null;
  readonly overdueMs: number;
  /** How many of the due started in each month, as `2024-11`, the earliest first. */
  readonly months: readonly { readonly month: string; readonly due: number }[];
  /** Bytes of what is due, as far as the store knows; null when it knows nothing. */
  readonly bytes: number | null;
  readonly files: number;
  /** Records of which a file is missing that nobody saw go, and the batches that list them and no others. */
  readonly missing?: { readonly records: number; readonly batches: readonly number[] };
  /** Rows of child tables that go with what is due, by table; of rows that several share some may stay. */
  readonly children: Readonly<Record<string, number>>;
  /** Partitions that are due by their bounds, where the dataset lets them be dropped. */
  readonly partitions: readonly PlannedPartition[];
  readonly limits: Limits;
  readonly findings: readonly Finding[];
}

export type PlanSource = { readonly kind: 'scan' } | { readonly kind: 'replay'; readonly run: string };

/** How many records a hold or an instruction speaks of in a dataset, due or not. */
export interface OrderCount {
  readonly kind: 'hold' | 'instruction';
  readonly id: string;
  readonly store: string;
  readonly dataset: string;
  /** Null where it was not counted: the dataset is large, and no index answers. */
  readonly records: number | null;
  /** Counted by an index, which knows one spelling. */
  readonly isAtLeast: boolean;
  /** Why it can do nothing at all, or null. */
  readonly idle: string | null;
}

export interface Plan {
  readonly id: string;
  readonly job: string;
  readonly mode: 'report' | 'enforce';
  readonly source: PlanSource;
  readonly madeAtMs: number;
  /** The instant that verdicts are for; the time of making unless a person asked for another. */
  readonly asOfMs: number;
  readonly nextRunMs: number;
  readonly expiresAtMs: number;
  readonly policiesDigest: string;
  /** Digest of the job and the data maps that it reaches. */
  readonly jobDigest: string;
  /** Digest over the parts and digests of all batches, in order. */
  readonly keysDigest: string;
  readonly batches: number;
  readonly parts: readonly PlanPart[];
  /** Of orders in force; not there in plans that were made before they were counted, and in replays. */
  readonly orders?: readonly OrderCount[];
  /** The servers that it was read from; not there in plans of before they were remembered. */
  readonly readFrom?: Places;
}

/** The unit that is listed, disposed of and audited: keys of one part, in the order in which they were found. */
export interface Batch {
  readonly plan: string;
  /** Counts from 0 within the plan. */
  readonly seq: number;
  /** Index into the plan's parts. */
  readonly part: number;
  readonly records: number;
  /** Key texts, a line each, never hashed: the ledger forgets them when the batch is settled. */
  readonly keys: string;
  /** Digest of the keys as the audit log has them, hashed where they identify people. */
  readonly keysDigest: string;
  /** Where a store listed them without reading each; null for records that were read. */
  readonly stretch: Stretch | null;
}

/** open: made, not begun. enforcing: begun, and can be resumed if it was cut off. enforced: done, once and for all. */
export type PlanState = 'open' | 'enforcing' | 'enforced';
