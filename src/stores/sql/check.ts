// A dataset as declared against the table as it is. What does not fit is refused before anything is planned: a key
// that is not unique deletes the wrong row, and a start in the wrong unit matches every row there is.
import { templateColumns } from '../../policy/file-path.ts';
import type { Disposition } from '../../policy/policy.ts';
import { readValue } from '../../policy/start.ts';
import { shownTable } from '../../policy/table-name.ts';
import type { Caveat, Mismatch } from '../mismatch.ts';
import type { Dataset } from '../store.ts';
import { checkChildren } from './check-children.ts';
import { checkRows, checkSource } from './check-joins.ts';
import { checkKey, checkKeyless, type Report } from './check-key.ts';
import { checkMasks, writtenColumns } from './check-masks.ts';
import { checkReach } from './check-reach.ts';
import { checkDefiners, checkTriggers } from './check-triggers.ts';
import type { ChildTarget } from './child-tables.ts';
import type { Column, Dialect, Table } from './dialect.ts';
import { MOST_FOR_GOOD } from './purge-for-good.ts';
import type { Target } from './query.ts';

export function checkTarget(
  target: Target,
  dialect: Pick<Dialect, 'typesFor' | 'rowDigest'>,
  dispositions: readonly Disposition[],
): Mismatch[] {
  const { dataset, table, source, rows } = target;
  const found: Mismatch[] = [];
  const report = (message: string, hint: string): void => {
    found.push({ dataset: dataset.name, message, hint });
  };
  if (table.isView)
    report(
      `"${dataset.at}" is a view, and views are not disposed of`,
      table.viewOf.length === 0
        ? 'Map the table that the view reads'
        : `Map what it reads: ${table.viewOf.join(', ')}`,
    );
  const missing = (where: Table, at: string, columns: readonly (string | null)[]): void => {
    for (const column of columns) {
      if (column !== null && !where.columns.has(column))
        report(`table "${at}" has no column "${column}"`, `It has ${[...where.columns.keys()].join(', ')}`);
    }
  };
  missing(table, dataset.at, [
    ...(dataset.keyless ? [] : dataset.key),
    dataset.tagColumn,
    dataset.customerColumn,
    ...dataset.numberColumns,
    dataset.jurisdictionColumn,
    dataset.bytesColumn,
    dataset.flag?.column ?? null,
    ...(dataset.anonymise?.fields.map(field => field.column) ?? []),
    dataset.anonymise?.marker?.column ?? null,
    ...dataset.files.flatMap(rule => templateColumns(rule.template)),
    ...Object.keys(source?.on ?? {}),
  ]);
  const holder = source?.table ?? table;
  missing(holder, source?.at ?? dataset.at, [
    rows === null ? dataset.startColumn : null,
    dataset.fallbackColumn,
    dataset.statusColumn,
    ...Object.values(source?.on ?? {}),
    ...Object.values(rows?.by.on ?? {}),
  ]);
  if (rows !== null)
    missing(rows.table, shownTable(rows.by.table), [
      dataset.startColumn,
      rows.by.status?.column ?? null,
      ...Object.keys(rows.by.on),
    ]);
  if (found.length > 0) return found;
  if (dataset.keyless) checkKeyless(target, dispositions, report);
  else checkKey(dataset, table, dialect.rowDigest !== null, report);
  for (const column of [dataset.startColumn, dataset.fallbackColumn])
    if (column !== null) checkStart(dataset, column, rows?.table ?? holder, dialect.typesFor, report);
  checkMasks(dataset, table, dispositions, report);
  if (source !== null) checkSource(table, source, report);
  if (dispositions.length > 0 && table.keepsHistory)
    report(
      `"${dataset.at}" is system-versioned: whatever is deleted or masked stays in its history`,
      `ALTER TABLE ${dataset.at} DROP SYSTEM VERSIONING, which drops the history as well`,
    );
  if (rows !== null) checkRows(rows, holder, report);
  if (dispositions.length > 0 || dataset.partOf !== null) checkEngine(dataset, table, dispositions, report);
  if (dispositions.includes('purge')) {
    checkDeletes(target, report);
    checkChildren(target, report);
  }
  if (dispositions.some(one => one !== 'purge')) checkUpdates(target, dispositions, report);
  return found;
}

/** The column that says the start, or the one that stands in for it. */
function checkStart(
  dataset: Dataset,
  name: string,
  table: Table,
  typesFor: Dialect['typesFor'],
  report: Report,
): void {
  const column = table.columns.get(name);
  if (column === undefined) return;
  checkDefault(dataset, name, column, report);
  if (column.updatesItself && !dataset.acknowledged.restarts.includes(name))
    report(
      `start column "${name}" is set anew by every update of its row (ON UPDATE), and the period with it`,
      `Use a column that stays. If none does and a period that begins again is right, write acknowledged: { restarts: [${name}] }`,
    );
  const types = typesFor(dataset.start.unit);
  if (types === null || types.includes(column.type)) return;
  report(
    `start column "${name}" is declared as ${dataset.start.unit} and is a ${column.written}`,
    'Declare the unit that the column really has: compared in the wrong one, every row would look due, or none',
  );
}

