// Tables that a product makes anew each day or month, with the date in their names: how a data map writes such names, which
// tables it means, and what the dataset of one of them is called. The date in a name is never taken for the age of a row.
import { parseWall } from './wall-time.ts';

/** What may stand between the braces, and the digits that it stands for: year, month, day. */
const FORMATS: Readonly<Record<string, RegExp>> = {
  yyyyMMdd: /^(\d{4})(\d{2})(\d{2})$/,
  yyyy_MM_dd: /^(\d{4})_(\d{2})_(\d{2})$/,
  yyyyMM: /^(\d{4})(\d{2})$/,
  yyyy_MM: /^(\d{4})_(\d{2})$/,
  yyyy: /^(\d{4})$/,
};

/**
 * Stands between the name of a family and the table. No declared name holds it, and no address of a record splits at it:
 * `homer/sip-captures:sip_capture_call_20150407/1042`.
 */
const MARK = ':';

interface DatedName {
  /** The one schema that the tables stand in; null: the store's own. */
  readonly schema: string | null;
  readonly before: string;
  readonly format: string;
  readonly after: string;
}

/** `sip_capture_call_{yyyyMMdd}`, taken apart. Throws on one that `datedNameMistake` has something against. */
export function readDatedName(written: string): DatedName {
  const parts = /^(?:([^.{}]+)\.)?([^.{}]*)\{([^{}]*)\}([^.{}]*)$/.exec(written);
  const [, schema = null, before = '', format = '', after = ''] = parts ?? [];
  if (FORMATS[format] === undefined) throw new Error(`"${written}" is no name with a date`);
  return { schema, before, format, after };
}

/** What is wrong with a name as it is written; null where nothing is. */
export function datedNameMistake(written: string): string | null {
  const dates = written.match(/\{[^{}]*\}/g) ?? [];
  if (dates.length !== 1)
    return `"${written}" has ${dates.length === 0 ? 'no date' : `${dates.length} dates`} in it`;
  const [date = ''] = dates;
  if (FORMATS[date.slice(1, -1)] === undefined) return `"${date}" is not a date that names of tables carry`;
  try {
    const { before, after } = readDatedName(written);
    return before + after === '' ? 'a date alone names no table' : null;
  } catch {
    return `"${written}" is not the name of a table in one schema`;
  }
}

export const DATED_NAME_HINT =
  'Write one date: sip_capture_call_{yyyyMMdd}, or {yyyy_MM_dd}, {yyyyMM}, {yyyy_MM}, {yyyy}';

/**
 * Whether a table, named without its schema, is one of a family: exactly its name, with a day, month or year of the
 * calendar in the place of the date. An underscore is one.
 */
export function isDatedTable(written: string, table: string): boolean {
  const { before, format, after } = readDatedName(written);
  if (table.length !== before.length + format.length + after.length) return false;
  if (!table.startsWith(before) || !table.endsWith(after)) return false;
  const date = FORMATS[format]?.exec(table.slice(before.length, before.length + format.length));
  if (date == null) return false;
  const [, year = '', month = '01', day = '01'] = date;
  return parseWall(`${year}-${month}-${day}`) !== null;
}

/** The name of the dataset that one table of a family is. */
export function memberName(family: string, table: string): string {
  return `${family}${MARK}${table}`;
}

/** The dataset as it is declared, of whatever stands in a plan, an address or the audit log. */
export function familyOf(dataset: string): string {
  return dataset.split(MARK, 1)[0] ?? dataset;
}

/** The table that a dataset's name says it is; null for a dataset that is declared by itself. */
export function tableOf(dataset: string): string | null {
  const at = dataset.indexOf(MARK);
  return at === -1 ? null : dataset.slice(at + 1);
}
