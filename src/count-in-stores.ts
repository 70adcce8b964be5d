// Counts what orders speak of in every store that can be reached from here, for whoever places or lists them. It never fails:
// an order is in force whether or not a store answers, and what could not be counted is said.
import { loadConfig } from './config/load-config.ts';
import { reasonOf } from './errors.ts';
import { type CountedOrder, countEverywhere } from './plan/count-orders.ts';
import { mapDatasets } from './plan/data-map.ts';
import { expandMaps, isWithoutTable } from './plan/expand-maps.ts';
import type { OrderCount } from './plan/plan.ts';
import { isResolvable, resolveReference, type Settings } from './settings.ts';
import { kinds } from './stores/kinds.ts';
import type { StoreMap, StoreReader } from './stores/store.ts';

export interface CountedInStores {
  readonly counts: readonly OrderCount[];
  /** What was not counted, and why: a line each. */
  readonly uncounted: readonly string[];
}

export async function countInStores(
  settings: Settings,
  orders: readonly CountedOrder[],
): Promise<CountedInStores> {
  if (orders.length === 0) return { counts: [], uncounted: [] };
  try {
    const { stores } = loadConfig(settings.policiesFolder, settings.jobsFolder);
    const all = await Promise.all(stores.map(map => countInStore(map, orders)));
    return {
      counts: all.flatMap(({ counts }) => counts),
      uncounted: all.flatMap(({ uncounted }) => uncounted),
    };
  } catch (error) {
    return { counts: [], uncounted: [`nothing was counted: ${reasonOf(error)}`] };
  }
}

async function countInStore(map: StoreMap, orders: readonly CountedOrder[]): Promise<CountedInStores> {
  const at = map.readAt !== null && isResolvable(map.readAt) ? map.readAt : map.at;
  if (!isResolvable(at)) {
    const missing = 'env' in at ? at.env : map.name;
    return { counts: [], uncounted: [`store ${map.name} was not counted: ${missing} is not set here`] };
  }
  let reader: StoreReader | null = null;
  try {
    reader = kinds[map.kind].openReader(map, resolveReference(at, `store ${map.name}`));
    const { stores } = await expandMaps([map], new Map([[map.name, reader]]));
    const counts: OrderCount[] = [];
    const uncounted: string[] = [];
    for (const { dataset } of mapDatasets(stores)) {
      if (isWithoutTable(dataset)) continue;
      try {
        counts.push(...(await countEverywhere([{ dataset, reader }], orders)));
      } catch (error) {
        uncounted.push(`${map.name}/${dataset.name} was not counted: ${reasonOf(error)}`);
      }
    }
    return { counts, uncounted };
  } catch (error) {
    return { counts: [], uncounted: [`store ${map.name} was not counted: ${reasonOf(error)}`] };
  } finally {
    await reader?.close().catch(() => undefined);
  }
}
