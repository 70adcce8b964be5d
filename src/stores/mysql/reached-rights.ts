// What a user needs on tables that a write reaches by foreign key: their rows are counted under lock before the server takes
// them along. The server itself asks for no right there.
import type { Disposition } from '../../policy/policy.ts';
import type { TableName } from '../../policy/table-name.ts';
import { writtenColumns } from '../sql/check-masks.ts';
import type { Table } from '../sql/dialect.ts';
import { fold, type Reached } from '../sql/foreign-keys.ts';
import { quoted } from '../sql/names.ts';
import type { Dataset } from '../store.ts';

export interface ReachedRights {
  readonly table: TableName;
  /** To lock what is counted takes more than to read it on MySQL, and not on MariaDB (tried on 9.7 and 10.11). */
  readonly toEnforce: readonly string[];
}

export function reachedRights(
  dataset: Dataset,
  table: Table | null,
  dispositions: readonly Disposition[],
  isMariadb: boolean,
): readonly ReachedRights[] {
  if (table === null) return [];
  const written = new Set(writtenColumns(dataset, dispositions).map(fold));
  const reached = [
    ...(dispositions.includes('purge') ? table.deleting.rows : []),
    ...table.updating.rows.filter(({ when }) => when.some(column => written.has(fold(column)))),
  ];
  // What nobody has acknowledged is refused, and asks for no right.
  const { idOf } = table.keys;
  const ids = (tables: readonly TableName[]): ReadonlySet<string> => new Set(tables.map(idOf));
  const known = { deletes: ids(dataset.acknowledged.cascades), changes: ids(dataset.acknowledged.changes) };
  const agreed = reached.filter(one => known[one.does].has(idOf(one.table)));
  return agreed.map(one => ({
    table: one.table,
    toEnforce: ['SELECT', ...(isMariadb ? [] : [lockingRight(one)])],
  }));
}

function lockingRight({ does, changes }: Reached): string {
  return does === 'deletes' ? 'DELETE' : `UPDATE (${changes.map(quoted).join(', ')})`;
}
