// The queries of the SQL stores: how a dataset's rows are selected, matched by key and walked in key order.
import type { Knex } from 'knex';
import { type FieldMask, isMasked } from '../../masks/mask.ts';
import { templateColumns } from '../../policy/file-path.ts';
import type { Disposition, Key } from '../../policy/policy.ts';
import type { StoredRecord } from '../../policy/record.ts';
import type { Dataset, ScanRange } from '../store.ts';
import type { Dialect, Table } from './dialect.ts';
import { whereRows } from './where-rows.ts';

/** A dataset, its real table, and where its start stands: the same table, or another one joined as `s`. */
export interface Target {
  readonly dataset: Dataset;
  readonly table: Table;
  readonly source: {
    readonly at: string;
    readonly table: Table;
    readonly on: Readonly<Record<string, string>>;
  } | null;
  /** The digest of a row, by the table's alias, where all of its columns are what tells it from others; null: a key does. */
  readonly identity: ((database: Pick<Knex, 'raw'>, alias: string) => Knex.Raw) | null;
}

type Row = Readonly<Record<string, string | number | bigint | Uint8Array | null>>;

/** Selects everything that a decision needs, aliased so that no column name of the store can collide. */
export function selectRecords(
  database: Knex,
  dialect: Dialect,
  target: Target,
  follow: string | null,
): Knex.QueryBuilder {
  const { dataset } = target;
  const hint = follow === null ? null : dialect.follow(follow);
  const query = database.from(
    hint === null
      ? database.raw('?? as ??', [dataset.at, 't'])
      : database.raw(`?? as ?? ${hint}`, [dataset.at, 't']),
  );
  if (target.source !== null) {
    const { at, on } = target.source;
    query.leftJoin({ s: at }, join => {
      for (const [ours, theirs] of Object.entries(on)) join.on(`s.${theirs}`, '=', `t.${ours}`);
    });
    const [theirs = ''] = Object.values(on);
    query.select(database.raw('?? is not null as ??', [`s.${theirs}`, 'found']));
  }
  const pick = (alias: string, column: string | null): void => {
    if (column !== null) query.select(database.raw('? as ??', [dialect.asText(database, column), alias]));
  };
  if (target.identity === null)
    dataset.key.forEach((column, index) => {
      pick(`k${index}`, `t.${column}`);
    });
  else {
    pick('k0', `t.${dataset.startColumn}`);
    // As if each were the only one of its kind: whoever reads all of a kind numbers them.
    query.select(database.raw("? as ??, '1' as ??", [target.identity(database, 't'), 'k1', 'k2']));
  }
  dataset.numberColumns.forEach((column, index) => {
    pick(`n${index}`, `t.${column}`);
  });
  for (const column of extraColumns(dataset)) pick(`x_${column}`, `t.${column}`);
  pick('start', startColumn(target));
  pick('status', statusColumn(target));
  pick('tag', dataset.tagColumn && `t.${dataset.tagColumn}`);
  pick('customer', dataset.customerColumn && `t.${dataset.customerColumn}`);
  pick('jurisdiction', dataset.jurisdictionColumn && `t.${dataset.jurisdictionColumn}`);
  pick('bytes', dataset.bytesColumn && `t.${dataset.bytesColumn}`);
  return query;
}

export function startColumn(target: Target): string {
  return `${target.source === null ? 't' : 's'}.${target.dataset.startColumn}`;
}

/**
 * Columns that any write to the row would set anew, unless they are written with their own value: the start, and for a
 * part of a row all of them, since one may be the start of what else is in it.
 */
export function movingColumns({ partOf, startFrom, startColumn }: Dataset, table: Table): string[] {
  const moving = [...table.columns].filter(([, column]) => column.updatesItself).map(([name]) => name);
  return partOf === null ? moving.filter(name => startFrom === null && name === startColumn) : moving;
}

