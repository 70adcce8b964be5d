// Whether each data map makes sense in itself and beside the policies: every dataset says what its kind of store
// needs, its start event is the one that its class counts from, and what a policy would do there can be done.
import type { Problem } from '../errors.ts';
import { checkChildren } from './check-children.ts';
import { checkDatedTables } from './check-dated-tables.ts';
import { checkFolder } from './check-folder.ts';
import { checkKeys, type Report } from './check-keys.ts';
import { checkPart } from './check-parts.ts';
import { BELONGING_TO_START, checkFallback, checkStartRows } from './check-start-rows.ts';
import { checkUnit } from './check-unit.ts';
import type { Loaded, Located } from './loaded.ts';
import type { DatasetFile, StoreFile } from './store-schema.ts';
import { placeOf } from './table-place.ts';

export function checkStores(loaded: Loaded, classes: ReadonlySet<string>): Problem[] {
  return loaded.stores.flatMap(store => checkStore(store, loaded, classes));
}

function checkStore(
  { value: store, file }: Located<StoreFile>,
  loaded: Loaded,
  classes: ReadonlySet<string>,
): Problem[] {
  const problems: Problem[] = [];
  const names = new Set<string>();
  const tables = new Map<string, string>();
  store.datasets.forEach((dataset, index) => {
    const report: Report = (path, message, hint) => {
      problems.push(file.problem(['datasets', index, ...path], message, hint));
    };
    if (names.has(dataset.dataset))
      report(['dataset'], `dataset "${dataset.dataset}" stands here twice`, 'Give it another name');
    names.add(dataset.dataset);
    // A part of a row is in the table of its row, and no other dataset.
    const table = dataset.partOf === undefined ? dataset.table : undefined;
    const place = table === undefined ? null : placeOf(table, dataset.database);
    const other = place === null ? undefined : tables.get(place);
    if (table !== undefined && other !== undefined)
      report(
        ['table'],
        `table "${table}" is mapped by "${other}" already: its rows would have two periods`,
        `Keep one dataset, with class: { column: ..., values: { ... } } if its rows are of several classes, or write partOf: ${other} if some columns of each row are of another`,
      );
    if (place !== null) tables.set(place, dataset.dataset);
    if (store.kind === 'filesystem') checkFolder(dataset, report);
    else checkTable(dataset, store, loaded, report);
    checkClasses(dataset, store, loaded, classes, report);
    if (dataset.partitions === 'drop') checkPartitions(dataset, store, report);
    checkStartRows(dataset, store, report);
    checkFallback(dataset, store, report);
    if (dataset.partOf !== undefined) checkPart(dataset, store, loaded, report);
  });
  checkIgnored(store, (path, message, hint) => {
    problems.push(file.problem(path, message, hint));
  });
  return problems;
}

/** What a dataset maps is not left out. */
function checkIgnored(store: StoreFile, report: Report): void {
  store.ignored?.forEach((one, index) => {
    const [key, at] = 'table' in one ? ['table', one.table] : ['folder', one.folder];
    const mapped = store.datasets.find(
      dataset => (dataset.table ?? dataset.folder)?.toLowerCase() === at.toLowerCase(),
    );
    if (mapped !== undefined)
      report(
        ['ignored', index, key],
        `"${at}" is mapped by "${mapped.dataset}", and cannot be left out as well`,
        'Take it out here, or take the dataset out',
      );
  });
}

/** Partitions are dropped only where no record has to be looked at by itself. */
function checkPartitions(dataset: DatasetFile, store: StoreFile, report: Report): void {
  const refuse = (message: string): void => {
    report(['partitions'], message, 'Take it out, or write partitions: rows');
  };
  if (store.kind !== 'mysql') refuse('only tables of a MySQL or MariaDB store have partitions to drop');
  if (dataset.start.from !== undefined)
    refuse(
      'partitions are dropped by the start that stands in the table itself, and this one stands elsewhere',
    );
  if (dataset.keysPersonal === true) refuse('keys that identify people are hashed one by one');
  if (dataset.files !== undefined) refuse('files that go with records are removed one by one');
}

