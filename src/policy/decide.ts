// Which rule wins: one pure function that plan, enforce and explain all ask, so that there is no second opinion.
// The order is the law's, not ours: doubt keeps; then holds, locks, clocks that have not started, the longest
// floor, the shortest ceiling, the customer's instruction, and last the policy's own period.
import { countedExpiry } from './count.ts';
import { holdCovers, isActive } from './hold.ts';
import { instructionRule } from './instruction-rule.ts';
import { lawDoubt, limitApplies, limitCount, ownCount } from './law.ts';
import type { ClassRules, Disposition, Limit, Moment, Period, Policy, StatedPeriod } from './policy.ts';
import type { RecordFacts } from './record.ts';
import type { UndatedReason } from './start.ts';

export type Verdict = 'due' | 'not-due' | 'held' | 'undated';

/** The kind of rule that decided. `doubt` covers everything that keeps a record because something is not known. */
export type RuleKind =
  | 'doubt'
  | 'hold'
  | 'lock'
  | 'not-started'
  | 'floor'
  | 'ceiling'
  | 'instruction'
  | 'policy'
  | 'done';

export interface MatchedRule {
  readonly kind: RuleKind;
  /** The rule's id in its file or register; for `doubt`, what is in doubt. */
  readonly id: string;
  /** When the rule's period is over, in ms; null for rules without a period. */
  readonly untilMs: number | null;
}

export interface Decision {
  readonly verdict: Verdict;
  /** The rule that decided. */
  readonly operative: MatchedRule;
  /** Every rule that matched, in the order of precedence, the operative one among them. */
  readonly matched: readonly MatchedRule[];
  /** When the record is or was due, in ms; null when that cannot be said. */
  readonly expiryMs: number | null;
  /** What is to be done with it; null unless it is due. */
  readonly disposition: Disposition | null;
}

/** Clock skew between systems makes a start slightly in the future ordinary; beyond this it is a doubt. */
export const FUTURE_TOLERANCE_MS = 48 * 60 * 60 * 1000;

/** Decides on one record. Pure: the same record, rules and moment always give the same decision. */
export function decide(record: RecordFacts, rules: ClassRules, moment: Moment): Decision {
  const doubt = doubtAbout(record, rules, moment);
  const matched: MatchedRule[] = [];
  if (doubt !== null) matched.push({ kind: 'doubt', id: doubt, untilMs: null });
  for (const hold of rules.holds) {
    if (isActive(hold, moment.nowMs) && holdCovers(hold, record)) {
      matched.push({ kind: 'hold', id: hold.id, untilMs: null });
    }
  }
  if (record.lock !== null) matched.push({ kind: 'lock', id: record.lock, untilMs: null });
  if (record.start.kind === 'not-started') {
    matched.push({
      kind: 'not-started',
      id: record.start.contradictory ? 'open-but-dated' : 'open',
      untilMs: null,
    });
  }
  const first = matched[0];
  if (first !== undefined) {
    const verdict =
      first.kind === 'hold'
        ? 'held'
        : first.kind === 'doubt' && first.id === undatedReason(record, moment)
          ? 'undated'
          : 'not-due';
    const rest = record.start.kind === 'at' ? timed(record, record.start.ms, rules, moment).matched : [];
    return { verdict, operative: first, matched: [...matched, ...rest], expiryMs: null, disposition: null };
  }
  if (record.start.kind !== 'at') throw new Error('a record without a start was not caught as a doubt');
  const { decision, matched: all } = timed(record, record.start.ms, rules, moment);
  if (decision.disposition !== null && record.done.includes(decision.disposition)) {
    const done: MatchedRule = { kind: 'done', id: 'already disposed of', untilMs: null };
    return { ...decision, verdict: 'not-due', operative: done, matched: [done, ...all], disposition: null };
  }
  return decision;
}

/** What is in doubt about a record, in one word, or null. Section 0 of the precedence: doubt keeps. */
function doubtAbout(record: RecordFacts, rules: ClassRules, moment: Moment): string | null {
  if (record.class === null || record.class !== rules.class || rules.policies.length === 0)
    return 'unknown-class';
  const undated = undatedReason(record, moment);
  if (undated !== null) return undated;
  if (record.fileDoubt !== null) return 'file-unnamed';
  return null;
}

/** Why a record's start cannot be relied on at this moment, or null when it can. */
export function undatedReason(record: RecordFacts, moment: Moment): UndatedReason | null {
  const { start } = record;
  if (start.kind === 'undated') return start.why;
  return start.ms !== undefined && start.ms > moment.nowMs + FUTURE_TOLERANCE_MS ? 'future' : null;
}

/** A rule with a period, and whether that period is over: a ceiling's by the next run, any other's by now. */
export interface TimedRule extends MatchedRule {
  readonly untilMs: number;
  readonly over: boolean;
}

