// Child tables as declared against the tables as they are: what a delete would take along must be exactly what belongs to
// the record.
import type { Dataset } from '../store.ts';
import type { Report } from './check-key.ts';
import { checkTriggers } from './check-triggers.ts';
import type { ChildTarget } from './child-tables.ts';
import type { Table } from './dialect.ts';
import type { Target } from './query.ts';

export function checkChildren({ dataset, table, children }: Target, report: Report): void {
  if (children.length > 0 && table.unsafeEngine !== null)
    report(
      `"${dataset.at}" is kept by ${table.unsafeEngine}, which cannot undo a write: its children could go without it`,
      `ALTER TABLE ${dataset.at} ENGINE=InnoDB`,
    );
  checkBelow(dataset, { at: dataset.at, table }, children, report);
}

function checkBelow(
  dataset: Dataset,
  above: { readonly at: string; readonly table: Table },
  children: readonly ChildTarget[],
  report: Report,
): void {
  for (const target of children) {
    const { child, table } = target;
    const { at } = child;
    if (table.isView) report(`child "${at}" is a view`, 'Name the table that the view reads');
    else if (table.unsafeEngine !== null)
      report(
        `child "${at}" is kept by ${table.unsafeEngine}, which cannot undo a write: it could go without its record`,
        `ALTER TABLE ${at} ENGINE=InnoDB`,
      );
    for (const column of Object.keys(child.where)) requireColumn(at, table, column, report);
    for (const [theirs, ours] of Object.entries(child.on))
      checkJoin({ at, table, column: theirs }, { ...above, column: ours }, report);
    const [shared = ''] = Object.keys(child.on);
    child.sharedBy?.forEach((sharer, index) => {
      const by = target.sharers[index];
      if (by !== undefined) checkJoin({ at, table, column: shared }, { ...sharer, table: by }, report);
    });
    checkWhatGoes(dataset, at, table, report);
    checkBelow(dataset, { at, table }, target.children, report);
  }
}

interface Place {
  readonly at: string;
  readonly table: Table;
  readonly column: string;
}

function requireColumn(at: string, table: Table, column: string, report: Report): boolean {
  if (table.columns.has(column)) return true;
  report(`table "${at}" has no column "${column}"`, `It has ${[...table.columns.keys()].join(', ')}`);
  return false;
}

function checkJoin(one: Place, other: Place, report: Report): void {
  const both = [one, other].map(({ at, table, column }) => requireColumn(at, table, column, report));
  if (both.includes(false)) return;
  const [ours, theirs] = [one.table.columns.get(one.column), other.table.columns.get(other.column)];
  if (ours?.type === theirs?.type) return;
  report(
    `"${one.column}" of "${one.at}" is a ${ours?.written} and "${other.column}" of "${other.at}" a ${theirs?.written}: the server would pair strangers`,
    'Join on columns of one type',
  );
}

/** What a delete from a child sets off in its turn. */
function checkWhatGoes(
  { acknowledged, childTables }: Dataset,
  at: string,
  table: Table,
  report: Report,
): void {
  const declared = new Set(childTables.flatMap(tablesOf));
  for (const { table: reached, path } of table.cascades) {
    if (acknowledged.cascades.includes(reached) || declared.has(reached)) continue;
    report(
      `deleting from child "${at}" reaches into "${reached}" by foreign key (${path})`,
      `Name "${reached}" as a child of "${at}". If its rows may go along unseen, write acknowledged: { cascades: [${reached}] }`,
    );
  }
  checkTriggers('deleting from child', at, table.deleteTriggers, acknowledged, report);
}

/** All tables of a tree. */
export function tablesOf(child: Dataset['childTables'][number]): string[] {
  return [child.at, ...child.children.flatMap(tablesOf)];
}