function statusColumn(target: Target): string | null {
  const { statusColumn: column } = target.dataset;
  return column === null ? null : `${target.source === null ? 't' : 's'}.${column}`;
}

/** Columns beside the mapped ones that must be read: those that file names and masks are made from. */
function extraColumns(dataset: Dataset): ReadonlySet<string> {
  return new Set([
    ...dataset.files.flatMap(rule => templateColumns(rule.template)),
    ...(dataset.anonymise?.fields.map(field => field.column) ?? []),
    ...(dataset.anonymise?.marker ? [dataset.anonymise.marker.column] : []),
    ...(dataset.flag ? [dataset.flag.column] : []),
  ]);
}

/** Narrows a selection to a range. */
export function whereRange(
  query: Knex.QueryBuilder,
  dialect: Dialect,
  target: Target,
  range: ScanRange,
): void {
  const { dataset } = target;
  const { spec, start, status } = {
    spec: dataset.start,
    start: startColumn(target),
    status: statusColumn(target),
  };
  if (range.tags !== null && dataset.tagColumn !== null)
    query.whereIn(`t.${dataset.tagColumn}`, [...range.tags]);
  const { which } = range;
  const unreadable = dialect.unreadable(spec.unit);
  const client = query.client.raw.bind(query.client) as Knex['raw'];
  switch (which.kind) {
    case 'all':
      return;
    case 'started':
      query.where(start, '>=', dialect.widen(which.from ?? which.plausibleFrom, spec.unit, 'from'));
      query.where(start, '<', dialect.widen(which.before, spec.unit, 'before'));
      if (spec.sentinels.length > 0) query.whereNotIn(start, [...spec.sentinels]);
      if (unreadable !== null) query.whereNot(client(unreadable, names(unreadable, start)));
      if (status !== null) query.whereIn(status, [...(spec.closedStatuses ?? [])]);
      if (which.customer !== null && dataset.customerColumn !== null)
        query.where(`t.${dataset.customerColumn}`, which.customer);
      if (which.key !== null) whereKeys(query, target, [which.key]);
      return;
    case 'doubtful':
      query.where(any => {
        // An open account has no date, and that is no doubt.
        if (spec.event !== 'account-closed' || status !== null) {
          any.orWhere(one => {
            one.whereNull(start);
            if (status !== null) one.whereIn(status, [...(spec.closedStatuses ?? [])]);
          });
        }
        any
          .orWhere(start, '<', which.plausibleFrom)
          .orWhere(start, '>=', dialect.widen(which.future, spec.unit, 'from'));
        if (spec.sentinels.length > 0) any.orWhereIn(start, [...spec.sentinels]);
        if (unreadable !== null) any.orWhere(client(unreadable, names(unreadable, start)));
        if (target.source !== null) any.orWhereNull(`s.${Object.values(target.source.on)[0] ?? ''}`);
        if (status !== null) {
          any.orWhere(open => {
            open
              .whereNotNull(start)
              .where(not => not.whereNotIn(status, [...(spec.closedStatuses ?? [])]).orWhereNull(status));
          });
        }
      });
      return;
  }
}

function names(sql: string, column: string): string[] {
  return Array.from({ length: sql.split('??').length - 1 }, () => column);
}

/** Records whose account is open, by its status or for want of a closing date. */
export function whereNotStarted(query: Knex.QueryBuilder, target: Target): void {
  const { spec, status } = { spec: target.dataset.start, status: statusColumn(target) };
  if (status === null) query.whereNull(startColumn(target));
  else query.where(any => any.whereNotIn(status, [...(spec.closedStatuses ?? [])]).orWhereNull(status));
  if (target.source !== null) query.whereNotNull(`s.${Object.values(target.source.on)[0] ?? ''}`);
}

