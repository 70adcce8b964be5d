// A decision in one sentence that a lawyer can read, and each matched rule in a few words.
import { isoInstant } from '../clock.ts';
import type { Decision, MatchedRule } from './decide.ts';
import { formatPeriod } from './period.ts';
import type { ClassRules, Period } from './policy.ts';

/** Why the record goes or stays, with the rule that decided and its date. */
export function describeDecision(decision: Decision, rules: ClassRules): string {
  const { operative, verdict, disposition } = decision;
  const until = operative.untilMs === null ? '' : day(operative.untilMs);
  switch (operative.kind) {
    case 'doubt':
      return `It is kept because something about it is in doubt: ${doubtWords(operative.id)}.`;
    case 'hold': {
      const hold = rules.holds.find(one => one.id === operative.id);
      const cooling =
        hold?.releasedAtMs == null
          ? ''
          : `, which was released on ${day(hold.releasedAtMs)} and holds for thirty days more`;
      return `It is kept by hold ${operative.id}${hold === undefined ? '' : ` (${hold.matter})`}${cooling}.`;
    }
    case 'lock':
      return `It is kept by its store's own lock (${operative.id}).`;
    case 'not-started':
      return 'It is kept because its period has not started: the account is open.';
    case 'done':
      return 'It stays as it is: what its policy asks for has been done to it.';
    case 'floor':
      return verdict === 'due' ? becauseOf(decision, rules) : keptBy(decision, rules);
    case 'ceiling':
      return `It is due (${disposition ?? ''}) because the statutory maximum ${operative.id} ends on ${until}.`;
    case 'instruction':
    case 'policy':
      if (operative.untilMs === null) return `It is kept: ${named(operative, rules)} states no end.`;
      return verdict === 'due' ? becauseOf(decision, rules) : keptBy(decision, rules);
  }
}

/** Until when it is really kept, and by the rule that ends then: the one that decided may be over before. */
function keptBy({ operative, matched, expiryMs }: Decision, rules: ClassRules): string {
  const until = (rule: MatchedRule): string => (rule.untilMs === null ? '' : day(rule.untilMs));
  const last = matched.find(rule => rule.untilMs === expiryMs) ?? operative;
  if (expiryMs === null || last.untilMs === operative.untilMs)
    return `It is kept until ${until(operative)} by ${named(operative, rules)}.`;
  if (last.kind === 'ceiling')
    return `It is kept until ${until(last)}, when ${named(last, rules)} ends; ${named(operative, rules)} would keep it until ${until(operative)}.`;
  return `It is kept until ${until(last)} by ${named(last, rules)}; ${named(operative, rules)} keeps it until ${until(operative)}.`;
}

function becauseOf({ operative, matched, disposition }: Decision, rules: ClassRules): string {
  const endMs = operative.untilMs ?? 0;
  const ended =
    operative.kind === 'instruction'
      ? `the period of ${named(operative, rules)} ended`
      : `${named(operative, rules)} ended`;
  const floor = matched.find(rule => rule.kind === 'floor' && (rule.untilMs ?? 0) > endMs);
  const longer = floor === undefined ? '' : `, and ${named(floor, rules)} on ${day(floor.untilMs ?? 0)}`;
  return `It is due (${disposition ?? ''}) because ${ended} on ${day(endMs)}${longer}.`;
}

function named({ kind, id }: MatchedRule, rules: ClassRules): string {
  switch (kind) {
    case 'policy':
      return `policy ${id} (${periodOf(rules.policies, id)})`;
    case 'instruction':
      return `the customer's instruction ${id} (${periodOf(rules.instructions, id)})`;
    case 'floor':
      return `the statutory minimum ${id}`;
    case 'ceiling':
      return `the statutory maximum ${id}`;
    default:
      return `${kind} ${id}`;
  }
}

/** `floor us-47cfr42.6, until 2027-03-01` */
export function describeRule(rule: MatchedRule): string {
  const until = rule.untilMs === null ? '' : `, until ${day(rule.untilMs)}`;
  return `${rule.kind} ${rule.id}${until}`;
}

function periodOf(all: readonly { readonly id: string; readonly period: Period }[], id: string): string {
  const found = all.find(one => one.id === id);
  return found === undefined ? '' : formatPeriod(found.period);
}

/** An instant to the minute: periods end at a local midnight, and whose midnight it is can be seen from it. */
function day(ms: number): string {
  return isoInstant(ms).slice(0, 16).replace('T', ' ').concat(' UTC');
}

/** What each reason for being undated is called, after "the start is". */
export const undatedWords: Readonly<Record<string, string>> = {
  null: 'not there (NULL)',
  zero: 'a zero date',
  sentinel: 'a value that stands for unknown',
  implausible: 'too early to be real',
  future: 'in the future',
  unreadable: 'not readable in the declared unit',
  'source-missing': 'lost: the record that holds it is gone',
  'closed-undated': 'not there although the status says closed',
  contradictory: 'told by rows that contradict each other',
};

/** What is in doubt about the law that a record is under. */
export function lawDoubtWords(doubt: string): string | null {
  if (doubt === 'jurisdiction-unknown') return 'its jurisdiction is no code of ISO 3166';
  const place = doubt.startsWith(LAW_UNSTATED) ? doubt.slice(LAW_UNSTATED.length) : null;
  return place === null ? null : `nothing is stated of the law of ${place} on its class`;
}

const LAW_UNSTATED = 'law-unstated ';

function doubtWords(doubt: string): string {
  const law = lawDoubtWords(doubt);
  if (law !== null) return law;
  if (doubt === 'unknown-class') return 'its tag names no class that has a policy';
  if (doubt === 'file-unnamed') return 'the file that goes with it cannot be named';
  return `its start is ${undatedWords[doubt] ?? doubt}`;
}
