// Whether what a dataset is joined to, for its start, can be joined in that way: a pair of columns of two types pairs
// strangers, and one that is not unique could give a letter two closing dates.
import { shownTable } from '../../policy/table-name.ts';
import type { Report } from './check-key.ts';
import type { Table } from './dialect.ts';
import type { Target } from './query.ts';

export function checkSource(table: Table, source: NonNullable<Target['source']>, report: Report): void {
  checkPairs(Object.entries(source.on), table, source, report);
  const wanted = Object.values(source.on).sort().join(', ');
  if (!source.table.uniqueKeys.some(key => [...key.columns].sort().join(', ') === wanted)) {
    report(`"${wanted}" is not unique in "${source.at}"`, 'Join on its primary or a unique key');
  }
}

/** Rows that tell a start, and the table whose accounts they are of. */
export function checkRows(
  { by, table: told }: NonNullable<Target['rows']>,
  accounts: Table,
  report: Report,
): void {
  const pairs = Object.entries(by.on).map(([theirs, ours]) => [ours, theirs] as const);
  checkPairs(pairs, accounts, { at: shownTable(by.table), table: told }, report);
}

function checkPairs(
  pairs: readonly (readonly [ours: string, theirs: string])[],
  table: Table,
  other: { readonly at: string; readonly table: Table },
  report: Report,
): void {
  for (const [ours, theirs] of pairs) {
    const [one, its] = [table.columns.get(ours), other.table.columns.get(theirs)];
    if (one === undefined || its === undefined || one.type === its.type) continue;
    report(
      `"${ours}" is a ${one.written} and "${theirs}" in "${other.at}" is a ${its.written}: the server would pair strangers`,
      'Join on columns of one type',
    );
  }
}
