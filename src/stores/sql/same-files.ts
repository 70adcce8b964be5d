// Rows that stay and may name the same files as those that go: the legs of one call share a recording, and a file goes
// with the last row that names it. Whether they really do is for the caller, who resolves the names.
import type { Knex } from 'knex';
import { templateColumns } from '../../policy/file-path.ts';
import type { StoredRecord } from '../../policy/record.ts';
import type { Dialect } from './dialect.ts';
import { selectRecords, startColumn, type Target, toRecord } from './query.ts';

/** `transaction` has deleted `records` already, so that what it still finds are the rows that stay. */
export async function recordsWithSameFiles(
  { dialect, target }: { readonly dialect: Dialect; readonly target: Target },
  transaction: Knex.Transaction,
  records: readonly StoredRecord[],
): Promise<StoredRecord[]> {
  const { dataset } = target;
  const found: StoredRecord[] = [];
  for (const rule of dataset.files) {
    const query = selectRecords(transaction, dialect, target, null);
    if (!whereSameNames(query, templateColumns(rule.template), records)) continue;
    if (rule.template.includes('{start|')) whereSameDays(query, target, records);
    for (const row of await query) found.push(toRecord(row, dataset));
  }
  return found;
}

/** Narrows to rows with the same value in every column of a template; false when no record names a file. */
function whereSameNames(
  query: Knex.QueryBuilder,
  columns: readonly string[],
  records: readonly StoredRecord[],
): boolean {
  for (const column of columns) {
    const names = new Set(records.flatMap(record => record.columns[column] || []));
    if (names.size === 0) return false;
    query.whereIn(`t.${column}`, [...names]);
  }
  return records.length > 0;
}

/** A template with the day in it can only be the same for rows of the same days: the start's index finds those. */
function whereSameDays(query: Knex.QueryBuilder, target: Target, records: readonly StoredRecord[]): void {
  const { unit } = target.dataset.start;
  if (unit !== 'datetime' && unit !== 'date') return;
  const starts = records.flatMap(record => record.start.value ?? []).sort();
  const [first, last] = [starts.at(0)?.slice(0, 10), starts.at(-1)?.slice(0, 10)];
  if (first === undefined || last === undefined) return;
  query.where(startColumn(target), '>=', first).where(startColumn(target), '<=', `${last} 23:59:59.999999`);
}
