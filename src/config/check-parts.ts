// A dataset that is a part of another's rows: what goes with its columns, and what does not. Its columns are its own, or
// masking them at their time would change what is known of the rest of the row.
import { templateColumns } from '../policy/file-path.ts';
import type { Report } from './check-keys.ts';
import type { Loaded } from './loaded.ts';
import type { DatasetFile, StoreFile } from './store-schema.ts';

export function checkPart(part: DatasetFile, store: StoreFile, loaded: Loaded, report: Report): void {
  const row = store.datasets.find(one => one.dataset === part.partOf);
  if (row === undefined || store.kind === 'filesystem') return;
  for (const key of ['table', 'database', 'key', 'keysPersonal'] as const) {
    if (JSON.stringify(part[key]) !== JSON.stringify(row[key]))
      report([key], `"${key}" is not that of "${row.dataset}"`, 'Take it out: a part has that of its row');
  }
  for (const key of ['flag', 'partitions', 'children'] as const) {
    if (part[key] !== undefined) report([key], `a part of a row has no "${key}"`, 'Take it out');
  }
  if (row.tables !== undefined)
    report(
      ['partOf'],
      `tables of "${row.dataset}" are named by date, and their rows have no parts`,
      'Take it out',
    );
  if (row.partitions === 'drop')
    report(
      ['partOf'],
      `partitions of "${row.dataset}" are dropped, with rows that a part of them may have to keep`,
      `Write partitions: rows in ${row.dataset}`,
    );
  checkEnd(part, loaded, report);
  if (part.anonymise === undefined) {
    const hint = 'Add anonymise: { fields: [{ column: record_name, mask: null }] }';
    report(['dataset'], 'a part of a row is the columns that it masks, and none are named', hint);
    return;
  }
  const siblings = store.datasets.filter(one => one !== part && (one === row || one.partOf === row.dataset));
  checkColumns(part, siblings, report);
  checkFileColumns(part, report);
}

/** Its end is a mask, whether the policy calls it that or a purge. */
function checkEnd(part: DatasetFile, loaded: Loaded, report: Report): void {
  const named = typeof part.class === 'string' ? [part.class] : Object.values(part.class.values);
  for (const { value: policy } of loaded.policies) {
    if (!named.includes(policy.class) || policy.disposition !== 'flag') continue;
    if (policy.period === 'unstated' || policy.period === 'forever') continue;
    report(
      ['class'],
      `class ${policy.class} ends in "flag", and a part of a row can only be cleared`,
      'Give the class the disposition purge or anonymise, or map it in a table of its own',
    );
  }
}

function checkColumns(part: DatasetFile, siblings: readonly DatasetFile[], report: Report): void {
  const { numbers: _own, ...self } = part;
  const written = [
    ...(part.anonymise?.fields ?? []).map(({ column }, index) => ({
      column,
      at: ['fields', index, 'column'],
    })),
    ...(part.anonymise?.marker === undefined
      ? []
      : [{ column: part.anonymise.marker.column, at: ['marker', 'column'] }]),
  ];
  for (const { column, at } of written) {
    // Its own numbers may go: what is masked is not asked for them again.
    const told = [self, ...siblings].find(one => tellingColumns(one).includes(column));
    const holder = siblings.find(one => ownColumns(one).includes(column));
    if (told !== undefined)
      report(
        ['anonymise', ...at],
        `column "${column}" says what a record of "${told.dataset}" is, whose, or from when`,
        'Take it out: with another value the rules would take the record for another',
      );
    else if (holder !== undefined)
      report(
        ['anonymise', ...at],
        `column "${column}" belongs to "${holder.dataset}" as well`,
        'Keep it in one of the two: each goes at its own time',
      );
  }
}

/** What the rules go by. */
function tellingColumns(
  dataset: Omit<DatasetFile, 'numbers'> & Pick<Partial<DatasetFile>, 'numbers'>,
): string[] {
  const { start, customer, numbers = [], jurisdiction, key = [] } = dataset;
  return [
    ...key,
    ...numbers,
    ...(start.from === undefined
      ? [start.column ?? '', start.status?.column ?? '']
      : Object.keys(start.from.on)),
    ...Object.values((start.history ?? start.last)?.on ?? {}),
    customer ?? '',
    typeof dataset.class === 'string' ? '' : dataset.class.column,
    typeof jurisdiction === 'object' ? jurisdiction.column : '',
  ];
}

/** What is read or written for its own sake. */
function ownColumns({ bytes, files = [], flag, anonymise }: DatasetFile): string[] {
  return [
    bytes ?? '',
    flag?.column ?? '',
    anonymise?.marker?.column ?? '',
    ...(anonymise?.fields ?? []).map(({ column }) => column),
    ...files.flatMap(rule => templateColumns(rule.path)),
  ];
}

/** Nothing but its name can tell that a file is gone: the name has to go with it. */
function checkFileColumns(part: DatasetFile, report: Report): void {
  const masks = new Map((part.anonymise?.fields ?? []).map(({ column, mask }) => [column, mask]));
  part.files?.forEach(({ path }, index) => {
    const named = templateColumns(path).filter(column => masks.has(column));
    if (named.length === 0)
      report(
        ['files', index, 'path'],
        'no column of this path is masked, so that the row would name the file after it has gone',
        'Add one of its columns to anonymise: { fields: [...] }',
      );
    for (const column of named) {
      const mask = masks.get(column);
      if (mask === null || mask === 'null' || (typeof mask === 'object' && 'text' in mask)) continue;
      report(
        ['files', index, 'path'],
        `column "${column}" names a file, and its mask would leave the name of another`,
        `Write { column: ${column}, mask: null }, or mask: { text: '' } where it takes no NULL`,
      );
    }
  });
}
