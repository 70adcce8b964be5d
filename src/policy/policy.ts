// The shapes of what must be kept and what must go: policies, limits of law, instructions and holds.
// Types only; read this file and `record.ts`, and `decide.ts` reads like the law it encodes.

/** How long, in whole local days (`calendar`) or exact hours (`exact`); or no number at all, said in a word. */
export type Period =
  | {
      readonly kind: 'calendar';
      readonly iso: string;
      readonly years: number;
      readonly months: number;
      readonly weeks: number;
      readonly days: number;
    }
  | { readonly kind: 'exact'; readonly iso: string; readonly ms: number }
  | { readonly kind: 'unstated' }
  | { readonly kind: 'forever' };

/** A period with an end: the two kinds that an expiry can be counted for. */
export type StatedPeriod = Extract<Period, { kind: 'calendar' | 'exact' }>;

/** `at-most` is a ceiling: gone by then. `at-least` is a floor: not before then, and then at once. */
export type Bound = 'at-most' | 'at-least';

/** What is done at the end of the period. */
export type Disposition = 'purge' | 'flag' | 'anonymise';

/** What starts the period. */
export type StartEvent =
  | 'recorded'
  | 'issued'
  | 'account-closed'
  | 'transmitted'
  | 'received'
  | 'verified'
  | 'collected'
  | 'consent-withdrawn';

/** On whose word a period stands: the document and the passage in it. */
export interface Authority {
  readonly document: string;
  readonly passage: string;
}

export interface Policy {
  readonly id: string;
  readonly class: string;
  readonly title: string;
  readonly period: Period;
  readonly start: StartEvent;
  readonly bound: Bound;
  /** IANA zone whose days the period is counted in. */
  readonly zone: string;
  readonly disposition: Disposition;
  readonly owner: string;
  readonly authority: Authority;
}

/** The day with which a year ends that is not the calendar's: 31 March, or 30 June. */
export interface YearEnd {
  readonly month: number;
  readonly day: number;
}

/** A statutory minimum (`floor`) or maximum (`ceiling`) for one class in one jurisdiction, counted in that one's zones. */
export interface Limit {
  readonly id: string;
  readonly kind: 'floor' | 'ceiling';
  readonly class: string;
  /** ISO 3166 code, `US` or `US-FL`; a limit of `US` covers `US-FL` too. */
  readonly jurisdiction: string;
  readonly period: StatedPeriod;
  /** Counted from the end of the year in which the policy's period starts; null: from the day itself. */
  readonly yearEnd: YearEnd | null;
  /** False where nobody has checked it: a floor keeps all the same, and a ceiling does nothing. */
  readonly verified: boolean;
  readonly authority: Authority;
}

/** That the owner has spoken of the law of one jurisdiction, and of which classes besides those that its limits name. */
export interface LawStatement {
  /** ISO 3166 code; what is stated of `US` is stated of `US-FL` too. */
  readonly jurisdiction: string;
  /** Classes for which its limits are entered. */
  readonly limited: readonly string[];
  /** Classes to which no limit applies there: all without one, or some. */
  readonly none: 'all' | readonly string[];
  /** On whose word none applies; null: limits are entered and nothing is said of the others, which is taken for none and told. */
  readonly authority: Authority | null;
}

/** Which records an instruction speaks of; a narrower scope is more explicit and wins over a wider one. */
export type InstructionScope = 'record' | 'number' | 'account' | 'all';

/** A customer's documented order to keep one class for a shorter or longer time. */
export interface Instruction {
  readonly id: string;
  readonly class: string;
  readonly scope: InstructionScope;
  readonly customer: string | null;
  readonly number: string | null;
  readonly record: RecordAddress | null;
  readonly period: StatedPeriod;
  /** In force from here (inclusive) until there (exclusive); null: until further notice. */
  readonly fromMs: number;
  readonly untilMs: number | null;
  readonly reference: string;
}

/** The key of a record: the values of its key columns, as text exactly as the store gave them. */
export type Key = readonly string[];

export interface RecordAddress {
  readonly store: string;
  readonly dataset: string;
  readonly key: Key;
}

/**
 * Which records a hold covers. Every dimension that is stated must match; one that a record cannot answer
 * (no customer is mapped, say) counts as matching, since doubt keeps.
 */
export interface HoldScope {
  readonly customers: readonly string[] | null;
  readonly numbers: readonly string[] | null;
  readonly classes: readonly string[] | null;
  /** Records whose period started from here (inclusive) until there (exclusive). */
  readonly fromMs: number | null;
  readonly untilMs: number | null;
  readonly records: readonly RecordAddress[] | null;
}

/** Records that must be kept whatever the policy says: a legal hold, or a restriction of processing. */
export interface Hold {
  readonly id: string;
  readonly kind: 'legal' | 'restriction';
  readonly matter: string;
  readonly reason: string;
  readonly placedBy: string;
  readonly placedAtMs: number;
  readonly releasedBy: string | null;
  readonly releasedAtMs: number | null;
  readonly releaseReason: string | null;
  readonly scope: HoldScope;
}

/** After a hold's release nothing of it is disposed of for this long, as Purview gives 30 days to change one's mind. */
export const COOLING_PERIOD_MS = 30 * 24 * 60 * 60 * 1000;

/** A third party that may hold copies, from the register of sub-processors. */
export interface SubProcessor {
  readonly name: string;
  readonly location: string;
  readonly purpose: string;
  readonly categories: string;
  readonly classes: readonly string[];
}

/** Everything that the owner's folder says. Holds placed by command live in the ledger and join at run time. */
export interface PolicySet {
  readonly policies: readonly Policy[];
  readonly limits: readonly Limit[];
  readonly statements: readonly LawStatement[];
  readonly instructions: readonly Instruction[];
  readonly holds: readonly Hold[];
  /** Instructions of which a run under way learns what keeps alone: written, changed or taken out since its plan. */
  readonly keeping?: readonly Instruction[];
  readonly subProcessors: readonly SubProcessor[];
  /** SHA-256 over all of the above, hex: what a plan was made under. */
  readonly digest: string;
}

/** The rules that can touch records of one class, picked once so that deciding on a record is cheap. */
export interface ClassRules {
  readonly class: string;
  readonly policies: readonly Policy[];
  readonly limits: readonly Limit[];
  /** Jurisdictions whose law on the class the owner has stated, be it that no limit applies. */
  readonly stated: readonly StatedLaw[];
  readonly instructions: readonly Instruction[];
  /** Instructions that may lengthen a period and not shorten one. */
  readonly keeping?: readonly Instruction[];
  readonly holds: readonly Hold[];
}

export interface StatedLaw {
  readonly jurisdiction: string;
  /** Other limits are entered there, and of this class nothing is said: none is taken to apply, and that is told. */
  readonly assumed: boolean;
}

/** When a decision is made: now, and when the job comes by next (a ceiling must not be passed in between). */
export interface Moment {
  readonly nowMs: number;
  readonly nextRunMs: number;
}
