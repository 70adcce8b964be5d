// How SQLite, whose columns have no types, is asked for values: as texts, and as times where rows are added up. These are
// brought to one length, so that they are in the order of time; what does not come out as a real date and time is not read.
import type { Knex } from 'knex';
import type { StartUnit } from '../../policy/start.ts';
import type { ColumnType, TimePhrases } from '../sql/dialect.ts';

/** Bytes as hexadecimal text: cast as they are, those that are not UTF-8 end the process inside the driver. */
export function asText(database: Pick<Knex, 'raw'>, column: string): Knex.Raw {
  return database.raw("CASE typeof(??) WHEN 'blob' THEN lower(hex(??)) ELSE CAST(?? AS TEXT) END", [
    column,
    column,
    column,
  ]);
}

/** The driver ends a text where a byte 0 is. */
export function wholeText(database: Pick<Knex, 'raw'>, column: string): Knex.Raw {
  const text = asText(database, column);
  // Bytes are read as hexadecimal text, in which there is none.
  return database.raw(
    "CASE WHEN typeof(??) = 'text' AND instr(CAST(?? AS BLOB), x'00') > 0 THEN NULL ELSE ? END",
    [column, column, text],
  );
}

const DATE = '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]';
const TIME = '[0-9][0-9]:[0-9][0-9]:[0-9][0-9]';
const FRACTION = '[0-9]'.repeat(9);

/** `2026-11-22T02:15` as `2026-11-22 02:15:00.000000000`. */
const WALL =
  "substr(replace(??, 'T', ' ') || CASE length(??) WHEN 10 THEN ' 00:00:00.000000000' WHEN 16 THEN ':00.000000000' WHEN 19 THEN '.000000000' ELSE '000000000' END, 1, 29)";
const DAY = 'substr(??, 1, 10)';

export function sqliteTimes(unit: Exclude<StartUnit, 'text'>): TimePhrases {
  switch (unit) {
    case 'datetime':
    case 'timestamp':
      return texts(WALL, `${DATE} ${TIME}.${FRACTION}`, '%Y-%m-%d %H:%M:%S', 19);
    case 'date':
      return texts(DAY, DATE, '%Y-%m-%d', 10);
    case 'epoch-s':
    case 'epoch-ms':
    case 'epoch-us':
      return {
        ordered: '??',
        isZero: "(typeof(??) IN ('integer', 'real') AND ?? = 0)",
        isUnreadable: "(?? IS NOT NULL AND typeof(??) NOT IN ('integer', 'real'))",
        areNear: 'false',
      };
  }
}

/** A day that no month has comes out of the calendar as another one. */
function texts(ordered: string, pattern: string, format: string, length: number): TimePhrases {
  const real = `substr(${ordered}, 1, ${length})`;
  return {
    ordered,
    isZero: "(typeof(??) = 'text' AND ?? LIKE '0000-00-00%')",
    isUnreadable: `(?? IS NOT NULL AND (typeof(??) <> 'text' OR ${ordered} NOT GLOB '${pattern}' OR coalesce(strftime('${format}', ${real}) <> ${real}, 1)))`,
    areNear: '(julianday(??) <= julianday(??) + 0.125)',
  };
}

/** SQLite's own rules for the affinity of a declared type, as far as binding a key needs them. */
export function typeOf(declared: string): ColumnType {
  const type = declared.toUpperCase();
  if (type.includes('INT')) return 'integer';
  if (/CHAR|CLOB|TEXT/.test(type)) return 'text';
  // Values of any kind stay as they are in these, numbers before texts before bytes, and one text can stand for all three.
  if (type === '' || /BLOB|BINARY/.test(type)) return 'coded';
  return /REAL|FLOA|DOUB/.test(type) ? 'float' : 'other';
}
