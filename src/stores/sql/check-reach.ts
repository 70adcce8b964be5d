// What a write does to other tables by foreign key is refused until somebody has said that it may: rows that go along, and,
// told apart from them, columns that are set anew. Rows of the table itself never go along: each of them is a record, and
// goes by its own rules or not at all.
import { shownTable, type TableName } from '../../policy/table-name.ts';
import type { Dataset } from '../store.ts';
import type { Report } from './check-key.ts';
import { checkTriggers } from './check-triggers.ts';
import type { ChildTarget } from './child-tables.ts';
import type { Table } from './dialect.ts';
import { type ForeignKey, fold, type Reach, type Reached } from './foreign-keys.ts';
import type { Target } from './query.ts';

/** A write to one table, in words: `deleting from`. */
export interface Act {
  readonly words: string;
  readonly at: string;
  readonly table: Table;
  /** Columns that it writes to; null: it deletes. */
  readonly columns: readonly string[] | null;
}

export function checkReach({ dataset, table: records, children }: Target, act: Act, report: Report): void {
  const { keys } = act.table;
  const ids = (tables: readonly TableName[]): ReadonlySet<string> => new Set(tables.map(keys.idOf));
  const { cascades, changes } = dataset.acknowledged;
  const known = { deletes: ids(cascades), changes: ids(changes) };
  const reach = reachOf(act);
  const left = reach.rows.filter(one => !goesBefore(one.key, { above: records, children }, keys.idOf));
  const isOwn = (one: Reached): boolean =>
    one.does === 'deletes' && keys.idOf(one.table) === keys.idOf(records.place);
  const own = left.find(isOwn);
  if (own !== undefined) reportOwn(act, own, report);
  const others = left.filter(one => !isOwn(one));
  for (const does of ['deletes', 'changes'] as const) {
    const all = distinct(
      others.filter(one => one.does === does),
      keys.idOf,
    );
    const unknown = all.filter(one => !known[does].has(keys.idOf(one.table)));
    const line = acknowledging(does, [
      ...dataset.acknowledged[does === 'deletes' ? 'cascades' : 'changes'],
      ...unknown.map(one => keys.named(one.table)),
    ]);
    for (const one of unknown)
      if (does === 'deletes') reportDeleted(act, one, line, report);
      else reportChanged(act, one, line, report);
  }
  for (const one of distinct(
    left.filter(({ does }) => does === 'deletes'),
    keys.idOf,
  ))
    if (act.table.around.get(keys.idOf(one.table))?.keepsHistory === true)
      report(
        `${act.words} "${act.at}" reaches into "${shown(act, one.table)}" by foreign key, which is system-versioned: what goes along stays in its history`,
        `ALTER TABLE ${shown(act, one.table)} DROP SYSTEM VERSIONING, which drops the history as well`,
      );
  for (const one of distinct(
    others.filter(({ does, table }) => known[does].has(keys.idOf(table))),
    keys.idOf,
  ))
    if (act.table.around.get(keys.idOf(one.table))?.isReadable === false)
      report(
        `${act.words} "${act.at}" reaches into "${shown(act, one.table)}" by foreign key, and this user may not read that: what goes along there could not be counted`,
        `GRANT SELECT ON ${shown(act, one.table)} to it: retention doctor JOB prints all that is needed`,
      );
  for (const key of reach.unread)
    report(
      `${act.words} "${act.at}" may reach into "${shown(act, key.table)}" by the foreign key "${key.name}", and what it does there cannot be read`,
      'GRANT REFERENCES ON *.* to this user shows it, and lets neither read nor change anything',
    );
  checkTriggersAlong(act, left, dataset.acknowledged, report);
}

function reachOf({ table, columns }: Act): Reach {
  if (columns === null) return table.deleting;
  const written = new Set(columns.map(fold));
  return {
    rows: table.updating.rows.filter(({ when }) => when.some(column => written.has(fold(column)))),
    unread: table.updating.unread.filter(({ referred }) =>
      referred.some(column => written.has(fold(column))),
    ),
  };
}

