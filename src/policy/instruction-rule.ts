// Which of a customer's instructions acts on a record: what `decide` asks before the policy's own period.
import { countedExpiry } from './count.ts';
import type { TimedRule } from './decide.ts';
import { covers, isInForce, mayCover, scopeRank } from './instruction.ts';
import { ownCount } from './law.ts';
import type { Bound, ClassRules, Instruction, Moment } from './policy.ts';
import type { RecordFacts } from './record.ts';

/**
 * The customer's order that speaks most explicitly of this record. One that shortens acts as a ceiling; one that
 * lengthens as a floor of the customer's own, so that nothing goes a day before the customer said. An `at-least`
 * policy can only be lengthened. To shorten, an order must name the record exactly. One that lengthens and only may
 * speak of it keeps it for as long as it says, unless one that surely does is more explicit.
 */
export function instructionRule(
  record: RecordFacts,
  startMs: number,
  rules: ClassRules,
  own: TimedRule,
  moment: Moment,
): TimedRule | null {
  const zone = rules.policies[0]?.zone ?? 'UTC';
  const onlyLonger = rules.policies.some(policy => policy.bound === 'at-least');
  let sure: TimedOrder | null = null;
  const maybe: TimedOrder[] = [];
  const add = (instruction: Instruction, mayShorten: boolean): void => {
    if (!isInForce(instruction, moment.nowMs)) return;
    const endOf = (bound: Bound): number =>
      countedExpiry(startMs, ownCount(instruction.period, bound, zone, record.jurisdiction));
    const lengthens = endOf(onlyLonger ? 'at-least' : 'at-most') > own.untilMs;
    if (!lengthens && (onlyLonger || !mayShorten)) return;
    const isSure = mayShorten && covers(instruction, record);
    if (!isSure && !(lengthens && mayCover(instruction, record))) return;
    const untilMs = endOf(lengthens ? 'at-least' : 'at-most');
    const over = untilMs <= (lengthens ? moment.nowMs : moment.nextRunMs);
    const order: TimedOrder = {
      rank: scopeRank(instruction),
      rule: { kind: 'instruction', id: instruction.id, untilMs, over },
    };
    if (!isSure) maybe.push(order);
    else if (sure === null || isBefore(order, sure)) sure = order;
  };
  for (const instruction of rules.instructions) add(instruction, true);
  for (const instruction of rules.keeping ?? []) add(instruction, false);
  return strongest(sure, maybe).reduce<TimedRule | null>(
    (a, b) => (a !== null && a.untilMs >= b.untilMs ? a : b),
    null,
  );
}

interface TimedOrder {
  /** How explicit it is; 0 is the most. */
  readonly rank: number;
  readonly rule: TimedRule;
}

function isBefore(one: TimedOrder, other: TimedOrder): boolean {
  return one.rank < other.rank || (one.rank === other.rank && one.rule.untilMs > other.rule.untilMs);
}

/** An order that only may speak of a record yields to one that surely does and is more explicit. */
function strongest(sure: TimedOrder | null, maybe: readonly TimedOrder[]): TimedRule[] {
  const first = sure === null ? [] : [sure];
  return [...first, ...maybe.filter(({ rank }) => sure === null || rank <= sure.rank)].map(
    ({ rule }) => rule,
  );
}
