// A decision in one sentence that a lawyer can read, and each matched rule in a few words.
import { isoInstant } from '../clock.ts';
import type { Decision, MatchedRule } from './decide.ts';
import { formatPeriod } from './period.ts';
import type { ClassRules } from './policy.ts';

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
      return `It is kept until ${until} by the statutory minimum ${operative.id}.`;
    case 'ceiling':
      return `It is due (${disposition ?? ''}) because the statutory maximum ${operative.id} ends on ${until}.`;
    case 'instruction':
    case 'policy': {
      const named =
        operative.kind === 'policy'
          ? `policy ${operative.id} (${periodOf(rules, operative.id)})`
          : `the customer's instruction ${operative.id}`;
      if (operative.untilMs === null) return `It is kept: ${named} states no end.`;
      return verdict === 'due'
        ? `It is due (${disposition ?? ''}) because ${named} ended on ${until}.`
        : `It is kept until ${until} by ${named}.`;
    }
  }
}

/** `floor us-47cfr42.6, until 2027-03-01` */
export function describeRule(rule: MatchedRule): string {
  const until = rule.untilMs === null ? '' : `, until ${day(rule.untilMs)}`;
  return `${rule.kind} ${rule.id}${until}`;
}

function periodOf(rules: ClassRules, id: string): string {
  const policy = rules.policies.find(one => one.id === id);
  return policy === undefined ? '' : formatPeriod(policy.period);
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

function doubtWords(doubt: string): string {
  if (doubt === 'unknown-class') return 'its tag names no class that has a policy';
  if (doubt === 'file-unnamed') return 'the file that goes with it cannot be named';
  return `its start is ${undatedWords[doubt] ?? doubt}`;
}
