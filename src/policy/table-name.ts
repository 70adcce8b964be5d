// A table is a database and a name. A name may hold any letter, a dot among them: the two are never one text that somebody
// takes apart again.

export interface TableName {
  /** Null: that of the store, where none is named. */
  readonly database: string | null;
  readonly name: string;
}

/** As messages, counts and the audit log have it; nothing reads it back. */
export function shownTable({ database, name }: TableName): string {
  return database === null ? name : `${database}.${name}`;
}

const CHANGED = 'changed: ';

/** What rows are counted under whose column a foreign key sets anew; those that go are counted under their table. */
export function changeOf(table: TableName, columns: readonly string[], to: string): string {
  return `${CHANGED}${shownTable(table)}.${columns.join(', ')} to ${to}`;
}

export function isChange(counted: string): boolean {
  return counted.startsWith(CHANGED);
}
