// How the rows of a dataset are told apart: by a key, or, where there is none, by all of their columns, which does not go
// with everything that a key goes with.
import type { DatasetFile, StoreFile } from './store-schema.ts';

export type Report = (path: (string | number)[], message: string, hint: string) => void;

export function checkKeys(dataset: DatasetFile, store: StoreFile, report: Report): void {
  const { key, keyless = false } = dataset;
  if (key === undefined && !keyless)
    report(
      ['dataset'],
      'a dataset of rows needs a key',
      'Add key: [id], the columns of a primary or unique key; for a table without any, keyless: true',
    );
  if (!keyless) return;
  if (key !== undefined)
    report(
      ['keyless'],
      'a dataset with a key is not keyless',
      'Keep one of the two: the key, if the table has it',
    );
  if (store.kind !== 'mysql')
    report(
      ['keyless'],
      'only tables of a MySQL or MariaDB store are read without a key',
      'Name the key; in SQLite a rowid that has a name is one: id INTEGER PRIMARY KEY',
    );
  for (const one of ['flag', 'anonymise', 'files'] as const) {
    if (dataset[one] !== undefined)
      report(
        [one],
        `rows without a key are purged alone, without "${one}"`,
        'Give the table a key, or take it out',
      );
  }
  if (dataset.partitions === 'drop')
    report(['partitions'], 'rows without a key are counted one by one', 'Write partitions: rows');
  if (dataset.start.from !== undefined)
    report(['start', 'from'], 'the start of a row without a key stands in it', 'Give the table a key');
  if (dataset.start.unit === 'text')
    report(
      ['start', 'unit'],
      'rows without a key are found by their start, and a text has no order',
      'Give the table a key',
    );
  const child = store.datasets.find(one => one.start.from?.dataset === dataset.dataset);
  if (child !== undefined)
    report(
      ['keyless'],
      `"${child.dataset}" takes its start from this dataset, and refers to rows that have no key`,
      'Give the table a key',
    );
}
