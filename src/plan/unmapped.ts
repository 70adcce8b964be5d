// What stands in a store and in no data map: found beside the datasets, less what the operator has said to leave.
import { templateFolder } from '../policy/file-path.ts';
import type { TableName } from '../policy/table-name.ts';
import type { ChildTable } from '../stores/child-table.ts';
import type { Holding, Inventory } from '../stores/inventory.ts';
import type { Dataset, StoreMap, StoreReader } from '../stores/store.ts';
import { looksLikeCopy, looksLikeOriginal } from './copies.ts';

/** A table or folder that is named like one that a dataset maps. */
export interface UnmappedCopy {
  readonly at: string;
  readonly of: Dataset;
}

/** Tables of a store, or folders of one of files, that some dataset of these stores speaks of. */
export function mappedIn(store: StoreMap, stores: readonly StoreMap[]): readonly TableName[] {
  // Two data maps may stand for one database.
  const here = stores.filter(one => one.kind === store.kind && isSamePlace(one, store));
  const own = here.flatMap(one => one.datasets.flatMap(tablesOf));
  if (store.kind !== 'filesystem') return own;
  const named = stores.flatMap(one => one.datasets.flatMap(dataset => dataset.files));
  const below = named.filter(rule => here.some(one => one.name === rule.store));
  return [...own, ...below.map(rule => ({ database: null, name: templateFolder(rule.template) }))];
}

/** A dataset's own table or folder, those of its children, and the one that tells its start. */
function tablesOf({ table, childTables, startRows }: Dataset): TableName[] {
  const below = (child: ChildTable): TableName[] => [child.table, ...child.children.flatMap(below)];
  return [table, ...(startRows === null ? [] : [startRows.table]), ...childTables.flatMap(below)];
}

function isSamePlace(one: StoreMap, other: StoreMap): boolean {
  return JSON.stringify(one.at) === JSON.stringify(other.at);
}

/** Holdings that no dataset maps, and which of them the data map says to leave. */
export function withoutMapped(
  store: StoreMap,
  { holdings }: Inventory,
): { readonly unmapped: readonly Holding[]; readonly ignored: readonly Holding[] } {
  const others = store.kind === 'filesystem' ? holdings : holdings.filter(one => one.mappedAs.length === 0);
  const isIgnored = ({ at }: Holding): boolean => store.ignored.some(one => isNamedBy(one.at, at));
  return { unmapped: others.filter(one => !isIgnored(one)), ignored: others.filter(isIgnored) };
}

/** Whether a name is one that an entry of `ignored` speaks of. */
export function isNamedBy(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map(part => part.replace(/[^A-Za-z0-9]/g, '\\$&'));
  return new RegExp(`^${parts.join('[\\s\\S]*')}$`, 'i').test(name);
}

/** The dataset that a table or folder looks like a copy of, or the original of; null where there is none. */
export function copyOf(at: string, store: StoreMap): Dataset | null {
  const alike = store.datasets.filter(
    ({ at: mapped }) => mapped !== '' && (looksLikeCopy(at, mapped) || looksLikeOriginal(at, mapped)),
  );
  // `cdr_costs_old` is one of `cdr_costs` before it is one of `cdr`.
  return alike.toSorted((a, b) => b.at.length - a.at.length)[0] ?? null;
}

/** Copies of a dataset's table or folder: each store is looked at once, when the first of its datasets is asked for. */
export function copiesByStore(input: {
  readonly stores: readonly StoreMap[];
  readonly readers: ReadonlyMap<string, StoreReader>;
}): (dataset: Dataset, store: StoreMap) => Promise<readonly UnmappedCopy[]> {
  const known = new Map<string, Promise<readonly UnmappedCopy[]>>();
  return async (dataset, store) => {
    const reader = input.readers.get(store.name);
    if (reader === undefined) return [];
    const found = known.get(store.name) ?? unmappedCopies(store, input.stores, reader);
    known.set(store.name, found);
    return (await found).filter(({ of }) => of === dataset);
  };
}

/** Found by a listing of names. */
async function unmappedCopies(
  store: StoreMap,
  stores: readonly StoreMap[],
  reader: StoreReader,
): Promise<readonly UnmappedCopy[]> {
  const mapped = mappedIn(store, stores);
  const { unmapped } = withoutMapped(store, await reader.inventory(mapped, 'names'));
  return unmapped.flatMap(({ at }) => {
    const of = copyOf(at, store);
    return of === null ? [] : [{ at, of }];
  });
}
