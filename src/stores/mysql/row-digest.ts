// What tells a row from all others where no key does: one digest of every column's exact value, worked out by the server,
// so that it is the same when a plan is made and when it is enforced. No two columns can run into each other.
import type { Knex } from 'knex';
import type { Column, Table } from '../sql/dialect.ts';
import { columnOf } from '../sql/names.ts';

/** `alias`: the table's in the query; empty where it has none. */
export function rowDigest(database: Pick<Knex, 'raw'>, table: Table, alias: string): Knex.Raw {
  const parts = [...table.columns].map(([name, column]) => {
    const sql = exactText(column);
    const at = columnOf(alias, name);
    return database.raw(
      sql,
      Array.from({ length: sql.split('??').length - 1 }, () => at),
    );
  });
  return database.raw(`sha2(concat(${parts.map(() => '?').join(", ',', ")}), 256)`, parts);
}

/**
 * A value as a text that no other value of the column has, without a comma in it; `N`, which none of these texts is, for
 * NULL. Texts are their bytes: a collation takes capitals and blanks at the end for nothing.
 */
function exactText({ type, written }: Column): string {
  switch (type) {
    case 'integer':
    case 'decimal':
    case 'datetime':
    case 'date':
    case 'timestamp':
      return "ifnull(cast(?? as char), 'N')";
    // A FLOAT is shown with six digits, and has more: as a DOUBLE all of them are there.
    case 'float':
      return EXACT_FLOAT;
    case 'coded':
      return "ifnull(cast(?? + 0 as char), 'N')";
    case 'text':
    case 'bytes':
    case 'other':
      if (SPATIAL.test(written))
        return "if(octet_length(cast(?? as binary)) > 8000, sha2(cast(?? as binary), 256), ifnull(hex(??), 'N'))";
      // Twice as long in hexadecimal, a long one would be more than the server lets a text be: it gives NULL for that.
      if (/text|blob/.test(written)) return "if(?? is null, 'N', sha2(??, 256))";
      return isWide(written)
        ? "if(octet_length(??) > 8000, sha2(??, 256), ifnull(hex(??), 'N'))"
        : "ifnull(hex(??), 'N')";
  }
}

/** MySQL leaves digits out where a number with its exponent is longer than 20 characters; JSON has all of them. */
const EXACT_FLOAT =
  "ifnull(/*!80000 if(char_length(cast(?? + 0e0 as char)) > 20, cast(json_array(?? + 0e0) as char), */ cast(?? + 0e0 as char) /*!80000 ) */, 'N')";

/** The bytes of a shape are its reference system and its points, as many as it has. */
const SPATIAL = /^(geometry|point|linestring|polygon|multi|geom(etry)?coll)/i;

/** Declared for more characters than this, a text of a row may be too long to be written out. */
const WIDE = 2000;

function isWide(written: string): boolean {
  return Number(/^var(?:char|binary)\((\d+)\)/i.exec(written)?.[1] ?? 0) > WIDE;
}
