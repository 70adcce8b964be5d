// Child tables as declared against the tables as they are: what a delete would take along must be exactly what belongs to
// the record.
import type { Report } from './check-key.ts';
import { checkReach } from './check-reach.ts';
import { checkDefiners, checkTriggers } from './check-triggers.ts';
import type { ChildTarget } from './child-tables.ts';
import type { Table } from './dialect.ts';
import type { Target } from './query.ts';

export function checkChildren(record: Target, report: Report): void {
  const { dataset, table, children } = record;
  if (children.length > 0 && table.unsafeEngine !== null)
    report(
      `"${dataset.at}" is kept by ${table.unsafeEngine}, which cannot undo a write: its children could go without it`,
      `ALTER TABLE ${dataset.at} ENGINE=InnoDB`,
    );
  checkBelow(record, { at: dataset.at, table }, children, report);
}

function checkBelow(
  record: Target,
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
    if (table.keepsHistory)
      report(
        `child "${at}" is system-versioned: whatever is deleted stays in its history`,
        `ALTER TABLE ${at} DROP SYSTEM VERSIONING, which drops the history as well`,
      );
    for (const column of Object.keys(child.where)) requireColumn(at, table, column, report);
    for (const [theirs, ours] of Object.entries(child.on))
      checkJoin({ at, table, column: theirs }, { ...above, column: ours }, report);
    const [shared = ''] = Object.keys(child.on);
    child.sharedBy?.forEach((sharer, index) => {
      const by = target.sharers[index];
      if (by !== undefined) checkJoin({ at, table, column: shared }, { ...sharer, table: by }, report);
    });
    checkWhatGoes(record, at, table, report);
    checkBelow(record, { at, table }, target.children, report);
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
function checkWhatGoes(record: Target, at: string, table: Table, report: Report): void {
  const { acknowledged } = record.dataset;
  checkReach(record, { words: 'deleting from child', at, table, columns: null }, report);
  checkTriggers('deleting from child', at, table.deleteTriggers, acknowledged, report);
  checkDefiners(table, table.deleteTriggers, report);
}
