// A number as it is, and not as its column is shown: ZEROFILL writes zeros before it, in some places and not in others, and
// nobody who names a customer or a key writes them.
import type { Column } from '../sql/dialect.ts';

/** With the column as `??`. */
export function plainNumber(column: Column | undefined): string {
  const isNumber = column?.type === 'integer' || column?.type === 'decimal';
  return isNumber && /zerofill/i.test(column.written) ? '(?? + 0)' : '??';
}
