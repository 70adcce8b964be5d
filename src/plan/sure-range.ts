// What is sure of a class in a dataset, in the terms that its store compares in: asked when a plan is made, and again,
// with the holds as they are then, when each batch is disposed of.
import { canonicalJson } from '../digest.ts';
import type { ClassRules, Moment } from '../policy/policy.ts';
import { startBound } from '../policy/start.ts';
import { sureSelection } from '../policy/sure.ts';
import type { SureRange } from '../stores/listed.ts';
import type { Dataset } from '../stores/store.ts';

/** Null where each record has to be read: the rules, the dataset or its unit leave none of them sure. */
export function sureRange(
  dataset: Dataset,
  tags: readonly string[] | null,
  rules: ClassRules,
  moment: Moment,
): SureRange | null {
  // The start stands in another table or is told by it, or keys must be hashed one by one: both take a look at each record.
  if (dataset.startFrom !== null || dataset.startRows !== null || dataset.keysPersonal) return null;
  const selection = sureSelection(rules, dataset, moment);
  if (selection === null || dataset.start.closedStatuses !== null) return null;
  const bound = (ms: number) => startBound(ms, dataset.start);
  const [plausibleFrom, before] = [bound(dataset.start.plausibleFromMs), bound(selection.beforeMs)];
  if (plausibleFrom === null || before === null) return null;
  const { spans, ...apart } = selection.apart;
  return {
    tags,
    plausibleFrom,
    before,
    beforeMs: selection.beforeMs,
    apart: {
      ...apart,
      spans: spans.map(({ fromMs, untilMs }) => ({
        from: fromMs === null ? null : bound(fromMs),
        until: untilMs === null ? null : bound(untilMs),
      })),
    },
  };
}

/** Whether what was acted on is still sure: no less is due now, and the same is set apart. */
export function isStillSure(acted: SureRange, now: SureRange | null): boolean {
  return (
    now !== null && now.beforeMs >= acted.beforeMs && canonicalJson(now.apart) === canonicalJson(acted.apart)
  );
}
