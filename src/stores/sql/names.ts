// Names of databases, tables and columns on their way through the query builder, which takes a text apart at dots and at
// ` as `, and a question mark for a value. Each is sealed: letters that mean something to anybody on the way are written in
// code, and the connection puts them back in the finished statement, inside back-ticks, where they are a name and no more.
import type { TableName } from '../../policy/table-name.ts';

/** A code point that is no letter; where a name holds it all the same, it is written in code itself. */
const SEAL = '\uFDD0';
/** Before the name that a query has for a table: no table that a dataset maps begins with it. */
export const ALIAS = 'retention$';

/** A name as the query builder may have it. */
export function sealed(name: string): string {
  return name.replace(/[^A-Za-z0-9_$]/g, letter => {
    return SEAL + letter.charCodeAt(0).toString(16).padStart(4, '0');
  });
}

/** A statement as it is sent: names as they are, a back-tick in one doubled. Texts of values are not in it yet. */
export function unsealed(sql: string): string {
  if (!sql.includes(SEAL)) return sql;
  return sql.replaceAll(new RegExp(`${SEAL}([0-9a-f]{4})`, 'g'), (_, code: string) => {
    const letter = String.fromCharCode(Number.parseInt(code, 16));
    return letter === '`' ? '``' : letter;
  });
}

/** The name of a table in a query: `t` is one of ours, and no table's. */
export function aliasOf(short: string): string {
  return ALIAS + short;
}

/** A column of a table by the name that a query has for it; empty: the query has one table. */
export function columnOf(short: string, column: string): string {
  return short === '' ? sealed(column) : `${aliasOf(short)}.${sealed(column)}`;
}

/** A table, with its database where it has one. */
export function tableOf({ database, name }: TableName): string {
  return database === null ? sealed(name) : `${sealed(database)}.${sealed(name)}`;
}

/** A table under a name of ours: for `from` and `join`. */
export function aliased(short: string, table: TableName): Record<string, string> {
  return { [aliasOf(short)]: tableOf(table) };
}

/** A name as it stands in SQL for people: grants, and what is to be run by hand. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

export function quotedTable({ database, name }: TableName): string {
  return database === null ? quoted(name) : `${quoted(database)}.${quoted(name)}`;
}
