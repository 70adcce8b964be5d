// The parts of a plan that nothing was read for: a dataset that is not as declared, and one that has no table.
import type { ClassRules } from '../policy/policy.ts';
import { areStated } from '../policy/rules.ts';
import type { Dataset } from '../stores/store.ts';
import { tellNoTable } from './expand-maps.ts';
import type { Job } from './job.ts';
import type { Finding, PlanPart } from './plan.ts';
import { NO_COUNTS } from './tally.ts';

/** What a part holds that no record was counted in. */
export const NOTHING = {
  counts: NO_COUNTS,
  storedIsEstimate: false,
  oldestMs: null,
  newestMs: null,
  overdueMs: 0,
  months: [],
  bytes: null,
  files: 0,
  children: {},
  partitions: [],
  findings: [],
} as const;

/** A dataset that does not fit its declaration is not read any further; the others go on. */
export function refusedPart(
  dataset: Dataset,
  job: Job,
  rules: ClassRules,
  reasons: readonly string[],
  others: readonly Finding[],
): PlanPart {
  return {
    store: dataset.store,
    dataset: dataset.name,
    class: rules.class,
    policies: rules.policies.map(policy => policy.id),
    disposition: null,
    ...NOTHING,
    bounds: [],
    limits: job.limits,
    findings: [
      ...reasons.map(
        (message): Finding => ({
          severity: 'refused',
          code: 'store-mismatch',
          message,
          count: 1,
          samples: [],
        }),
      ),
      ...others,
    ],
  };
}

/** A name that no table has retains nothing and says nothing, and is what people find out about last. */
export function partWithoutTable(dataset: Dataset, job: Job, rules: ClassRules): PlanPart {
  const { message, hint } = tellNoTable(dataset);
  return {
    ...refusedPart(dataset, job, rules, [], []),
    disposition: areStated(rules.policies) ? (rules.policies[0]?.disposition ?? null) : null,
    findings: [
      { severity: 'warning', code: 'no-tables', message: `${message}. ${hint}`, count: 0, samples: [] },
    ],
  };
}
