// Tables that are named by date in an SQL store: which there are, whether one has gone, and what foreign keys refer to
// them, asked of the server once for all of them.
import type { Knex } from 'knex';
import { isDatedTable, readDatedName } from '../../policy/dated-names.ts';
import type { DatedTables, NamedTable } from '../dated-tables.ts';
import type { Dialect } from './dialect.ts';
import { tableOf } from './names.ts';

/** `forget`: what was known of foreign keys may be of tables that are no more. */
export function datedTables(dialect: Dialect, database: Knex, forget: () => void): DatedTables {
  return {
    list: async ({ table, tables }) => {
      if (tables === null) return [];
      // Whoever asks what there is wants to know how it is now.
      forget();
      return listTables(dialect, database, table.database, tables);
    },
    isGone: async ({ tables, table }) => {
      if (tables === null) return false;
      try {
        await database.from(tableOf(table)).select(database.raw('1')).limit(0);
        return false;
      } catch (error) {
        const { kind } = dialect.explainError(error);
        if (kind === 'unreachable') throw error;
        return kind === 'gone';
      }
    },
  };
}

async function listTables(
  { baseTables }: Dialect,
  database: Knex,
  home: string | null,
  written: string,
): Promise<readonly NamedTable[]> {
  const schema = home ?? readDatedName(written).schema;
  const { home: place, isOwn, tables } = await baseTables(database, schema);
  const names = (table: string): string[] => [
    ...(isOwn ? [table] : []),
    ...(place === null ? [] : [`${place}.${table}`]),
  ];
  return tables
    .filter(table => isDatedTable(written, table))
    .sort()
    .map(table => ({ table, names: names(table) }));
}