function timed(
  record: RecordFacts,
  startMs: number,
  rules: ClassRules,
  moment: Moment,
): { readonly decision: Decision; readonly matched: readonly MatchedRule[] } {
  const floor = latest(limitsOf('floor', record, startMs, rules, moment));
  const ceiling = earliest(limitsOf('ceiling', record, startMs, rules, moment));
  const endless = rules.policies.find(one => isEndless(one.period));
  const own = endless === undefined ? ownRule(record, startMs, rules.policies, moment) : null;
  const doubt = doubtfulLaw(record, rules);
  const instruction = own === null ? null : instructionRule(record, startMs, rules, own, moment);
  const policy: MatchedRule | null =
    own ?? (endless === undefined ? null : { kind: 'policy', id: endless.id, untilMs: null });
  const matched = [doubt, floor, ceiling, instruction, policy].filter(rule => rule !== null);
  const disposition = rules.policies[0]?.disposition ?? null;
  const conclude = (verdict: Verdict, operative: MatchedRule, expiryMs: number | null): Decision => ({
    verdict,
    operative: plain(operative),
    matched: matched.map(plain),
    expiryMs,
    disposition: verdict === 'due' ? disposition : null,
  });
  const decided = (): Decision => {
    // A class whose owner has stated no period is never disposed of, whatever else would say so.
    if (own === null) {
      return conclude('not-due', policy ?? { kind: 'policy', id: rules.class, untilMs: null }, null);
    }
    if (doubt !== null) return conclude('not-due', doubt, null);
    const wanted = clampedExpiry(instruction ?? own, floor, ceiling);
    if (floor !== null && !floor.over) return conclude('not-due', floor, wanted);
    if (ceiling?.over) return conclude('due', ceiling, ceiling.untilMs);
    const rule = instruction ?? own;
    return conclude(rule.over ? 'due' : 'not-due', rule, wanted);
  };
  return { decision: decided(), matched: matched.map(plain) };
}

/** A law that nobody has stated may be a floor without end: it keeps as the longest of them would. */
function doubtfulLaw({ jurisdiction }: RecordFacts, rules: ClassRules): MatchedRule | null {
  const id = lawDoubt(jurisdiction, rules);
  return id === null ? null : { kind: 'doubt', id, untilMs: null };
}

function plain(rule: MatchedRule): MatchedRule {
  return { kind: rule.kind, id: rule.id, untilMs: rule.untilMs };
}

function clampedExpiry(rule: TimedRule, floor: TimedRule | null, ceiling: TimedRule | null): number {
  const raised = Math.max(rule.untilMs, floor?.untilMs ?? Number.NEGATIVE_INFINITY);
  return Math.min(raised, ceiling?.untilMs ?? Number.POSITIVE_INFINITY);
}

function isEndless(period: Period): period is Exclude<Period, StatedPeriod> {
  return period.kind === 'unstated' || period.kind === 'forever';
}

/** Several policies on one record: the longest at-least wins over any at-most; among at-most, the shortest. */
function ownRule(
  { jurisdiction }: RecordFacts,
  startMs: number,
  policies: readonly Policy[],
  moment: Moment,
): TimedRule | null {
  const stated: TimedRule[] = [];
  const floors: TimedRule[] = [];
  for (const policy of policies) {
    if (isEndless(policy.period)) continue;
    const { period, bound, zone } = policy;
    const untilMs = countedExpiry(startMs, ownCount(period, bound, zone, jurisdiction));
    const least = bound === 'at-least';
    const over = untilMs <= (least ? moment.nowMs : moment.nextRunMs);
    (least ? floors : stated).push({ kind: 'policy', id: policy.id, untilMs, over });
  }
  return latest(floors) ?? earliest(stated);
}

function limitsOf(
  kind: Limit['kind'],
  record: RecordFacts,
  startMs: number,
  rules: ClassRules,
  moment: Moment,
): TimedRule[] {
  const found: TimedRule[] = [];
  for (const limit of rules.limits) {
    if (limit.kind !== kind || !limitApplies(limit, record.jurisdiction)) continue;
    const untilMs = countedExpiry(startMs, limitCount(limit, record.jurisdiction));
    const over = untilMs <= (kind === 'floor' ? moment.nowMs : moment.nextRunMs);
    found.push({ kind, id: limit.id, untilMs, over });
  }
  return found;
}

function latest(rules: readonly TimedRule[]): TimedRule | null {
  return rules.reduce<TimedRule | null>((a, b) => (a !== null && a.untilMs >= b.untilMs ? a : b), null);
}

function earliest(rules: readonly TimedRule[]): TimedRule | null {
  return rules.reduce<TimedRule | null>((a, b) => (a !== null && a.untilMs <= b.untilMs ? a : b), null);
}