/** Whether all rows that a key would act on are a declared child's, which go before what they refer to and are counted. */
export function goesBefore(
  key: ForeignKey,
  { above, children }: { readonly above: Table; readonly children: readonly ChildTarget[] },
  idOf: Table['keys']['idOf'],
): boolean {
  return children.some(({ child, table, children: below }) => {
    const isWhole = Object.keys(child.where).length === 0 && child.sharedBy === null;
    const pairs = key.columns.map((column, at) => [fold(column), fold(key.referred[at] ?? '')]);
    const joined = Object.entries(child.on).map(([theirs, ours]) => [fold(theirs), fold(ours)]);
    const isJoined = JSON.stringify(pairs.sort()) === JSON.stringify(joined.sort());
    const isIt = idOf(key.table) === idOf(table.place) && idOf(key.to) === idOf(above.place);
    return (isIt && isWhole && isJoined) || goesBefore(key, { above: table, children: below }, idOf);
  });
}

function distinct(rows: readonly Reached[], idOf: Table['keys']['idOf']): Reached[] {
  const first = new Map<string, Reached>();
  for (const one of rows) {
    const id = JSON.stringify([idOf(one.table), ...one.changes]);
    if (!first.has(id)) first.set(id, one);
  }
  return [...first.values()];
}

function shown({ table }: Act, place: TableName): string {
  return shownTable(table.keys.named(place));
}

function reportOwn(act: Act, { path }: Reached, report: Report): void {
  report(
    `${act.words} "${act.at}" takes other rows of the same records along by foreign key (${path}), whatever holds and periods say of them`,
    'Nothing acknowledges that. Give the constraint ON DELETE RESTRICT, and each row goes after those that refer to it; or ON DELETE SET NULL',
  );
}

function reportDeleted(act: Act, { table, path }: Reached, line: string, report: Report): void {
  const reached = shown(act, table);
  report(
    `${act.words} "${act.at}" reaches into "${reached}" by foreign key (${path})`,
    act.words === 'deleting from'
      ? `Give the constraint ON DELETE RESTRICT and map "${reached}" as a dataset of its own. If its rows belong to the record, name it in children; if they may go along unseen, write ${line}`
      : `Name "${reached}" as a child of "${act.at}". If its rows may go along unseen, write ${line}`,
  );
}

function reportChanged(act: Act, { table, path, changes, to }: Reached, line: string, report: Report): void {
  const columns = changes.join(', ');
  report(
    `${act.words} "${act.at}" changes "${shown(act, table)}" by foreign key (${path}): its ${columns} is set to ${to ?? 'another value'}`,
    `No row of it goes. If that is as it should be, write ${line}`,
  );
}

/** The line to write, with all that is to stand in it. */
function acknowledging(does: 'deletes' | 'changes', tables: readonly TableName[]): string {
  const names = [...new Set(tables.map(written))].join(', ');
  return `acknowledged: { ${does === 'deletes' ? 'cascades' : 'changes'}: [${names}] }`;
}

function written({ database, name }: TableName): string {
  return database === null ? plain(name) : `{ database: ${plain(database)}, table: ${plain(name)} }`;
}

/** As YAML takes it. */
function plain(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_$]*$/.test(name) ? name : JSON.stringify(name);
}

/** Where the server sets off triggers for what a foreign key does. */
function checkTriggersAlong(
  act: Act,
  rows: readonly Reached[],
  acknowledged: Dataset['acknowledged'],
  report: Report,
): void {
  const told = new Set<string>();
  for (const { table, does } of rows) {
    const around = act.table.around.get(act.table.keys.idOf(table));
    const triggers = (does === 'deletes' ? around?.deleteTriggers : around?.updateTriggers) ?? [];
    const fresh = triggers.filter(trigger => !told.has(trigger));
    for (const trigger of fresh) told.add(trigger);
    checkTriggers(
      `${act.words} "${act.at}", and by foreign key ${does === 'deletes' ? 'from' : 'from a change of'}`,
      shown(act, table),
      fresh,
      acknowledged,
      report,
    );
  }
}
