// The first thing that any run does: every intent without an outcome, of a run that was killed, is settled by looking
// at which of its keys are still there. The outcome says that it was settled that way.
import { keyText } from '../ledger/evidence.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Disposition, Key } from '../policy/policy.ts';
import type { Dataset, Outcome, Store } from '../stores/store.ts';
import { placeOf, writeOutcome } from './dispose-batch.ts';

export interface Recovery {
  /** Batches settled. */
  readonly settled: number;
  /** Batches of stores that this job does not reach: left for a job that does. */
  readonly left: number;
}

export async function recover(
  ledger: Ledger,
  stores: ReadonlyMap<string, Store>,
  datasetOf: (store: string, dataset: string) => Dataset | null,
  hashKey: string,
): Promise<Recovery> {
  let [settled, left] = [0, 0];
  for (const header of await ledger.plans.unsettled()) {
    const saved = await ledger.plans.find(header.plan);
    const part = saved?.plan.parts[header.part];
    const store = stores.get(part?.store ?? '');
    const dataset = part === undefined ? null : datasetOf(part.store, part.dataset);
    if (
      saved === null ||
      part === undefined ||
      part.disposition === null ||
      store === undefined ||
      dataset === null ||
      header.run === null
    ) {
      left += 1;
      continue;
    }
    const batch = await ledger.plans.load(header);
    const outcomes = await lookBack(store, dataset, part.disposition, batch.keys);
    const texts = batch.keys.map(key => keyText(key, dataset.keysPersonal ? hashKey : null));
    const place = placeOf(saved.plan, { part, disposition: part.disposition }, batch);
    await writeOutcome({ ledger, run: header.run }, place, batch, texts, outcomes, true);
    settled += 1;
  }
  return { settled, left };
}

/** What became of keys, told from what is there now. */
async function lookBack(
  store: Store,
  dataset: Dataset,
  disposition: Disposition,
  keys: readonly Key[],
): Promise<Outcome[]> {
  const found = new Map(
    (await store.find(dataset, keys)).map(record => [JSON.stringify(record.key), record]),
  );
  return keys.map((key): Outcome => {
    const record = found.get(JSON.stringify(key));
    if (record === undefined)
      return disposition === 'purge' ? { key, did: 'purged' } : { key, did: 'spared', why: 'gone', by: null };
    if (disposition !== 'purge' && record.done.includes(disposition))
      return { key, did: disposition === 'flag' ? 'flagged' : 'anonymised' };
    return { key, did: 'spared', why: 'interrupted', by: null };
  });
}