export function whereKeys(query: Knex.QueryBuilder, target: Target, keys: readonly Key[], alias = 't'): void {
  const column = (name: string): string => `${alias === '' ? '' : `${alias}.`}${name}`;
  if (target.identity !== null) {
    const bind = (start: string): unknown => bindPart(query.client, target, 0, start);
    whereRows(query, column(target.dataset.startColumn), target.identity(query.client, alias), keys, bind);
    return;
  }
  const columns = target.dataset.key.map(column);
  const bound = keys.map(key => key.map((part, index) => bindPart(query.client, target, index, part)));
  const [only] = columns;
  if (columns.length === 1 && only !== undefined)
    query.whereIn(only, bound.map(parts => parts[0]) as string[]);
  else query.whereIn(columns, bound as string[][]);
}

/** Rows after a key in key order, spelt out column by column: servers use an index for that and not for tuples. */
export function whereAfter(query: Knex.QueryBuilder, target: Target, after: Key): void {
  const { key } = target.dataset;
  query.where(any => {
    key.forEach((column, index) => {
      any.orWhere(all => {
        key.slice(0, index).forEach((earlier, at) => {
          all.where(`t.${earlier}`, bindPart(query.client, target, at, after[at] ?? '') as string);
        });
        all.where(`t.${column}`, '>', bindPart(query.client, target, index, after[index] ?? '') as string);
      });
    });
  });
  const [first] = key;
  if (key.length > 1 && first !== undefined)
    query.where(`t.${first}`, '>=', bindPart(query.client, target, 0, after[0] ?? '') as string);
}

/** A key's text as its column compares it: numbers as numbers (a text would be compared as a double), bytes as bytes. */
export function bindPart(database: Pick<Knex, 'raw'>, target: Target, index: number, text: string): unknown {
  const type = target.table.columns.get(target.dataset.key[index] ?? '')?.type;
  // Written out and not bound: a driver may have no exact number to bind, and these texts hold nothing but digits.
  if (type === 'integer' && /^-?\d+$/.test(text)) return database.raw(text);
  if (type === 'decimal' && /^-?\d+(\.\d+)?$/.test(text)) return database.raw(text);
  return type === 'bytes' ? Buffer.from(text, 'hex') : text;
}

/** A row as the rest of the product sees it. */
export function toRecord(row: Row, dataset: Dataset): StoredRecord {
  const columns: Record<string, string | null> = {};
  for (const column of extraColumns(dataset)) columns[column] = textOf(row[`x_${column}`]);
  return {
    key: dataset.key.map((_, index) => textOf(row[`k${index}`]) ?? ''),
    tag: textOf(row.tag),
    customer: textOf(row.customer),
    numbers: dataset.numberColumns.flatMap((_, index) => textOf(row[`n${index}`]) ?? []),
    jurisdiction: textOf(row.jurisdiction),
    start: {
      value: textOf(row.start),
      status: textOf(row.status),
      sourceFound: row.found === undefined || Number(row.found) === 1,
    },
    columns,
    bytes: row.bytes == null ? null : Number(row.bytes),
    lock: null,
    done: doneTo(dataset, columns),
  };
}

function doneTo(dataset: Dataset, columns: Readonly<Record<string, string | null>>): Disposition[] {
  const done: Disposition[] = [];
  const { flag, anonymise } = dataset;
  if (flag !== null && columns[flag.column] === flag.value) done.push('flag');
  if (anonymise !== null) {
    const { marker, fields } = anonymise;
    const isPart = dataset.partOf !== null;
    // A marker alone is not believed: an account that came back has its marker and new data. A part needs none: where
    // nothing is in it, there is nothing to be done.
    const marked = isPart || marker === null || columns[marker.column] === marker.value;
    const isDone = ({ column, mask }: FieldMask): boolean =>
      (isPart && columns[column] === '') || isMasked(mask, columns[column] ?? null);
    if (marked && fields.every(isDone)) done.push('anonymise');
  }
  return done;
}

function textOf(value: Row[string] | undefined): string | null {
  if (value === null || value === undefined) return null;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value);
}
