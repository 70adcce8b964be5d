// What a job would meet in its stores, told without a plan being made: every dataset against the real table, how its
// records would be found, and what would help. It refuses what a plan refuses, since it asks the same.
import type { ClassRules, Moment, PolicySet } from '../policy/policy.ts';
import { dispositionOf, rulesFor } from '../policy/rules.ts';
import type { Dataset, StoreMap, StoreReader } from '../stores/store.ts';
import { classesOf, mapDatasets } from './data-map.ts';
import type { Job } from './job.ts';
import { sureRange } from './sure-range.ts';

export interface Examined {
  readonly store: string;
  readonly dataset: string;
  /** Table or folder. */
  readonly at: string;
  readonly notes: readonly Note[];
  /** For each class that the job reaches in it: how its due records are found. */
  readonly classes: readonly { readonly class: string; readonly found: string }[];
}

export interface Note {
  /** refuses: nothing of the dataset is disposed of. advises: it works, and could work better. */
  readonly verdict: 'refuses' | 'advises';
  readonly message: string;
  /** The way out; empty where the message says it. */
  readonly hint: string;
}

export interface ExamineInput {
  readonly job: Job;
  readonly policySet: PolicySet;
  readonly stores: readonly StoreMap[];
  readonly readers: ReadonlyMap<string, StoreReader>;
  readonly holds: Parameters<typeof rulesFor>[2];
  readonly moment: Moment;
}

export async function examineJob(input: ExamineInput): Promise<readonly Examined[]> {
  const { job, policySet } = input;
  const all: Examined[] = [];
  for (const { dataset, children } of mapDatasets(input.stores)) {
    const reader = input.readers.get(dataset.store);
    if (reader === undefined) throw new Error(`store ${dataset.store} was not opened`);
    const wanted = classesOf(dataset).filter(one => job.classes === null || job.classes.includes(one.class));
    if (wanted.length === 0) continue;
    const purges = wanted.some(one => dispositionOf(one.class, policySet) === 'purge');
    const mismatches = await reader.check(dataset, purges ? 'purge' : null);
    const notes: Note[] = mismatches.map(({ message, hint }) => ({ verdict: 'refuses', message, hint }));
    const classes: { class: string; found: string }[] = [];
    // What does not fit its declaration cannot be asked any further.
    if (mismatches.length === 0) {
      const advice = await reader.indexAdvice(dataset);
      if (advice !== null) notes.push({ verdict: 'advises', message: advice, hint: '' });
      for (const one of wanted) {
        const rules = rulesFor(one.class, policySet, input.holds);
        const disposition = dispositionOf(one.class, policySet);
        if (disposition !== null && !reader.facts.dispositions.includes(disposition))
          notes.push({
            verdict: 'refuses',
            message: `class ${one.class} ends in "${disposition}", which a store of kind ${reader.kind} cannot do`,
            hint: 'Give the class another disposition, or hold its records in another store',
          });
        const found = await howFound(reader, dataset, one.tags, rules, input.moment, children.length > 0);
        classes.push({ class: one.class, found });
      }
    }
    const { store, name, at } = dataset;
    all.push({ store, dataset: name, at, notes, classes });
  }
  return all;
}

/** In words: whether the store lists what is due, and along what, or each record is read. */
async function howFound(
  reader: StoreReader,
  dataset: Dataset,
  tags: readonly string[] | null,
  rules: ClassRules,
  moment: Moment,
  isReferredTo: boolean,
): Promise<string> {
  const isStated = rules.policies.every(
    ({ period }) => period.kind === 'calendar' || period.kind === 'exact',
  );
  if (!isStated) return 'not looked for: the period is not stated';
  const range = isReferredTo || !reader.facts.pushesDown ? null : sureRange(dataset, tags, rules, moment);
  const walk = range && (await reader.walk(dataset, range));
  if (walk === null)
    return reader.facts.pushesDown
      ? 'read one by one, those only that may be due'
      : 'read one by one, all there are';
  return `listed along ${walk.by === 'start' ? 'the start' : 'the key'} by index ${walk.index}: ${walk.why}`;
}
