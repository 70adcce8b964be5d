// A start that rows of another table tell, for accounts without a closing date of their own. Types only.
import type { TableName } from '../policy/table-name.ts';

/** The column of a time in these rows, and its unit, are `startColumn` and `start` of the dataset. */
export interface StartRows {
  /** Where they stand, in the same store. */
  readonly table: TableName;
  /** Its column, and the column of the table of accounts that it is equal to. */
  readonly on: Readonly<Record<string, string>>;
  /**
   * For a history, whose latest row decides: which column says what the status became, and which values closed the
   * account. Null: each row is something that the account had, and the start is the end of the last.
   */
  readonly status: { readonly column: string; readonly closed: readonly string[] } | null;
}
