// The rules that can touch one class, picked from everything there is.
import { statedLaw } from './law.ts';
import type { ClassRules, Disposition, Hold, Policy, PolicySet } from './policy.ts';
import type { ReadingRules } from './record.ts';

/** Where records stand; `partOf` names the dataset whose rows they are a part of. */
type Place = Pick<ReadingRules, 'partOf'>;

/** `registered` are the holds of the ledger; those of the owner's folder are in the set. */
export function rulesFor(
  name: string,
  set: PolicySet,
  registered: readonly Hold[],
  place: Place,
): ClassRules {
  const speaksOf = (one: { readonly class: string }): boolean => one.class === name;
  return {
    class: name,
    policies: set.policies
      .filter(speaksOf)
      .map(policy => ({ ...policy, disposition: dispositionAt(place, policy.disposition) })),
    limits: set.limits.filter(speaksOf),
    stated: statedLaw(name, set.statements),
    instructions: set.instructions.filter(speaksOf),
    keeping: (set.keeping ?? []).filter(speaksOf),
    holds: [...set.holds, ...registered].filter(hold => hold.scope.classes?.includes(name) ?? true),
  };
}

/** Whether every policy of a class states a period; records of a class stay until an owner states one. */
export function areStated(policies: readonly Pick<Policy, 'period'>[]): boolean {
  return policies.every(({ period }) => period.kind === 'calendar' || period.kind === 'exact');
}

/** What is done to records of a class at the end; null where no end is stated. */
export function dispositionOf(name: string, set: PolicySet, place: Place): Disposition | null {
  const policies = set.policies.filter(policy => policy.class === name);
  const [first] = policies;
  return first === undefined || !areStated(policies) ? null : dispositionAt(place, first.disposition);
}

/**
 * What a purge is to a part of a row: its columns are masked, its files go, and the row stays for what else is in it. It
 * is called what it is, since `purged` says of a key that it is gone, and this one is still there.
 */
function dispositionAt({ partOf }: Place, disposition: Disposition): Disposition {
  return partOf !== null && disposition === 'purge' ? 'anonymise' : disposition;
}
