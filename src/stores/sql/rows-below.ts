// Records and the rows of child tables below them, as queries that join each level to the one above it.
import type { Knex } from 'knex';
import type { Key } from '../../policy/policy.ts';
import type { ChildTarget } from './child-tables.ts';
import { aliased, columnOf } from './names.ts';
import { type Target, whereKeys } from './query.ts';

/** Rows of one table, by the alias that a query has for it: the records themselves, or rows below them. */
export interface Rows {
  readonly alias: string;
  readonly query: () => Knex.QueryBuilder;
}

export function recordRows(connection: Knex, target: Target, keys: readonly Key[]): Rows {
  return {
    alias: 't',
    query: () => {
      const query = connection.from(aliased('t', target.table.place));
      whereKeys(query, target, keys);
      return query;
    },
  };
}

export function rowsBelow(rows: Rows, { child: { on, where }, table }: ChildTarget): Rows {
  const alias = `${rows.alias}c`;
  return {
    alias,
    query: () => {
      const query = rows.query().join(aliased(alias, table.place), join => {
        // SQLite compares as the left one is compared: what belongs to a record is for the record's column to say, as
        // it is where a foreign key leads to it.
        for (const [theirs, above] of Object.entries(on))
          join.on(columnOf(rows.alias, above), '=', columnOf(alias, theirs));
      });
      for (const [column, value] of Object.entries(where)) query.where(columnOf(alias, column), value);
      return query;
    },
  };
}