/** A default that reads as a start is what rows without one have: ASTPP 1000-01-01, Kamailio 2000-01-01 and 2030-05-28. */
function checkDefault({ start }: Dataset, name: string, { fallback }: Column, report: Report): void {
  if (fallback === null || start.sentinels.includes(fallback)) return;
  if (readValue(fallback, start).kind !== 'at') return;
  report(
    `start column "${name}" is "${fallback}" where a row was given none, which looks like a start`,
    `Add it to its sentinels: sentinels: ['${fallback}']`,
  );
}

/** What is written there stays written, and nothing but a lock on the whole table keeps others off a row meanwhile. */
function checkEngine(
  { at, partOf }: Dataset,
  { unsafeEngine, refusedEngine, rights }: Table,
  dispositions: readonly Disposition[],
  report: Report,
): void {
  if (unsafeEngine === null) return;
  if (refusedEngine !== null)
    report(
      /^(mrg_myisam|merge)$/i.test(refusedEngine.name)
        ? `"${at}" is a MERGE table, whose rows stand in other tables`
        : `"${at}" is kept by ${refusedEngine.name}, of which nothing can be promised here`,
      refusedEngine.hint,
    );
  else if (partOf !== null)
    report(
      `"${at}" is kept by ${unsafeEngine}, which cannot undo a write: a row could be left half masked`,
      `ALTER TABLE ${at} ENGINE=InnoDB; until then map "${partOf}" alone, under the longer of its classes`,
    );
  else if (dispositions.some(one => one !== 'purge'))
    report(
      `"${at}" is kept by ${unsafeEngine}, which cannot undo a write: a row could be left half masked`,
      `ALTER TABLE ${at} ENGINE=InnoDB, or purge`,
    );
  else if (rights.deletes && !rights.locksTables)
    report(
      `"${at}" is kept by ${unsafeEngine}, which cannot lock a row, and this user may not lock the table`,
      'GRANT LOCK TABLES on its database to the user that enforces',
    );
}

/** What the engine takes away from what is promised everywhere else, and what else writes to the table. */
export function caveats({ dataset, table, rows, children }: Target): Caveat[] {
  const events = table.events.map(
    (event): Caveat => ({
      about: 'event',
      message: `the event "${event}" of the server names "${dataset.at}" and may delete or change its rows by itself: see SHOW CREATE EVENT ${event}`,
    }),
  );
  const beside = [...events, ...triggerCaveats(dataset, table, children)];
  if (table.unsafeEngine === null) {
    const unlocked = rows === null ? null : rowsCaveat(rows, dataset);
    return [...(unlocked === null ? [] : [{ about: 'no-undo' as const, message: unlocked }]), ...beside];
  }
  const message = `"${dataset.at}" is kept by ${table.unsafeEngine}, which can neither lock a row nor undo a write: at most ${MOST_FOR_GOOD} rows go at a time, with the table locked, and what has gone is not put back`;
  return [{ about: 'no-undo', message }, ...beside];
}

/** What a trigger does no server says beforehand, nor how many rows it did it to. */
function triggerCaveats(
  { at, acknowledged }: Dataset,
  table: Table,
  children: readonly ChildTarget[],
): Caveat[] {
  const tables = [{ at, table }, ...children.map(one => ({ at: one.child.at, table: one.table }))];
  return tables.flatMap(one =>
    [...new Set([...one.table.deleteTriggers, ...one.table.updateTriggers])]
      .filter(trigger => acknowledged.triggers.includes(trigger))
      .map(trigger => ({
        about: 'trigger' as const,
        message: `what the trigger "${trigger}" of "${one.at}" does elsewhere for each record is acknowledged and not counted`,
      })),
  );
}

/** What keeps rows that tell a start must be able to lock them, or an account goes that has just been opened again. */
function rowsCaveat({ by, table }: NonNullable<Target['rows']>, { at }: Dataset): string | null {
  if (table.unsafeEngine === null) return null;
  const told = shownTable(by.table);
  return `"${told}" is kept by ${table.unsafeEngine}, which cannot lock a row: a row that is written while records of "${at}" go is not waited for. ALTER TABLE ${told} ENGINE=InnoDB`;
}

/** A delete that reaches further than its table is refused until somebody has said that it may. */
function checkDeletes(target: Target, report: Report): void {
  const { dataset, table } = target;
  if (table.rights.deletes && !table.rights.seesTriggers)
    report(
      `this user may delete from "${dataset.at}" without seeing its triggers`,
      `GRANT TRIGGER ON ${dataset.at}, so that what a delete sets off can be told`,
    );
  checkReach(target, { words: 'deleting from', at: dataset.at, table, columns: null }, report);
  checkTriggers('deleting from', dataset.at, table.deleteTriggers, dataset.acknowledged, report);
  checkDefiners(table, table.deleteTriggers, report);
}

/** A trigger may keep the old values of what is masked: a history table is full of them. */
function checkUpdates(target: Target, dispositions: readonly Disposition[], report: Report): void {
  const { dataset, table } = target;
  const columns = writtenColumns(dataset, dispositions);
  checkReach(target, { words: 'writing to', at: dataset.at, table, columns }, report);
  checkTriggers('writing to', dataset.at, table.updateTriggers, dataset.acknowledged, report);
  checkDefiners(table, table.updateTriggers, report);
}
