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
