// A dataset with all that it may leave unsaid: a part of a row is of the same table under the same key, and whose it is, and
// from when, it has from its row unless it says otherwise.
import type { Report } from './check-keys.ts';
import type { WrittenDataset } from './store-schema.ts';

const FROM_ITS_ROW = [
  'table',
  'database',
  'key',
  'keyless',
  'keysPersonal',
  'customer',
  'numbers',
  'jurisdiction',
  'acknowledged',
  'start',
] as const;

/** A dataset whose start is known. */
type WholeDataset = WrittenDataset & { readonly start: NonNullable<WrittenDataset['start']> };

/** Null, with a report, where its row cannot be told or nobody says its start. */
export function wholeDataset(
  written: WrittenDataset,
  all: readonly WrittenDataset[],
  report: Report,
): WholeDataset | null {
  const { partOf } = written;
  const row = all.find(one => one.dataset === partOf);
  if (partOf !== undefined && row === undefined) {
    const names = all.filter(one => one.partOf === undefined).map(one => one.dataset);
    report(['partOf'], `this store has no dataset "${partOf}"`, `It has ${names.join(', ')}`);
    return null;
  }
  if (row?.partOf !== undefined) {
    report(
      ['partOf'],
      `"${row.dataset}" is itself a part of "${row.partOf}"`,
      'Name the dataset that is the whole row',
    );
    return null;
  }
  const whole = { ...fromRow(row), ...written };
  const { start } = whole;
  if (start !== undefined) return { ...whole, start };
  report(['start'], '"start" is missing', 'Add it: a group of keys');
  return null;
}

function fromRow(row: WrittenDataset | undefined): Partial<WrittenDataset> {
  if (row === undefined) return {};
  return Object.fromEntries(FROM_ITS_ROW.filter(key => row[key] !== undefined).map(key => [key, row[key]]));
}
