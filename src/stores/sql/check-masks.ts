// Whether the columns that are written to can take what is written there: what a record is known by stays, and one value for
// many rows does not go into a column that has each value once.
import type { FieldMask } from '../../masks/mask.ts';
import type { Disposition } from '../../policy/policy.ts';
import type { Dataset } from '../store.ts';
import type { Report } from './check-key.ts';
import type { Table } from './dialect.ts';
import { fold } from './foreign-keys.ts';

/** Columns that disposing in these ways writes to. */
export function writtenColumns(
  { flag, anonymise }: Dataset,
  dispositions: readonly Disposition[],
): readonly string[] {
  return [
    ...(dispositions.includes('flag') && flag !== null ? [flag.column] : []),
    ...(dispositions.includes('anonymise') && anonymise !== null
      ? [...anonymise.fields, ...(anonymise.marker === null ? [] : [anonymise.marker])].map(one => one.column)
      : []),
  ];
}

function ownColumnsOfStart({ startColumn, statusColumn, startRows }: Dataset): (string | null)[] {
  return [statusColumn, ...(startRows === null ? [startColumn] : Object.values(startRows.on))];
}

export function checkMasks(
  dataset: Dataset,
  table: Table,
  dispositions: readonly Disposition[],
  report: Report,
): void {
  const { unique } = table;
  const needed = new Set([
    ...dataset.key,
    ...(dataset.startFrom === null ? ownColumnsOfStart(dataset) : []),
    ...Object.keys(dataset.startFrom?.on ?? {}),
    dataset.customerColumn,
    dataset.tagColumn,
  ]);
  for (const { column, mask } of dataset.anonymise?.fields ?? []) {
    if (mask.kind === 'null' && table.columns.get(column)?.nullable === false) {
      report(
        `column "${column}" does not take NULL`,
        unique.some(columns => columns.map(fold).includes(fold(column)))
          ? `Write { column: ${column}, mask: keyed-hash }: a text would be the same in every row, and the column has each value once`
          : `Mask it with a text: { column: ${column}, mask: { text: '' } }`,
      );
    }
    if (needed.has(column)) {
      report(
        `column "${column}" says what the record is, whose, or from when, and cannot be masked`,
        'Take it out of anonymise: with another value the rules would take the record for another',
      );
    }
  }
  checkUnique(dataset, table, dispositions, needed, report);
}

/** What a mask makes of two different values may be one value. */
const ALIKE: Readonly<Record<FieldMask['mask']['kind'], string | null>> = {
  null: null,
  'keyed-hash': null,
  text: 'one text',
  'last-three-digits': 'one number',
  'truncate-date': 'one date',
};

/** In a column that has each value once the second row would be refused, every night. */
function checkUnique(
  { flag, anonymise }: Dataset,
  { unique, uniqueKeys }: Table,
  dispositions: readonly Disposition[],
  needed: ReadonlySet<string | null>,
  report: Report,
): void {
  const written: { column: string; alike: string }[] = [];
  if (dispositions.includes('flag') && flag !== null)
    written.push({ column: flag.column, alike: 'one text' });
  if (dispositions.includes('anonymise') && anonymise !== null) {
    if (anonymise.marker !== null) written.push({ column: anonymise.marker.column, alike: 'one text' });
    for (const { column, mask } of anonymise.fields) {
      const alike = ALIKE[mask.kind];
      if (alike !== null && !needed.has(column)) written.push({ column, alike });
    }
  }
  const changed = new Set(written.map(({ column }) => fold(column)));
  // Whatever else is in an index, where a whole key of the row stays in it too no two rows are alike.
  const isSafe = (columns: readonly string[]): boolean => {
    const staying = new Set(columns.map(fold).filter(column => !changed.has(column)));
    return uniqueKeys.some(key => key.columns.every(column => staying.has(fold(column))));
  };
  for (const { column, alike } of written) {
    const index = unique.find(columns => columns.map(fold).includes(fold(column)) && !isSafe(columns));
    if (index === undefined) continue;
    report(
      `"${column}" has each value once (unique: ${index.join(', ')}), and this would write ${alike} into many rows`,
      `Write { column: ${column}, mask: keyed-hash }, which gives each value another; or mask: null, if the column takes NULL`,
    );
  }
}
