// Datasets whose tables are named by date: what does not go with tables of which a new one is made each day, and whether
// another dataset of the store names one of them.
import { isDatedTable, readDatedName } from '../policy/dated-names.ts';
import type { Report } from './check-keys.ts';
import type { DatasetFile, StoreFile } from './store-schema.ts';

/** What the ledger has room for: the dataset's name, a colon and the table's. */
const LONGEST_NAME = 128;

export function checkDatedTables(dataset: DatasetFile, store: StoreFile, report: Report): void {
  const { tables } = dataset;
  if (dataset.start.from !== undefined) checkSource(dataset.start.from, store, report);
  if (tables === undefined) return;
  if (dataset.table !== undefined)
    report(
      ['tables'],
      'a dataset has one table, or tables that are named by date',
      'Keep one of the two; or map the single table as a dataset of its own',
    );
  if ((dataset.start.history ?? dataset.start.last) !== undefined)
    report(['start'], 'the start of rows in tables that are named by date stands in them', 'Name its column');
  if (dataset.start.from !== undefined)
    report(
      ['start', 'from'],
      'the start of rows in tables that are named by date stands in them',
      'Name its column',
    );
  if (dataset.files !== undefined)
    report(
      ['files'],
      'a file that rows of two tables name would go with the first, and tables that are named by date are many',
      'Map the files as a dataset of a store of files, or take them out',
    );
  const { before, format, after } = readDatedName(tables);
  if (dataset.dataset.length + 1 + before.length + format.length + after.length > LONGEST_NAME)
    report(
      ['dataset'],
      `the names of the dataset and of a table are longer than ${LONGEST_NAME} characters together`,
      'Give the dataset a shorter name',
    );
  for (const other of store.datasets) {
    if (other === dataset) continue;
    const isNear = other.database?.toLowerCase() === dataset.database?.toLowerCase();
    if (other.table !== undefined && isNear && isDatedTable(tables, ownName(other.table, tables)))
      report(
        ['tables'],
        `"${tables}" means table "${other.table}" too, which "${other.dataset}" maps: its rows would have two periods`,
        'Keep one of the two; tables of other names can stay apart',
      );
    const isEarlier = store.datasets.indexOf(other) < store.datasets.indexOf(dataset);
    if (isEarlier && isNear && other.tables?.toLowerCase() === tables.toLowerCase())
      report(
        ['tables'],
        `"${tables}" is mapped by "${other.dataset}" already: its rows would have two periods`,
        'Keep one dataset, with class: { column: ..., values: { ... } } if its rows are of several classes',
      );
  }
}

/** A table's name without its schema, where that is the one of the tables with a date. */
function ownName(table: string, tables: string): string {
  const { schema } = readDatedName(tables);
  return schema !== null && table.startsWith(`${schema}.`) ? table.slice(schema.length + 1) : table;
}

function checkSource({ dataset: name }: { dataset: string }, store: StoreFile, report: Report): void {
  const source = store.datasets.find(one => one.dataset === name);
  if (source?.tables !== undefined)
    report(
      ['start', 'from', 'dataset'],
      `the tables of "${name}" are named by date, and the start could stand in any of them`,
      'Name a dataset of one table',
    );
}
