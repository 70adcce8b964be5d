// Whether disposing of a dataset's records touches rows of other tables, which are then counted record by record.
import type { Dataset } from '../stores/store.ts';

export function takesAlong({ childTables, acknowledged }: Dataset): boolean {
  return childTables.length + acknowledged.cascades.length + acknowledged.changes.length > 0;
}
