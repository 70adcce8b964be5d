// What a due record must look like, said so that a store can look for it: the push-down of `decide`. Each selection
// is a range of starts, for one customer or for all; together they hold every record that could be due. Floors, holds and longer instructions only keep, so they are left to `decide`.
import { cutoff } from './expiry.ts';
import { isKeyOf } from './identity.ts';
import { isInForce } from './instruction.ts';
import type { ClassRules, Key, Moment } from './policy.ts';
import type { RecordFacts } from './record.ts';

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
  address: { store: string; dataset: string },
  moment: Moment,
): Selection[] {
  const base = baseSelection(rules, moment);
  if (base === null) return [];
  const chosen: Selection[] = [base];
  if (rules.policies.some(policy => policy.bound === 'at-least')) return chosen;
  const zone = rules.policies[0]?.zone ?? 'UTC';
  for (const instruction of rules.instructions) {
    if (!isInForce(instruction, moment.nowMs)) continue;
    if (instruction.record !== null) {
      const { store, dataset } = instruction.record;
      if (store !== address.store || dataset !== address.dataset) continue;
    }
    const beforeMs = cutoff(moment.nextRunMs, instruction.period, zone);
    if (beforeMs <= base.beforeMs) continue;
    const customer = instruction.scope === 'account' ? instruction.customer : null;
    const key = instruction.record?.key ?? null;
    chosen.push({ because: instruction.id, zone, fromMs: base.beforeMs, beforeMs, customer, key });
  }
  return chosen;
}

/** The latest start that the policy or a ceiling could find due, for all customers alike. */
function baseSelection(rules: ClassRules, moment: Moment): Selection | null {
  const bounds: { because: string; zone: string; beforeMs: number }[] = [];
  for (const policy of rules.policies) {
    if (policy.period.kind === 'unstated' || policy.period.kind === 'forever') return null;
    const horizonMs = policy.bound === 'at-least' ? moment.nowMs : moment.nextRunMs;
    bounds.push({
      because: policy.id,
      zone: policy.zone,
      beforeMs: cutoff(horizonMs, policy.period, policy.zone),
    });
  }
  for (const limit of rules.limits) {
    if (limit.kind === 'ceiling') {
      bounds.push({
        because: limit.id,
        zone: limit.zone,
        beforeMs: cutoff(moment.nextRunMs, limit.period, limit.zone),
      });
    }
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
