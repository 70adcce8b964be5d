// Values on their way to a server and back: texts here, and compared there as their column compares them.
import type { Knex } from 'knex';
import type { ColumnType } from './dialect.ts';

export type SqlValue = string | number | bigint | Uint8Array | null;

/** A text as a column of this type compares it: numbers as numbers (a text would be compared as a double), bytes as bytes. */
export function bindValue(database: Pick<Knex, 'raw'>, type: ColumnType | undefined, text: string): unknown {
  // Written out and not bound: a driver may have no exact number to bind, and these texts hold nothing but digits.
  if (type === 'integer' && /^-?\d+$/.test(text)) return database.raw(text);
  if (type === 'decimal' && /^-?\d+(\.\d+)?$/.test(text)) return database.raw(text);
  return type === 'bytes' ? Buffer.from(text, 'hex') : text;
}

/** What a server gave, as the text that `bindValue` takes. */
export function textOf(value: SqlValue | undefined): string | null {
  if (value === null || value === undefined) return null;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}
