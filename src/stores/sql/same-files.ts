// Rows that stay and may name the same files as those that go: the legs of one call share a recording, and a file goes
// with the last row that names it. Whether they really do is for the caller, who resolves the names.
import type { Knex } from 'knex';
import { namingOfRow } from '../../policy/naming.ts';
import type { StoredRecord } from '../../policy/record.ts';
import { readStart } from '../../policy/start.ts';
import type { Dialect } from './dialect.ts';
import { selectRecords, type Target, toRecord } from './query.ts';
import { whereNamed } from './where-named.ts';

/** `transaction` has deleted `records` already, so that what it still finds are the rows that stay. */
export async function recordsWithSameFiles(
  { dialect, target }: { readonly dialect: Dialect; readonly target: Target },
  transaction: Knex.Transaction,
  records: readonly StoredRecord[],
): Promise<StoredRecord[]> {
  const { dataset } = target;
  const found: StoredRecord[] = [];
  for (const rule of dataset.files) {
    const namings = records.flatMap(record => {
      const start = readStart(record.start, dataset.start);
      const startMs = start.kind === 'at' ? start.ms : null;
      return namingOfRow(rule, record.columns, startMs, dataset.start.zone) ?? [];
    });
    if (namings.length === 0) continue;
    const query = selectRecords(transaction, dialect, target, null);
    whereNamed(query, dialect, target, namings);
    for (const row of await query) found.push(toRecord(row, dataset));
  }
  return found;
}
