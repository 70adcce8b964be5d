// Foreign keys as SQLite has them: each table is asked for its own.
import type { Knex } from 'knex';
import type { TableName } from '../../policy/table-name.ts';
import type { ForeignKey, ForeignKeys, Rule } from '../sql/foreign-keys.ts';
import { sealed } from '../sql/names.ts';
import { baseTables, columnsOf, primaryOf } from './describe.ts';

const RULES: Readonly<Record<string, Rule>> = {
  CASCADE: 'cascade',
  'SET NULL': 'set-null',
  'SET DEFAULT': 'set-default',
  'NO ACTION': 'refuse',
  RESTRICT: 'refuse',
};

/** SQLite takes capitals of ASCII for small letters, and no others. */
export function folded({ name }: TableName): string {
  return name.replace(/[A-Z]/g, letter => letter.toLowerCase());
}

/** Each table is asked for the keys that it has itself. */
export async function foreignKeys(database: Knex): Promise<ForeignKeys> {
  const byReferred = new Map<string, ForeignKey[]>();
  for (const name of (await baseTables(database)).tables) {
    for (const key of await keysOf(database, name)) {
      const id = folded(key.to);
      byReferred.set(id, [...(byReferred.get(id) ?? []), key]);
    }
  }
  return {
    referringTo: async table => byReferred.get(folded(table)) ?? [],
    idOf: folded,
    named: table => table,
  };
}

async function keysOf(database: Knex, name: string): Promise<readonly ForeignKey[]> {
  const rows: {
    id: number;
    seq: number;
    table: string;
    from: string;
    to: string | null;
    on_delete: string;
    on_update: string;
  }[] = await database.raw('PRAGMA foreign_key_list(??)', [sealed(name)]);
  const keys: ForeignKey[] = [];
  for (const id of new Set(rows.map(row => row.id))) {
    const parts = rows.filter(row => row.id === id).sort((a, b) => a.seq - b.seq);
    const [first] = parts;
    if (first === undefined) continue;
    // Without columns it refers to the primary key.
    const primary = parts.some(({ to }) => to === null)
      ? primaryOf(await columnsOf(database, first.table))
      : [];
    keys.push({
      name: `foreign key ${parts.map(({ from }) => from).join(', ')}`,
      table: { database: null, name },
      columns: parts.map(({ from }) => from),
      to: { database: null, name: first.table },
      referred: parts.map(({ to }, index) => to ?? primary[index] ?? ''),
      onDelete: RULES[first.on_delete] ?? null,
      onUpdate: RULES[first.on_update] ?? null,
    });
  }
  return keys;
}
