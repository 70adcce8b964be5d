// What a run looks at before its first batch: whether what an earlier run purged is there again, and what a run that was
// killed left open.
import { cameBack, lastPurges } from '../plan/come-back.ts';
import { datasetNamed } from '../plan/expand-maps.ts';
import type { Places } from '../plan/place.ts';
import type { Dataset, StoreMap } from '../stores/store.ts';
import type { EnforceInput } from './enforce-plan.ts';
import { recover } from './recover.ts';

/** By a failover since the plan was made, say: what came back before it is in the plan. */
export async function tellCameBack({ saved, ledger, stores, maps, onEvent }: EnforceInput): Promise<void> {
  const last = await lastPurges(ledger, saved.plan.job);
  if (last === null) return;
  const looked = new Set<Dataset>();
  for (const part of saved.plan.parts) {
    const [store, dataset] = [stores.get(part.store), datasetOf(maps, part.store, part.dataset)];
    if (store === undefined || dataset === null || looked.has(dataset)) continue;
    looked.add(dataset);
    if (await store.datedTables?.isGone(dataset)) continue;
    const found = await cameBack(ledger, last, dataset, store);
    if (found !== null && found.back > 0) onEvent({ kind: 'came-back', dataset: dataset.name, ...found });
  }
}

export async function settleCrashes(
  { ledger, stores, maps, hashKey, onEvent }: EnforceInput,
  servers: Places,
): Promise<void> {
  const { settled, left, elsewhere } = await recover({
    ledger,
    stores,
    servers,
    datasetOf: (store, name) => datasetOf(maps, store, name),
    hashKey,
  });
  if (settled + left > 0) onEvent({ kind: 'recovered', batches: settled, left, elsewhere });
}

export function datasetOf(maps: readonly StoreMap[], store: string, name: string): Dataset | null {
  const map = maps.find(one => one.name === store);
  return map === undefined ? null : datasetNamed(map, name);
}
