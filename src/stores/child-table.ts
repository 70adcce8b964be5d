// Tables whose rows are no records of their own: they belong to a record, have no start and no class, and go with it. Types
// only.
import type { TableName } from '../policy/table-name.ts';

/**
 * A table below another, the record's own or a child's. Deleting a record deletes them first, the deepest before the
 * others, in the record's transaction.
 */
export interface ChildTable {
  /** As messages and counts have it. */
  readonly at: string;
  readonly table: TableName;
  /** Its columns, and those of the table above it that they hold. */
  readonly on: Readonly<Record<string, string>>;
  /** What its other columns must hold, where one table serves several (`object_type: T`). */
  readonly where: Readonly<Record<string, string>>;
  /**
   * For rows that several may refer to: every column that does, the one above it among them. Such a row goes after those
   * that refer to it, and only when none is left. Null: a row belongs to one.
   */
  readonly sharedBy:
    | readonly {
        readonly at: string;
        readonly table: TableName;
        readonly column: string;
      }[]
    | null;
  readonly children: readonly ChildTable[];
}

/**
 * Rows that go with records, by table: those of child tables, and those that a foreign key takes along. Of shared ones as
 * many as are referred to: some may stay.
 */
export type ChildCounts = Readonly<Record<string, number>>;

/** Rows of child tables without a record above them, by table; and tables of which that cannot be asked. */
export interface LonelyChildren {
  readonly counts: ChildCounts;
  readonly unsought: readonly string[];
}
