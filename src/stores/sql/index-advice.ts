// What an index that is not there would save.
import type { Dialect } from './dialect.ts';
import type { Target } from './query.ts';
import { indexOfRows } from './start-rows.ts';

/** Rows from which on a plan that walks all of them is worth a word. */
const MANY_ROWS = 100_000;

/** A sentence for the plan's report, with the statement that helps; null where an index begins with the start. */
export function indexAdvice(target: Target, { locksRows }: Dialect): string | null {
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
  const { on, table } = rows.by;
  const columns = Object.keys(on).join(', ');
  return `no index of "${table}" begins with ${columns}: each write reads and locks all of it, and would only what belongs to its records with CREATE INDEX retention_start ON ${table} (${columns}, ${startColumn})`;
}
