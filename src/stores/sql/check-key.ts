// Whether a dataset's key tells every row of its table from all others; and of a table without any, whether what is
// declared can be done where rows are told apart by all of their columns.
import type { Disposition } from '../../policy/policy.ts';
import type { Dataset } from '../store.ts';
import type { Table } from './dialect.ts';
import type { Target } from './query.ts';

export type Report = (message: string, hint: string) => void;

/** `takesKeyless`: this kind of store can do without. */
export function checkKey(dataset: Dataset, table: Table, takesKeyless: boolean, report: Report): void {
  const wanted = [...dataset.key].sort().join(', ');
  if (!table.uniqueKeys.some(key => [...key.columns].sort().join(', ') === wanted)) {
    const known = table.uniqueKeys.map(key => `[${key.columns.join(', ')}]`).join(' or ');
    report(
      `"${dataset.key.join(', ')}" is not a primary or unique NOT NULL key of "${dataset.at}"`,
      known === '' ? waysOut(dataset, takesKeyless) : `Use key: ${known}`,
    );
  }
  for (const column of dataset.key) {
    const { type, written } = table.columns.get(column) ?? {};
    if (type === 'float')
      report(
        `key column "${column}" is a floating-point number, which cannot be matched exactly`,
        'Use another unique key',
      );
    if (type === 'coded')
      report(
        `key column "${column}" is a ${written}, which is ordered in one way and compared in another`,
        'Use another unique key, or add one without this column',
      );
  }
}

function waysOut({ at }: Dataset, takesKeyless: boolean): string {
  const none = 'The table has none. Add one: ALTER TABLE';
  return takesKeyless
    ? `${none} ${at} ADD COLUMN id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT INVISIBLE PRIMARY KEY, which no program sees that does not ask for it (MariaDB 10.3, MySQL 8.0.23). Or write keyless: true in place of key: rows are then told apart by all of their columns`
    : `${none} ${at} ADD COLUMN id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY`;
}

/** What has a key is better off with it, and what is written to becomes another row. */
export function checkKeyless(
  { dataset, table, identity }: Target,
  dispositions: readonly Disposition[],
  report: Report,
): void {
  const [known] = table.uniqueKeys;
  if (identity === null)
    report(
      `"${dataset.at}" is declared keyless in a store that cannot tell rows apart by their columns`,
      'Name its key: in SQLite every table has one, or a rowid that can be given a name, id INTEGER PRIMARY KEY',
    );
  if (known !== undefined)
    report(
      `"${dataset.at}" is declared keyless and has a key`,
      `Write key: [${known.columns.join(', ')}] in place of keyless: true`,
    );
  for (const disposition of new Set(dispositions.filter(one => one !== 'purge')))
    report(
      `"${dataset.at}" is keyless, and a class in it ends in "${disposition}": a row that is written to cannot be told again`,
      'Give the table a key, or the class the disposition purge',
    );
}
