// Tables that are named by date in an SQL store: which there are, whether one has gone, and what foreign keys refer to
// them, asked of the server once for all of them.
import type { Knex } from 'knex';
import { isDatedTable, readDatedName } from '../../policy/dated-names.ts';
import type { DatedTables, NamedTable } from '../dated-tables.ts';
import type { Dataset } from '../store.ts';
import type { Dialect, References } from './dialect.ts';

export interface SqlDatedTables extends DatedTables {
  /** Null for a dataset of one table, which the server is asked about by itself. */
  readonly referencesFor: (dataset: Dataset) => Promise<References | null>;
}

export function datedTables(dialect: Dialect, database: Knex): SqlDatedTables {
  const known = new Map<string, Promise<References>>();
  return {
    list: async ({ tables }) => {
      if (tables === null) return [];
      // Whoever asks what there is wants to know how it is now.
      known.delete(tables);
      return listTables(dialect, database, tables);
    },
    isGone: async ({ tables, at }) => {
      if (tables === null) return false;
      try {
        await database.from(at).select(database.raw('1')).limit(0);
        return false;
      } catch (error) {
        const { kind } = dialect.explainError(error);
        if (kind === 'unreachable') throw error;
        return kind === 'gone';
      }
    },
    referencesFor: ({ tables }) => {
      if (tables === null) return Promise.resolve(null);
      const found = known.get(tables) ?? dialect.references(database, readDatedName(tables).schema);
      known.set(tables, found);
      found.catch(() => known.delete(tables));
      return found;
    },
  };
}

async function listTables(
  { baseTables }: Dialect,
  database: Knex,
  written: string,
): Promise<readonly NamedTable[]> {
  const { schema } = readDatedName(written);
  const { home, isOwn, tables } = await baseTables(database, schema);
  const names = (table: string): string[] => [
    ...(isOwn ? [table] : []),
    ...(home === null ? [] : [`${home}.${table}`]),
  ];
  return tables
    .filter(table => isDatedTable(written, table))
    .sort()
    .map(table => ({ table, names: names(table) }));
}
