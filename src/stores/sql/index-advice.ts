// What an index that is not there would save.
import { shownTable } from '../../policy/table-name.ts';
import type { ChildTarget } from './child-tables.ts';
import type { Dialect } from './dialect.ts';
import type { Target } from './query.ts';
import { indexOfRows } from './start-rows.ts';

/** Rows from which on a plan that walks all of them is worth a word. */
const MANY_ROWS = 100_000;

/** A sentence for the plan's report, with the statement that helps; null where no index is missing. */
export function indexAdvice(target: Target, dialect: Dialect): string | null {
  return startAdvice(target, dialect) ?? childAdvice(target.children);
}

/** Every write looks for the children of its records. */
function childAdvice(children: readonly ChildTarget[]): string | null {
  for (const { child, table, children: below } of children) {
    const columns = Object.keys(child.on);
    const isFound = table.indexes.some(index => columns.includes(index.columns[0] ?? ''));
    if (!isFound && table.estimatedRows >= MANY_ROWS) {
      const rows = table.estimatedRows.toLocaleString('en');
      return `no index of child "${child.at}" begins with ${columns.join(' or ')}: each write reads all of some ${rows} rows, and would read only what goes with CREATE INDEX retention_child ON ${child.at} (${columns.join(', ')})`;
    }
    const advice = childAdvice(below);
    if (advice !== null) return advice;
  }
  return null;
}

function startAdvice(target: Target, { locksRows }: Dialect): string | null {
  const { dataset, table, source, identity } = target;
  if (target.rows !== null) return locksRows ? rowsAdvice(target.rows, dataset.startColumn) : null;
  if (source !== null || table.isView || table.estimatedRows < MANY_ROWS) return null;
  const { startColumn, at } = dataset;
  if (table.indexes.some(({ columns }) => columns[0] === startColumn)) return null;
  const rows = table.estimatedRows.toLocaleString('en');
  // Rows without a key are found by their start whenever one is deleted.
  const readers = identity === null ? 'each plan reads' : 'each plan and each write read';
  return `no index begins with ${startColumn}: ${readers} all of some ${rows} rows, and would read only what is due with CREATE INDEX retention_start ON ${at} (${startColumn})`;
}

/** However few they are: without it each write locks all of them. */
function rowsAdvice(rows: NonNullable<Target['rows']>, startColumn: string): string | null {
  if (indexOfRows(rows) !== null) return null;
  const { on } = rows.by;
  const table = shownTable(rows.by.table);
  const columns = Object.keys(on).join(', ');
  return `no index of "${table}" begins with ${columns}: each write reads and locks all of it, and would only what belongs to its records with CREATE INDEX retention_start ON ${table} (${columns}, ${startColumn})`;
}
