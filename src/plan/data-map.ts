// The datasets that a job reaches, in the order in which they may be disposed of: a record that holds another's start
// goes after it, or the other's clock could never be read again.
import { classOf } from '../policy/record.ts';
import type { Child, Dataset, StoreMap } from '../stores/store.ts';

export interface Mapped {
  readonly dataset: Dataset;
  readonly store: StoreMap;
  /** Datasets of the same store whose start stands in this one. */
  readonly children: readonly Child[];
}

/** All datasets of some stores, children before the datasets that hold their start, else as written. */
export function mapDatasets(stores: readonly StoreMap[]): readonly Mapped[] {
  const all = stores.flatMap(store =>
    store.datasets.map(dataset => ({ dataset, store, children: childrenOf(dataset, store) })),
  );
  return [...all.filter(one => one.children.length === 0), ...all.filter(one => one.children.length > 0)];
}

function childrenOf(dataset: Dataset, store: StoreMap): Child[] {
  return store.datasets.flatMap(other =>
    other.startFrom?.dataset === dataset.name ? [{ dataset: other, on: other.startFrom.on }] : [],
  );
}

/** The classes that a dataset may hold, each once, with the tags that say so; null tags: every record is of it. */
export function classesOf(
  dataset: Dataset,
): readonly { readonly class: string; readonly tags: readonly string[] | null }[] {
  const rule = dataset.class;
  if (rule.kind === 'fixed') return [{ class: rule.class, tags: null }];
  const names = [...new Set(Object.values(rule.classes))];
  return names.map(name => ({
    class: name,
    tags: Object.keys(rule.classes).filter(tag => classOf(rule, tag) === name),
  }));
}
