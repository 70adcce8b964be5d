// The datasets that a job reaches, in the order in which they may be disposed of: a record that holds another's start
// goes after it, or the other's clock could never be read again; and a row after its parts, which may keep it.

import type { Disposition, PolicySet } from '../policy/policy.ts';
import { classOf } from '../policy/record.ts';
import { dispositionOf } from '../policy/rules.ts';
import { shownTable, type TableName } from '../policy/table-name.ts';
import type { Child } from '../stores/order.ts';
import type { Dataset, StoreMap, StoreReader } from '../stores/store.ts';
import type { Job } from './job.ts';

export interface Mapped {
  readonly dataset: Dataset;
  readonly store: StoreMap;
  /** Datasets of the same store whose start stands in this one, or is told by its rows. */
  readonly children: readonly Child[];
  /** Datasets that are parts of this one's rows. */
  readonly rowParts: readonly Dataset[];
}

/** All datasets of some stores: parts of rows, then the rest, then the datasets that hold a start; else as written. */
export function mapDatasets(stores: readonly StoreMap[]): readonly Mapped[] {
  const all = stores.flatMap(store =>
    store.datasets.map(dataset => ({
      dataset,
      store,
      children: childrenOf(dataset, store),
      rowParts: store.datasets.filter(other => other.partOf === dataset.name),
    })),
  );
  return all.toSorted((one, other) => turnOf(one, all) - turnOf(other, all));
}

/** Parts of rows come first. */
function turnOf(one: Mapped, all: readonly Mapped[]): number {
  return one.dataset.partOf === null ? depthOf(one, all) : -1;
}

/** How many datasets, one referring to the other, must go before this one. */
function depthOf(
  { children, dataset }: Mapped,
  all: readonly Mapped[],
  above: readonly Dataset[] = [],
): number {
  if (above.includes(dataset)) return 0;
  const before = all.filter(one => children.some(child => child.dataset === one.dataset));
  return Math.max(0, ...before.map(one => 1 + depthOf(one, all, [...above, dataset])));
}

/** A part of a row refers to nothing by itself: its row does. */
function childrenOf(dataset: Dataset, store: StoreMap): Child[] {
  return store.datasets.flatMap(other => {
    if (other.partOf !== null) return [];
    if (other.startFrom !== null)
      return other.startFrom.dataset === dataset.name ? [{ dataset: other, on: other.startFrom.on }] : [];
    return other !== dataset && other.startRows !== null && isSameTable(other.startRows.table, dataset.table)
      ? [{ dataset: other, on: turned(other.startRows.on) }]
      : [];
  });
}

/** Two ways of writing one table down; capitals aside, since some servers take no account of them. */
function isSameTable(one: TableName, other: TableName): boolean {
  return shownTable(one).toLowerCase() === shownTable(other).toLowerCase();
}

function turned(on: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(on).map(([theirs, ours]) => [ours, theirs]));
}

export interface HeldClass {
  readonly class: string;
  /** The tags that say so; null: every record is of it. */
  readonly tags: readonly string[] | null;
}

/** Those classes of a dataset that a job reaches. */
export function reachedClasses(dataset: Dataset, { classes }: Job): readonly HeldClass[] {
  return classesOf(dataset).filter(one => classes === null || classes.includes(one.class));
}

/** What becomes of records of these classes; nothing is said of those without a policy. */
export function dispositionsOf(
  dataset: Dataset,
  wanted: readonly HeldClass[],
  policySet: PolicySet,
): readonly Disposition[] {
  return wanted.flatMap(one => dispositionOf(one.class, policySet, dataset) ?? []);
}

/** Why a store cannot dispose of a class; null where it can, or nothing is to be done. */
export function dispositionObjection(
  { kind, facts }: Pick<StoreReader, 'kind' | 'facts'>,
  name: string,
  disposition: Disposition | null,
): string | null {
  if (disposition === null || facts.dispositions.includes(disposition)) return null;
  return `class ${name} ends in "${disposition}", which a store of kind ${kind} cannot do`;
}

/** The classes that a dataset may hold, each once. */
export function classesOf(dataset: Dataset): readonly HeldClass[] {
  const rule = dataset.class;
  if (rule.kind === 'fixed') return [{ class: rule.class, tags: null }];
  const names = [...new Set(Object.values(rule.classes))];
  return names.map(name => ({
    class: name,
    tags: Object.keys(rule.classes).filter(tag => classOf(rule, tag) === name),
  }));
}
