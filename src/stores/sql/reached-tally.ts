// Rows that a write reaches by foreign key, as they are found: each counted once, by its table and by what becomes of it.
import type { Key } from '../../policy/policy.ts';
import { changeOf, shownTable, type TableName } from '../../policy/table-name.ts';
import type { ChildCounts } from '../child-table.ts';
import type { ColumnType } from './dialect.ts';
import type { ForeignKey } from './foreign-keys.ts';
import type { Target } from './query.ts';

export type Values = readonly (string | null)[];

export interface Tally {
  /** Those values of a key that it has not been followed with yet; none that is NULL in part refers to anything. */
  readonly fresh: (key: ForeignKey, goes: boolean, tuples: readonly Values[]) => readonly Values[];
  /** `ids`: what tells the rows; null: nothing does, and so many were found. */
  readonly add: (
    key: ForeignKey,
    goes: boolean,
    rule: ForeignKey['onDelete'],
    ids: readonly Values[] | null,
    rows: number,
  ) => void;
  readonly counts: () => ChildCounts;
  /** What was asked of each key on the way of a delete. */
  readonly followed: {
    readonly key: ForeignKey;
    readonly tuples: readonly Values[];
    readonly types: ReadonlyMap<string, ColumnType> | undefined;
  }[];
}

/** `going`: rows that a statement of its own deletes, and that are no others. */
export function tallyOf(target: Target, going: readonly Key[]): Tally {
  const { keys, place, uniqueKeys } = target.table;
  const seen = new Set<string>();
  const deleted = new Map<string, Set<string>>();
  const changed = new Map<string, { readonly table: TableName; readonly rows: Set<string> }>();
  const uncounted = { next: 0 };
  const [primary] = uniqueKeys;
  const isByKey = primary !== undefined && primary.columns.join('\n') === target.dataset.key.join('\n');
  const own = new Set(isByKey ? going.map(key => JSON.stringify(key)) : []);
  const shown = (table: TableName): string => shownTable(keys.named(table));
  return {
    followed: [],
    fresh: (key, goes, tuples) =>
      tuples.filter(tuple => {
        const id = JSON.stringify([goes, keys.idOf(key.table), key.name, tuple]);
        if (tuple.includes(null) || seen.has(id)) return false;
        seen.add(id);
        return true;
      }),
    add: (key, goes, rule, ids, rows) => {
      const isOwn = keys.idOf(key.table) === keys.idOf(place);
      const names = (ids ?? Array.from({ length: rows }, () => [`#${uncounted.next++}`]))
        .map(id => JSON.stringify(id))
        .filter(id => !isOwn || !own.has(id));
      const to = rule === 'set-null' ? 'NULL' : rule === 'set-default' ? 'its default' : 'the new value';
      const label = goes ? shown(key.table) : changeOf(keys.named(key.table), key.columns, to);
      const known = goes ? deleted.get(label) : changed.get(label)?.rows;
      const into = known ?? new Set<string>();
      for (const name of names) into.add(name);
      if (goes) deleted.set(label, into);
      else changed.set(label, { table: key.table, rows: into });
    },
    counts: () => ({
      ...Object.fromEntries([...deleted].map(([label, rows]) => [label, rows.size])),
      ...Object.fromEntries(
        [...changed].map(([label, { table, rows }]) => {
          const gone = deleted.get(shown(table)) ?? new Set<string>();
          return [label, [...rows].filter(row => !gone.has(row)).length];
        }),
      ),
    }),
  };
}