function checkTable(dataset: DatasetFile, store: StoreFile, loaded: Loaded, report: Report): void {
  if (dataset.table === undefined && dataset.tables === undefined)
    report(['dataset'], 'a dataset of rows needs a table', 'Add table: cdr');
  if (store.kind === 'sqlite' && dataset.database !== undefined)
    report(['database'], 'an SQLite file is one database', 'Take it out');
  checkDatedTables(dataset, store, report);
  checkKeys(dataset, store, report);
  checkChildren(dataset, store, report);
  for (const key of ['folder', 'pattern', 'removeEmptyFolders', 'hardLinks'] as const) {
    if (dataset[key] !== undefined) report([key], `rows have no "${key}"`, 'Take it out');
  }
  dataset.files?.forEach((rule, index) => {
    const target = loaded.stores.find(one => one.value.store === rule.store);
    if (target?.value.kind !== 'filesystem')
      report(
        ['files', index, 'store'],
        `"${rule.store}" is not a store of files`,
        'Name a store of kind filesystem',
      );
  });
  const { from } = dataset.start;
  if (from === undefined) {
    if ((dataset.start.column ?? dataset.start.history ?? dataset.start.last) === undefined)
      report(['start'], 'the start column is not said', 'Add column: calldate');
    if (dataset.start.unit === undefined)
      report(
        ['start'],
        'the unit of the start is not said',
        'Add unit: datetime, date, timestamp, epoch-s, epoch-ms, epoch-us or text',
      );
    checkUnit(dataset, report);
    return;
  }
  const source = store.datasets.find(one => one.dataset === from.dataset);
  if (source === undefined)
    report(
      ['start', 'from', 'dataset'],
      `this store has no dataset "${from.dataset}"`,
      `It has ${store.datasets.map(one => one.dataset).join(', ')}`,
    );
  else if (source.partOf !== undefined)
    report(
      ['start', 'from', 'dataset'],
      `"${from.dataset}" is a part of the rows of "${source.partOf}"`,
      `Name ${source.partOf}`,
    );
  else if (source.start.from !== undefined)
    report(
      ['start', 'from', 'dataset'],
      `"${from.dataset}" takes its own start from elsewhere`,
      'Name the dataset that holds the start itself',
    );
  if (Object.keys(from.on).length === 0)
    report(['start', 'from', 'on'], 'how the two are joined is not said', 'Add on: { account_id: id }');
  for (const key of BELONGING_TO_START) {
    if (dataset.start[key] !== undefined)
      report(
        ['start', key],
        `"${key}" belongs to the dataset that holds the start`,
        `Move it to ${from.dataset}`,
      );
  }
}

function checkClasses(
  dataset: DatasetFile,
  store: StoreFile,
  loaded: Loaded,
  classes: ReadonlySet<string>,
  report: Report,
): void {
  const named =
    typeof dataset.class === 'string'
      ? [{ name: dataset.class, path: ['class'] }]
      : Object.entries(dataset.class.values).map(([tag, name]) => ({ name, path: ['class', 'values', tag] }));
  for (const { name, path } of named) {
    if (!classes.has(name)) {
      report(path, `there is no policy for class "${name}"`, `Known: ${[...classes].sort().join(', ')}`);
      continue;
    }
    const policy = loaded.policies.find(one => one.value.class === name)?.value;
    if (policy === undefined) continue;
    if (policy.start !== dataset.start.event)
      report(
        ['start', 'event'],
        `class ${name} counts from "${policy.start}", not from "${dataset.start.event}"`,
        `Map the column that says when it was ${policy.start}, and write event: ${policy.start}`,
      );
    if (policy.period === 'unstated' || policy.period === 'forever' || dataset.partOf !== undefined) continue;
    if (dataset.partitions === 'drop' && policy.disposition !== 'purge')
      report(
        ['partitions'],
        `class ${name} ends in "${policy.disposition}", and dropping a partition purges it`,
        'Take it out, or write partitions: rows',
      );
    if (store.kind === 'filesystem' && policy.disposition !== 'purge')
      report(
        path,
        `class ${name} ends in "${policy.disposition}", which a store of files cannot do`,
        'Keep this class in a database, or change its disposition',
      );
    else if (policy.disposition !== 'purge' && dataset.children !== undefined)
      report(
        ['children'],
        `class ${name} ends in "${policy.disposition}", and children go with a record that is purged`,
        'Take them out, or map them as datasets of their own',
      );
    else if (policy.disposition === 'anonymise' && dataset.anonymise === undefined)
      report(
        path,
        `class ${name} ends in "anonymise", and no fields are named`,
        'Add anonymise: { fields: [{ column: ..., mask: ... }] }',
      );
    else if (policy.disposition === 'flag' && dataset.flag === undefined)
      report(
        path,
        `class ${name} ends in "flag", and no column is named for it`,
        'Add flag: { column: retention_due, value: due }',
      );
  }
}
