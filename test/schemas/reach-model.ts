// What disposing of a dataset's records reaches beside them, worked out from the random schema itself and never from a
// server: the second opinion that the product's refusals are held against.
import type { AChild, ADataset, ASchema, ATable } from './schema.ts';

export interface ReachModel {
  /** Tables whose rows go along by foreign key, whose rows are changed by one, and triggers that are set off. */
  readonly deletes: ReadonlySet<number>;
  readonly changes: ReadonlySet<number>;
  readonly triggers: ReadonlySet<string>;
  /** Nobody can acknowledge these: a history keeps what goes, or a write cannot be undone. */
  readonly never: readonly string[];
}

/** `without`: the keys whose rows go by the data map itself, as `table/column`. */
export function reachOf(schema: ASchema, dataset: ADataset): ReachModel {
  const deletes = new Set<number>();
  const changes = new Set<number>();
  const triggers = new Set<string>();
  const never: string[] = [];
  const { tables, server } = schema;
  const at = (index: number): ATable => {
    const table = tables[index];
    if (table === undefined) throw new Error(`the schema has no table ${index}`);
    return table;
  };
  const setOff = (index: number, on: 'DELETE' | 'UPDATE', ours: boolean): void => {
    // MySQL and MariaDB set off no trigger for what a foreign key does.
    if (!ours && server !== 'sqlite') return;
    for (const trigger of at(index).triggers) if (trigger.on === on) triggers.add(trigger.name);
  };
  const visited = new Set<string>();
  const deleted = (index: number, ours: boolean): void => {
    if (visited.has(`${index}/${ours}`)) return;
    visited.add(`${index}/${ours}`);
    setOff(index, 'DELETE', ours);
    if (at(index).isVersioned) never.push(`${at(index).name} keeps its history`);
    tables.forEach((table, from) => {
      for (const key of table.keys) {
        if (key.to !== index || mapped.has(`${from}/${key.column}`)) continue;
        if (key.onDelete === 'CASCADE') {
          deletes.add(from);
          deleted(from, false);
        } else if (key.onDelete === 'SET NULL' || key.onDelete === 'SET DEFAULT') {
          changes.add(from);
          setOff(from, 'UPDATE', false);
          if (table.isVersioned) never.push(`${table.name} keeps its history`);
        }
      }
    });
  };
  /** The column that is masked may be referred to. */
  const masked = (index: number): void => {
    tables.forEach((table, from) => {
      for (const key of table.keys) {
        if (key.to !== index || key.refers !== 'val' || /RESTRICT|NO ACTION/.test(key.onUpdate)) continue;
        changes.add(from);
        setOff(from, 'UPDATE', false);
        if (table.isVersioned) never.push(`${table.name} keeps its history`);
      }
    });
  };
  const mapped = new Set<string>();
  const map = (children: readonly AChild[]): void => {
    for (const child of children) {
      mapped.add(`${child.table}/${child.by}`);
      map(child.children);
    }
  };
  map(dataset.children);
  const below = (children: readonly AChild[]): void => {
    for (const child of children) {
      deleted(child.table, true);
      below(child.children);
    }
  };
  if (dataset.disposal === 'purge') {
    deleted(dataset.table, true);
    below(dataset.children);
    // Rows of the same records would go whatever holds and periods say of them.
    if (deletes.has(dataset.table)) never.push('it reaches its own rows');
  } else {
    setOff(dataset.table, 'UPDATE', true);
    if (dataset.disposal === 'anonymise') masked(dataset.table);
    if (at(dataset.table).isVersioned) never.push('its table keeps its history');
    if (at(dataset.table).engine !== 'InnoDB') never.push('its engine undoes nothing');
  }
  return { deletes, changes, triggers, never };
}

/** Tables in which what these triggers do can be seen, in the end. */
export function touchedBy(schema: ASchema, triggers: ReadonlySet<string>): ReadonlySet<number> {
  const touched = new Set<number>();
  for (const table of schema.tables)
    for (const trigger of table.triggers) if (triggers.has(trigger.name)) spread(schema, trigger.to, touched);
  return touched;
}

/** Every table that a row's end or change may be seen in: by keys and by further triggers. */
function spread(schema: ASchema, from: number, into: Set<number>): void {
  if (into.has(from)) return;
  into.add(from);
  schema.tables.forEach((table, index) => {
    if (table.keys.some(key => key.to === from)) spread(schema, index, into);
  });
  for (const trigger of schema.tables[from]?.triggers ?? []) spread(schema, trigger.to, into);
}
