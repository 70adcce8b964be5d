// Foreign keys as the server's catalogue has them. Who may only SELECT sees the keys there, and not what they do: that is in
// what the server says it would create the table with. What is not understood there is told as a key whose rule is not known.
import type { Knex } from 'knex';
import type { TableName } from '../../policy/table-name.ts';
import type { ForeignKey, ForeignKeys, Rule } from '../sql/foreign-keys.ts';
import { sealed } from '../sql/names.ts';
import { type Ask, askOf } from './ask.ts';

/** How a server compares names: as they are spelt, or all of them in small letters. */
export async function comparing(ask: Ask): Promise<Pick<ForeignKeys, 'idOf' | 'named'>> {
  const [place = {}] = await ask('SELECT DATABASE() AS home, @@lower_case_table_names AS folded');
  const own = String(place.home);
  const written = (name: string): string => (Number(place.folded) === 0 ? name : name.toLowerCase());
  return {
    idOf: ({ database, name }) => JSON.stringify([written(database ?? own), written(name)]),
    named: ({ database, name }) => ({
      database: database === null || written(database) === written(own) ? null : database,
      name,
    }),
  };
}

/** Every key of the server is asked for at once: each such question has it look at all the tables that it has. */
export async function foreignKeys(database: Knex): Promise<ForeignKeys> {
  const ask = askOf(database);
  const names = await comparing(ask);
  const rows = await ask(
    'SELECT CONSTRAINT_NAME AS name, TABLE_SCHEMA AS home, TABLE_NAME AS tab, COLUMN_NAME AS col, REFERENCED_TABLE_SCHEMA AS toHome, REFERENCED_TABLE_NAME AS toTab, REFERENCED_COLUMN_NAME AS toCol FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION',
  );
  const byReferred = new Map<string, Map<string, Seen>>();
  for (const row of rows) {
    const [table, to] = [place(row.home, row.tab), place(row.toHome, row.toTab)];
    const known = byReferred.get(names.idOf(to)) ?? new Map<string, Seen>();
    byReferred.set(names.idOf(to), known);
    const id = JSON.stringify([names.idOf(table), row.name]);
    const key = known.get(id) ?? { name: String(row.name), table, to, columns: [], referred: [] };
    known.set(id, key);
    key.columns.push(String(row.col));
    key.referred.push(String(row.toCol));
  }
  const asked = new Map<string, Promise<readonly ForeignKey[]>>();
  return {
    ...names,
    referringTo: table => {
      const id = names.idOf(table);
      const found =
        asked.get(id) ??
        Promise.all([...(byReferred.get(id)?.values() ?? [])].map(key => withRules(ask, key)));
      asked.set(id, found);
      found.catch(() => asked.delete(id));
      return found;
    },
  };
}

interface Seen {
  readonly name: string;
  readonly table: TableName;
  readonly to: TableName;
  readonly columns: string[];
  readonly referred: string[];
}

function place(database: unknown, name: unknown): TableName {
  return { database: String(database), name: String(name) };
}

async function withRules(ask: Ask, key: Seen): Promise<ForeignKey> {
  const [said] = await ask(
    'SELECT DELETE_RULE AS onDelete, UPDATE_RULE AS onUpdate FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ? AND TABLE_NAME = ? AND CONSTRAINT_NAME = ?',
    [key.table.database ?? '', key.table.name, key.name],
  );
  const rules = said ?? rulesIn(await createdWith(ask, key.table), key.name);
  return { ...key, onDelete: ruleOf(rules?.onDelete), onUpdate: ruleOf(rules?.onUpdate) };
}

/** Empty where this user may not see it. */
async function createdWith(ask: Ask, table: TableName): Promise<string> {
  try {
    const [shown = {}] = await ask(`SHOW CREATE TABLE ${written(table)}`);
    return String(shown['Create Table'] ?? '');
  } catch {
    return '';
  }
}

function written({ database, name }: TableName): string {
  return `${database === null ? '' : `\`${sealed(database)}\`.`}\`${sealed(name)}\``;
}

const NAME = '(?:`(?:[^`]|``)+`|"(?:[^"]|"")+")';
const COLUMNS = `\\(${NAME}(?:, ?${NAME})*\\)`;
const ACT = '(CASCADE|SET NULL|SET DEFAULT|NO ACTION|RESTRICT)';
/** A line of it: a comment has no lines of its own, and nothing else may follow. */
const LINE = new RegExp(
  `^ *CONSTRAINT (${NAME}) FOREIGN KEY ${COLUMNS} REFERENCES ${NAME}(?:\\.${NAME})? ${COLUMNS}(?: ON DELETE ${ACT})?(?: ON UPDATE ${ACT})?,?$`,
  'gm',
);

/** What a constraint does, out of what its table is created with, in either way of quoting; null: it is not in there. */
export function rulesIn(
  created: string,
  constraint: string,
): { readonly onDelete: string; readonly onUpdate: string } | null {
  for (const [, name = '', onDelete = 'RESTRICT', onUpdate = 'RESTRICT'] of created.matchAll(LINE)) {
    const mark = name.slice(0, 1);
    if (name.slice(1, -1).replaceAll(mark + mark, mark) === constraint) return { onDelete, onUpdate };
  }
  return null;
}

const RULES: Readonly<Record<string, Rule>> = {
  CASCADE: 'cascade',
  'SET NULL': 'set-null',
  'SET DEFAULT': 'set-default',
  'NO ACTION': 'refuse',
  RESTRICT: 'refuse',
};

function ruleOf(said: unknown): Rule | null {
  return RULES[String(said).toUpperCase()] ?? null;
}
