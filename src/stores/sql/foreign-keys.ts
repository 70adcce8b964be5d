// What a write to one table does to others by foreign key: rows that go with deleted ones, and columns that are set anew.
// Followed through every table that the keys lead to, into the table itself, in circles and into other databases.
import { shownTable, type TableName } from '../../policy/table-name.ts';

/** What the server does to rows that refer to one that is deleted, or to a column that is changed. */
export type Rule = 'cascade' | 'set-null' | 'set-default' | 'refuse';

export interface ForeignKey {
  readonly name: string;
  /** The table that has the key, and its columns. */
  readonly table: TableName;
  readonly columns: readonly string[];
  /** What they refer to, pair by pair. */
  readonly to: TableName;
  readonly referred: readonly string[];
  /** Null: there is one, and what it says could not be read. */
  readonly onDelete: Rule | null;
  readonly onUpdate: Rule | null;
}

/** All keys that may lead from one table of a store to another, and how its server compares names. */
export interface ForeignKeys {
  readonly referringTo: (table: TableName) => Promise<readonly ForeignKey[]>;
  /** One text for one table, however it is spelt. */
  readonly idOf: (table: TableName) => string;
  /** As a data map of the store names it: without the store's own database. */
  readonly named: (table: TableName) => TableName;
}

/** Rows of a table that a write elsewhere deletes or changes. */
export interface Reached {
  readonly table: TableName;
  readonly does: 'deletes' | 'changes';
  /** Columns of theirs that are set anew. */
  readonly changes: readonly string[];
  /** What they are set to: NULL, their default, or what the referred row has now. */
  readonly to: 'NULL' | 'its default' | 'the new value' | null;
  /** Columns of the table that is written to, of which a change sets this off; empty: a delete does. */
  readonly when: readonly string[];
  /** The last key on the way, and the whole of it for people. */
  readonly key: ForeignKey;
  readonly path: string;
}

export interface Reach {
  readonly rows: readonly Reached[];
  /** Keys on the way whose rules could not be read: what they do is not known. */
  readonly unread: readonly ForeignKey[];
}

export const NOTHING_REACHED: Reach = { rows: [], unread: [] };

/** What else goes or changes when rows of a table are deleted. */
export async function reachOfDelete(keys: ForeignKeys, from: TableName): Promise<Reach> {
  const walk = walkAlong(keys, []);
  await walk.deleted(from, shownTable(keys.named(from)));
  return walk.reach();
}

/** What else changes when columns of a table are written to; each is told with the columns that set it off. */
export async function reachOfUpdate(keys: ForeignKeys, from: TableName): Promise<Reach> {
  const rows: Reached[] = [];
  const unread = new Set<ForeignKey>();
  for (const key of await keys.referringTo(from)) {
    const walk = walkAlong(keys, key.referred);
    await walk.changed(from, key.referred, shownTable(keys.named(from)), [key]);
    const reach = walk.reach();
    rows.push(...reach.rows);
    for (const one of reach.unread) unread.add(one);
  }
  return { rows, unread: [...unread] };
}

const SET_TO = { cascade: 'the new value', 'set-null': 'NULL', 'set-default': 'its default' } as const;

interface Walk {
  readonly deleted: (table: TableName, path: string) => Promise<void>;
  /** `only`: of the first step, the keys that are looked at. */
  readonly changed: (
    table: TableName,
    columns: readonly string[],
    path: string,
    only?: readonly ForeignKey[],
  ) => Promise<void>;
  readonly reach: () => Reach;
}

function walkAlong(keys: ForeignKeys, when: readonly string[]): Walk {
  const found = new Map<string, Reached>();
  const unread = new Set<ForeignKey>();
  const seen = new Set<string>();
  const isFirst = (...what: readonly string[]): boolean => {
    const id = JSON.stringify(what);
    return !seen.has(id) && seen.add(id) !== undefined;
  };
  const add = (key: ForeignKey, reached: Pick<Reached, 'does' | 'changes' | 'to' | 'path'>): void => {
    const id = JSON.stringify([reached.does, keys.idOf(key.table), key.name, ...key.columns]);
    if (!found.has(id)) found.set(id, { ...reached, table: key.table, when, key });
  };
  const setBy = (key: ForeignKey, rule: keyof typeof SET_TO, path: string): Promise<void> => {
    add(key, { does: 'changes', changes: key.columns, to: SET_TO[rule], path });
    return changed(key.table, key.columns, path);
  };
  const deleted: Walk['deleted'] = async (table, path) => {
    if (!isFirst('deleted', keys.idOf(table))) return;
    for (const key of await keys.referringTo(table)) {
      const on = `${path} > ${shownTable(keys.named(key.table))}`;
      if (key.onDelete === null) unread.add(key);
      else if (key.onDelete === 'cascade') {
        add(key, { does: 'deletes', changes: [], to: null, path: on });
        await deleted(key.table, on);
      } else if (key.onDelete !== 'refuse') await setBy(key, key.onDelete, on);
    }
  };
  const changed: Walk['changed'] = async (table, columns, path, only) => {
    if (!isFirst('changed', keys.idOf(table), ...columns.map(fold).sort())) return;
    const written = new Set(columns.map(fold));
    for (const key of only ?? (await keys.referringTo(table))) {
      if (!key.referred.some(column => written.has(fold(column)))) continue;
      if (key.onUpdate === null) unread.add(key);
      else if (key.onUpdate !== 'refuse')
        await setBy(key, key.onUpdate, `${path} > ${shownTable(keys.named(key.table))}`);
    }
  };
  return { deleted, changed, reach: () => ({ rows: [...found.values()], unread: [...unread] }) };
}

/** Names of columns are compared without case on every server. */
export function fold(column: string): string {
  return column.toLowerCase();
}
