// Child tables in themselves and beside the datasets of their store: a row that has a period of its own is no child.
import type { Report } from './check-keys.ts';
import type { ChildFile, DatasetFile, StoreFile } from './store-schema.ts';
import { placeOf } from './table-place.ts';

export function checkChildren(dataset: DatasetFile, store: StoreFile, report: Report): void {
  const { children } = dataset;
  if (children === undefined) return;
  if (dataset.keyless === true)
    report(['children'], 'rows without a key have no children', 'Add a key to the table, or take them out');
  if (dataset.tables !== undefined)
    report(['children'], 'tables that are named by date have no children', 'Take them out');
  if (dataset.partitions === 'drop')
    report(
      ['children'],
      'a partition that is dropped takes no children along',
      'Write partitions: rows, or take them out',
    );
  checkBelow(children, ['children'], dataset, store, report);
}

function checkBelow(
  children: readonly ChildFile[],
  path: readonly (string | number)[],
  dataset: DatasetFile,
  store: StoreFile,
  report: Report,
): void {
  children.forEach((child, index) => {
    const here = [...path, index];
    const place = placeOf(child.table, child.database);
    const mapped = store.datasets.find(
      one => one.table !== undefined && placeOf(one.table, one.database) === place,
    );
    if (mapped !== undefined)
      report(
        [...here, 'table'],
        `table "${child.table}" is mapped by "${mapped.dataset}": its rows have a period of their own`,
        mapped === dataset
          ? 'Take it out: a table is no child of itself'
          : `Take it out here. If its rows begin with the record, write start: { from: { dataset: ${dataset.dataset}, on: ... } } there`,
      );
    const columns = Object.keys(child.on).length;
    if (columns === 0)
      report([...here, 'on'], 'how the two are joined is not said', 'Add on: { ticket_id: id }');
    if (child.shared !== undefined && child.shared !== false && columns > 1)
      report([...here, 'shared'], 'rows that are shared are told by one column', 'Join them on one column');
    checkBelow(child.children ?? [], [...here, 'children'], dataset, store, report);
  });
}
