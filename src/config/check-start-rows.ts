// Whether a start that rows of another table tell (`history`, `last`) is said in full, and beside nothing that it does not go
// with.
import type { Report } from './check-keys.ts';
import type { DatasetFile, StoreFile } from './store-schema.ts';
import { placeOf } from './table-place.ts';

/** What is said once, where the start itself is, by the dataset that others take it from. */
export const BELONGING_TO_START = [
  'column',
  'fallback',
  'history',
  'last',
  'unit',
  'zone',
  'format',
  'status',
  'sentinels',
  'plausibleFrom',
] as const;

/** Another column stands in for a start that says nothing, in the row itself and by itself. */
export function checkFallback(dataset: DatasetFile, store: StoreFile, report: Report): void {
  const { column, fallback, status, history, last, event } = dataset.start;
  if (fallback === undefined) return;
  const refuse = (message: string, hint: string): void => {
    report(['start', 'fallback'], message, hint);
  };
  if (store.kind === 'filesystem') refuse('files have no "fallback"', 'Take it out');
  else if (column === undefined || column === fallback || (history ?? last) !== undefined)
    refuse(
      'there is no other column that it could stand in for',
      'Name the column of the start, or take it out',
    );
  if (event === 'account-closed' || status !== undefined)
    refuse('an account without a closing date is open, and nothing stands in for one', 'Take it out');
  if (dataset.keyless === true) refuse('a row without a key is told by its start', 'Give the table a key');
  if (dataset.partitions === 'drop')
    refuse('partitions are dropped by the start alone', 'Take it out, or write partitions: rows');
}

export function checkStartRows(dataset: DatasetFile, store: StoreFile, report: Report): void {
  const { start } = dataset;
  const [how, ...others] = (['history', 'last'] as const).filter(one => start[one] !== undefined);
  if (how === undefined) return;
  const refuse = (message: string, hint: string, ...path: string[]): void => {
    report(['start', how, ...path], message, hint);
  };
  if (store.kind === 'filesystem') {
    refuse(`files have no "${how}"`, 'Take it out');
    return;
  }
  for (const other of others)
    report(
      ['start', other],
      `the start is told by "${how}" already`,
      'Keep one of the two: the history, if it has every change',
    );
  if (start.column !== undefined)
    report(
      ['start', 'column'],
      `the start stands in a column of its own, and "${how}" tells it too`,
      'Keep the column if it can be relied on, else take it out',
    );
  if (start.event !== 'account-closed')
    refuse(`"${how}" belongs to the event account-closed`, 'Map the column of this start');
  if (start.unit === 'text')
    report(
      ['start', 'unit'],
      'the latest of several texts cannot be told: they are in no order of time',
      'Have the table keep them as DATETIME, or add a generated column that reads them, and map that',
    );
  if (Object.keys(start[how]?.on ?? {}).length === 0)
    refuse('how its rows and the accounts are joined is not said', 'Add on: { account_id: id }', 'on');
  if (dataset.keyless === true)
    refuse('the start of a row without a key stands in it', 'Give the table a key');
  if (dataset.partitions === 'drop')
    report(
      ['partitions'],
      'partitions are dropped by the start that stands in the table itself, and this one is told by another',
      'Take it out, or write partitions: rows',
    );
  checkOwnDataset(dataset, store, refuse);
}

/** Rows that tell when an account was closed must outlive it, and those of a dataset that waits for the account do not. */
function checkOwnDataset(
  { dataset: name, start }: DatasetFile,
  { datasets }: StoreFile,
  refuse: (message: string, hint: string, ...path: string[]) => void,
): void {
  const rows = start.history ?? start.last;
  const place = rows === undefined ? null : placeOf(rows.table, rows.database);
  const own = datasets.find(
    one =>
      one.table !== undefined &&
      placeOf(one.table, one.database) === place &&
      one.start.from?.dataset === name,
  );
  if (own === undefined) return;
  refuse(
    `its rows are mapped as "${own.dataset}", which goes before the accounts, and their closing date with it`,
    `Give "${own.dataset}" a start of its own, so that it goes after them, or take it out`,
    'table',
  );
}
