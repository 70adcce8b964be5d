// What a due record must look like, said so that a store can look for it: the push-down of `decide`. Each selection
// is a range of starts, for one customer or for all; together they hold every record that could be due. Floors, holds and longer instructions only keep, so they are left to `decide`.
import { zoneOfCutoff } from './count.ts';
import { isKeyOf } from './identity.ts';
import { isInForce } from './instruction.ts';
import { limitCutoff, limitsOf, ownCutoff } from './law.ts';
import type { ClassRules, Key, Moment } from './policy.ts';
import type { ReadingRules, RecordFacts } from './record.ts';

/** Records that started from `fromMs` (inclusive, null: no bound) until before `beforeMs`, in ms. */
export interface Selection {
  /** The rule that put the bound there, for people: a policy's, limit's or instruction's id. */
  readonly because: string;
  /** The zone whose days the bound stands between, for people. */
  readonly zone: string;
  readonly fromMs: number | null;
  readonly beforeMs: number;
  readonly customer: string | null;
  readonly key: Key | null;
}

/** The selections for one class; empty when nothing of the class can ever be due. */
export function selections(
  rules: ClassRules,
  address: {
    readonly store: string;
    readonly dataset: string;
    readonly jurisdiction: ReadingRules['jurisdiction'];
  },
  moment: Moment,
): Selection[] {
  const { jurisdiction } = address;
  const base = baseSelection(rules, jurisdiction, moment);
  if (base === null) return [];
  const chosen: Selection[] = [base];
  if (rules.policies.some(policy => policy.bound === 'at-least')) return chosen;
  const policyZone = rules.policies[0]?.zone ?? 'UTC';
  for (const instruction of rules.instructions) {
    if (!isInForce(instruction, moment.nowMs)) continue;
    if (instruction.record !== null) {
      const { store, dataset } = instruction.record;
      if (store !== address.store || dataset !== address.dataset) continue;
    }
    const ordered = { period: instruction.period, bound: 'at-most', zone: policyZone } as const;
    const own = ownCutoff(ordered, rules, jurisdiction, moment.nextRunMs, 'widest');
    const { beforeMs } = own;
    if (beforeMs <= base.beforeMs) continue;
    const customer = instruction.scope === 'account' ? instruction.customer : null;
    const key = instruction.record?.key ?? null;
    const zone = zoneOfCutoff(moment.nextRunMs, own);
    chosen.push({ because: instruction.id, zone, fromMs: base.beforeMs, beforeMs, customer, key });
  }
  return chosen;
}

/** The latest start that the policy or a ceiling could find due, for all customers alike. */
function baseSelection(
  rules: ClassRules,
  jurisdiction: ReadingRules['jurisdiction'],
  moment: Moment,
): Selection | null {
  const bounds: { because: string; zone: string; beforeMs: number }[] = [];
  for (const { id, period, bound, zone } of rules.policies) {
    if (period.kind === 'unstated' || period.kind === 'forever') return null;
    const horizonMs = bound === 'at-least' ? moment.nowMs : moment.nextRunMs;
    const own = ownCutoff({ period, bound, zone }, rules, jurisdiction, horizonMs, 'widest');
    bounds.push({ because: id, zone: zoneOfCutoff(horizonMs, own), beforeMs: own.beforeMs });
  }
  for (const limit of limitsOf('ceiling', rules, jurisdiction)) {
    const own = limitCutoff(limit, jurisdiction, moment.nextRunMs);
    bounds.push({
      because: limit.id,
      zone: zoneOfCutoff(moment.nextRunMs, own),
      beforeMs: own.beforeMs,
    });
  }
  const widest = bounds.reduce<(typeof bounds)[number] | null>(
    (a, b) => (a !== null && a.beforeMs >= b.beforeMs ? a : b),
    null,
  );
  return widest === null ? null : { ...widest, fromMs: null, customer: null, key: null };
}

/** Whether a record that started at `startMs` lies in a selection: how one found by two of them is listed once. */
export function isSelected(
  record: Pick<RecordFacts, 'key' | 'keyless' | 'customer'>,
  startMs: number,
  selection: Selection,
): boolean {
  if (startMs >= selection.beforeMs || (selection.fromMs !== null && startMs < selection.fromMs))
    return false;
  if (selection.customer !== null && selection.customer !== record.customer) return false;
  return selection.key === null || isKeyOf(selection.key, record);
}
