// What is known of files that are not there: whether an earlier run of ours removed them. And what a batch's outcomes say of
// files, whatever became of their rows.
import { FILE_WENT } from '../ledger/told.ts';
import { findFile } from '../plan/file-places.ts';
import type { PlanPart } from '../plan/plan.ts';
import { earlierFiles } from '../plan/row-parts.ts';
import { keyText } from '../policy/key-text.ts';
import { type RecordFacts, readRecord } from '../policy/record.ts';
import type { Outcome } from '../stores/order.ts';
import type { Dataset, Store } from '../stores/store.ts';
import type { Disposing } from './batch-log.ts';
import type { FilesStory } from './release-files.ts';

/** Asked of the audit log once a run and dataset, and only where a file is missing at all. */
const known = new WeakMap<Disposing, Map<string, ReturnType<typeof earlierFiles>>>();

export async function wentByUs(work: Disposing, dataset: Dataset, record: RecordFacts): Promise<boolean> {
  // A replay looks for what went: that its files are gone is as it should be.
  if (work.plan.source.kind === 'replay') return true;
  const asked = known.get(work) ?? new Map<string, ReturnType<typeof earlierFiles>>();
  known.set(work, asked);
  const id = `${dataset.store}/${dataset.name}`;
  const earlier = asked.get(id) ?? earlierFiles(work.ledger.audit, dataset);
  asked.set(id, earlier);
  return (await earlier).interrupted.has(keyText(record.key, dataset.keysPersonal ? work.hashKey : null));
}

/** An outcome with what became of its record's files: that one was missing, or that one has gone though its record stays. */
export function withFilesStory(outcome: Outcome, { missing, removed }: FilesStory): Outcome {
  const key = JSON.stringify(outcome.key);
  if (outcome.did === 'failed')
    return removed.has(key) ? { ...outcome, by: `${outcome.by}: ${FILE_WENT}` } : outcome;
  if (outcome.did === 'spared') {
    if (!removed.has(key)) return outcome;
    return { ...outcome, by: outcome.by === null ? FILE_WENT : `${outcome.by}: ${FILE_WENT}` };
  }
  return missing.has(key) ? { ...outcome, why: 'missing' } : outcome;
}

/**
 * What a settled batch came to, with what is there of the files of its rows that stand: what was there when it was planned and
 * is not there now has gone by our own hand. Null while that cannot be told.
 */
export async function settledFiles(
  outcomes: readonly Outcome[],
  dataset: Dataset,
  batch: { readonly seq: number; readonly part: PlanPart },
  store: Store,
  stores: ReadonlyMap<string, Store>,
): Promise<readonly Outcome[] | null> {
  const isLeft = (outcome: Outcome): boolean => outcome.did === 'spared' && outcome.why === 'interrupted';
  if (dataset.files.length === 0 || !outcomes.some(isLeft)) return outcomes;
  if (batch.part.missing?.batches.includes(batch.seq))
    return outcomes.map(one =>
      isLeft(one) ? { key: one.key, did: 'spared', why: 'missing', by: null } : one,
    );
  const left = outcomes.filter(isLeft).map(({ key }) => key);
  const says = new Map<string, string>();
  for (const stored of await store.find(dataset, left)) {
    let [went, is] = [false, true];
    for (const file of readRecord(stored, dataset).files) {
      const found = await findFile(file, stores);
      if (found.unreachable || !stores.has(file.store)) is = false;
      went ||= found.files === 0 && found.doubt === null;
    }
    if (!is) return null;
    says.set(JSON.stringify(stored.key), went ? FILE_WENT : 'its file is not known to be gone');
  }
  return outcomes.map(one => {
    const by = says.get(JSON.stringify(one.key));
    return isLeft(one) && by !== undefined ? { key: one.key, did: 'spared', why: 'interrupted', by } : one;
  });
}
