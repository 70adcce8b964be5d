// The rules that can touch one class, picked from everything there is.
import type { ClassRules, Disposition, Hold, Policy, PolicySet } from './policy.ts';

/** `registered` are the holds of the ledger; those of the owner's folder are in the set. */
export function rulesFor(name: string, set: PolicySet, registered: readonly Hold[]): ClassRules {
  const speaksOf = (one: { readonly class: string }): boolean => one.class === name;
  return {
    class: name,
    policies: set.policies.filter(speaksOf),
    limits: set.limits.filter(speaksOf),
    instructions: set.instructions.filter(speaksOf),
    holds: [...set.holds, ...registered].filter(hold => hold.scope.classes?.includes(name) ?? true),
  };
}

/** Whether every policy of a class states a period; records of a class stay until an owner states one. */
export function areStated(policies: readonly Pick<Policy, 'period'>[]): boolean {
  return policies.every(({ period }) => period.kind === 'calendar' || period.kind === 'exact');
}

/** What is done to records of a class at the end; null where no end is stated. */
export function dispositionOf(name: string, set: PolicySet): Disposition | null {
  const policies = set.policies.filter(policy => policy.class === name);
  return areStated(policies) ? (policies[0]?.disposition ?? null) : null;
}
