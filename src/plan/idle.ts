// Retention that does nothing: classes that nothing holds, datasets that no job reaches, that are only ever reported, or in
// which no plan has found anything due.
import { isoInstant } from '../clock.ts';
import type { PartHistory } from '../ledger/part-histories.ts';
import { familyOf } from '../policy/dated-names.ts';
import type { PolicySet } from '../policy/policy.ts';
import type { Dataset, StoreMap } from '../stores/store.ts';
import { advises, type CoverageNote, warns } from './coverage-note.ts';
import { classesOf } from './data-map.ts';
import type { Job } from './job.ts';

/** All data maps, jobs and policies that there are, and what plans have found. */
export interface IdleInput {
  readonly all: { readonly stores: readonly StoreMap[]; readonly jobs: readonly Job[] };
  readonly policySet: PolicySet;
  readonly histories: readonly PartHistory[];
}

/** Classes that a policy speaks of and no data map: nothing of them is ever looked at. */
export function unheldClasses({ all, policySet }: IdleInput): CoverageNote[] {
  const held = new Set(
    all.stores.flatMap(store => store.datasets.flatMap(one => classesOf(one).map(of => of.class))),
  );
  const names = [...new Set(policySet.policies.map(policy => policy.class))].filter(name => !held.has(name));
  return names
    .sort()
    .map(name =>
      warns(
        `class ${name} has a policy, and no dataset holds it`,
        'Map what holds its records; if nothing does, the policy has nothing to act on',
      ),
    );
}

/** What plans have found of a class, in all of its tables where they are named by date. */
function pastOf(
  { store, name }: Dataset,
  of: string,
  histories: readonly PartHistory[],
): Pick<PartHistory, 'plans' | 'firstMs' | 'due' | 'stored'> | undefined {
  const own = histories.filter(
    one => one.store === store && familyOf(one.dataset) === name && one.class === of,
  );
  if (own.length === 0) return undefined;
  const stored = own.map(one => one.stored);
  return {
    plans: Math.max(...own.map(one => one.plans)),
    firstMs: Math.min(...own.map(one => one.firstMs)),
    due: own.reduce((sum, { due }) => sum + due, 0),
    stored: stored.includes(null) ? null : stored.reduce<number>((sum, rows) => sum + (rows ?? 0), 0),
  };
}

/** Datasets that no job reaches, that are only ever reported, or that no plan has found anything due in. */
export function idleNotes(dataset: Dataset, { all, histories }: IdleInput): CoverageNote[] {
  return classesOf(dataset).flatMap(({ class: of }) => {
    const name = `${dataset.store}/${dataset.name} (${of})`;
    const jobs = all.jobs.filter(
      job => job.stores.includes(dataset.store) && (job.classes === null || job.classes.includes(of)),
    );
    if (jobs.length === 0)
      return [warns(`no job reaches ${name}`, `Name store ${dataset.store} and class ${of} in a job`)];
    if (jobs.every(job => job.mode === 'report'))
      return [
        warns(`${name} is only reported, and never enforced`, 'Write mode: enforce in a job that reaches it'),
      ];
    const past = pastOf(dataset, of, histories);
    if (past === undefined) return [advises(`no plan has looked at ${name} yet`, 'Run: retention plan')];
    const day = isoInstant(past.firstMs).slice(0, 10);
    if (past.stored === 0)
      return [advises(`${name} was empty when it was last planned`, 'See that the mapping is right')];
    if (past.due > 0 || past.stored === null) return [];
    return [
      advises(
        `${name} has never had anything due, in ${past.plans} plans since ${day}`,
        'Right only if its oldest record is younger than its period: see `retention explain` for one',
      ),
    ];
  });
}
