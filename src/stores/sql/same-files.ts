// Rows that stay and may name the same files as those that go: the legs of one call share a recording, and a file goes
// with the last row that names it. Whether they really do is for the caller, who resolves the names.
import type { Knex } from 'knex';
import { type FileRule, templateColumns } from '../../policy/file-path.ts';
import { type Naming, namingOfRow, namingsOfPath } from '../../policy/naming.ts';
import { readRecord, type StoredRecord } from '../../policy/record.ts';
import type { Dataset } from '../store.ts';
import type { Dialect } from './dialect.ts';
import { selectRecords, type Target, toRecord } from './query.ts';
import { inSlices, whereNamed } from './where-named.ts';

/** `transaction` has deleted `records` already, so that what it still finds are the rows that stay. */
export async function recordsWithSameFiles(
  { dialect, target }: { readonly dialect: Dialect; readonly target: Target },
  transaction: Knex.Transaction,
  records: readonly StoredRecord[],
): Promise<StoredRecord[]> {
  const { dataset } = target;
  const found: StoredRecord[] = [];
  for (const rule of dataset.files) {
    for (const namings of inSlices(namingsOf(rule, dataset, records))) {
      const query = selectRecords(transaction, dialect, target, null);
      whereNamed(query, dialect, target, namings);
      for (const row of await query) found.push(toRecord(row, dataset));
    }
  }
  return found;
}

/** Rows that may name one of the files of these by a rule. */
function namingsOf(rule: FileRule, dataset: Dataset, records: readonly StoredRecord[]): Naming[] {
  const { zone } = dataset.start;
  // One column and one rule: the same file is the same value.
  const isPlain = dataset.files.length === 1 && templateColumns(rule.template).length < 2;
  return records.flatMap(stored => {
    const { start, files } = readRecord(stored, dataset);
    const own = namingOfRow(rule, stored.columns, start.kind === 'at' ? start.ms : null, zone) ?? [];
    if (isPlain) return own;
    // `a-b` and `c` may name the file of `a` and `b-c`, and another rule may give the same name.
    const paths = files.flatMap(file => (file.store === rule.store ? file.paths : []));
    return [own, ...paths.map(path => namingsOfPath(rule, path, zone) ?? [])].flat();
  });
}
