// The queries of the SQL stores: how a dataset's rows are selected, matched by key and walked in key order.
import type { Knex } from 'knex';
import { RetentionError } from '../../errors.ts';
import { type FieldMask, isMasked } from '../../masks/mask.ts';
import { templateColumns } from '../../policy/file-path.ts';
import type { Disposition, Key } from '../../policy/policy.ts';
import type { StoredRecord } from '../../policy/record.ts';
import type { RowsSay } from '../../policy/start-rows.ts';
import type { StartRows } from '../start-rows.ts';
import type { Dataset } from '../store.ts';
import type { ChildTarget } from './child-tables.ts';
import type { Column, Dialect, Table } from './dialect.ts';
import { aliased, aliasOf, columnOf, sealed, tableOf } from './names.ts';
import { whereKeyKnown } from './null-keys.ts';
import { joinStartRows, type RowsOf } from './start-rows.ts';
import { bindValue, type SqlValue, textOf } from './values.ts';
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
  /** Tables whose rows go with a record. */
  readonly children: readonly ChildTarget[];
  /** Where rows of a third table tell the start: they are added up and joined as `d`. */
  readonly rows: { readonly by: StartRows; readonly table: Table } | null;
  /** The digest of a row, by the table's alias, where all of its columns are what tells it from others; null: a key does. */
  readonly identity: ((database: Pick<Knex, 'raw'>, alias: string) => Knex.Raw) | null;
}

type Row = Readonly<Record<string, SqlValue>>;

/**
 * Selects everything that a decision needs, aliased so that no column name of the store can collide. `of`: which records
 * will be asked for, where that is known: rows that tell a start are then added up for these alone.
 */
export function selectRecords(
  database: Knex,
  dialect: Dialect,
  target: Target,
  follow: string | null,
  of: RowsOf | null = null,
): Knex.QueryBuilder {
  const { dataset } = target;
  const hint = follow === null ? null : dialect.follow(follow);
  const query = database.from(
    hint === null
      ? aliased('t', target.table.place)
      : database.raw(`?? as ?? ${hint}`, [tableOf(target.table.place), aliasOf('t')]),
  );
  if (target.source !== null) {
    const { table, on } = target.source;
    query.leftJoin(aliased('s', table.place), join => {
      for (const [ours, theirs] of Object.entries(on))
        join.on(columnOf('s', theirs), '=', columnOf('t', ours));
    });
    const [theirs = ''] = Object.values(on);
    query.select(database.raw('?? is not null as ??', [columnOf('s', theirs), 'found']));
  }
  joinStartRows(query, database, dialect, target, of);
  whereKeyKnown(query, target);
  const pick = (alias: string, column: string | null): void => {
    if (column !== null)
      query.select(
        database.raw('? as ??', [dialect.asText(database, column, specOf(target, column)), alias]),
      );
  };
  const pickAsShown = (alias: string, column: string): void => {
    query.select(database.raw('? as ??', [dialect.asText(database, column), alias]));
  };
  if (target.identity === null)
    dataset.key.forEach((column, index) => {
      pick(`k${index}`, columnOf('t', column));
    });
  else {
    pick('k0', columnOf('t', dataset.startColumn));
    // As if each were the only one of its kind: whoever reads all of a kind numbers them.
    query.select(database.raw("? as ??, '1' as ??", [target.identity(database, 't'), 'k1', 'k2']));
  }
  const pickWhole = (alias: string, column: string): void => {
    query.select(database.raw('? as ??', [dialect.wholeText(database, columnOf('t', column)), alias]));
  };
  dataset.numberColumns.forEach((column, index) => {
    pickWhole(`n${index}`, column);
  });
  extraColumns(dataset).forEach((column, index) => {
    pickAsShown(`x${index}`, columnOf('t', column));
  });
  pick('start', startColumn(target));
  pick(
    'fallback',
    dataset.fallbackColumn && columnOf(target.source === null ? 't' : 's', dataset.fallbackColumn),
  );
  if (target.rows !== null) {
    pick('say', columnOf('d', 'say'));
    pick('other', columnOf('d', 'other'));
  }
  pick('status', statusColumn(target));
  pick('tag', dataset.tagColumn && columnOf('t', dataset.tagColumn));
  if (dataset.customerColumn !== null) pickWhole('customer', dataset.customerColumn);
  pick('jurisdiction', dataset.jurisdictionColumn && columnOf('t', dataset.jurisdictionColumn));
  pick('bytes', dataset.bytesColumn && columnOf('t', dataset.bytesColumn));
  return query;
}

/** What is known of a column, by its alias: one of the table itself, or of the one that holds the start. */
function specOf({ table, source }: Target, column: string): Column | undefined {
  const [alias, name] = column.split('.');
  const holder = alias === aliasOf('t') ? table : alias === aliasOf('s') ? source?.table : undefined;
  return [...(holder?.columns ?? [])].find(([own]) => sealed(own) === name)?.[1];
}

export function startColumn(target: Target): string {
  if (target.rows !== null) return columnOf('d', 'value');
  return columnOf(target.source === null ? 't' : 's', target.dataset.startColumn);
}

/**
 * Columns that any write to the row would set anew, unless they are written with their own value: the start, and for a
 * part of a row all of them, since one may be the start of what else is in it.
 */
export function movingColumns(
  { partOf, startFrom, startRows, startColumn }: Dataset,
  table: Table,
): string[] {
  const moving = [...table.columns].filter(([, column]) => column.updatesItself).map(([name]) => name);
  const isOwn = startFrom === null && startRows === null;
  return partOf === null ? moving.filter(name => isOwn && name === startColumn) : moving;
}

export function statusColumn(target: Target): string | null {
  const { statusColumn: column } = target.dataset;
  return column === null ? null : columnOf(target.source === null ? 't' : 's', column);
}

/** Columns beside the mapped ones that must be read: those that file names and masks are made from. */
function extraColumns(dataset: Dataset): readonly string[] {
  const columns = new Set([
    ...dataset.files.flatMap(rule => templateColumns(rule.template)),
    ...(dataset.anonymise?.fields.map(field => field.column) ?? []),
    ...(dataset.anonymise?.marker ? [dataset.anonymise.marker.column] : []),
    ...(dataset.flag ? [dataset.flag.column] : []),
  ]);
  return [...columns];
}

export function whereKeys(query: Knex.QueryBuilder, target: Target, keys: readonly Key[], alias = 't'): void {
  const column = (name: string): string => columnOf(alias, name);
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
          all.where(columnOf('t', earlier), bindPart(query.client, target, at, after[at] ?? '') as string);
        });
        all.where(
          columnOf('t', column),
          '>',
          bindPart(query.client, target, index, after[index] ?? '') as string,
        );
      });
    });
  });
  const [first] = key;
  if (key.length > 1 && first !== undefined)
    query.where(columnOf('t', first), '>=', bindPart(query.client, target, 0, after[0] ?? '') as string);
}

/** A part of a key as its column compares it. */
export function bindPart(database: Pick<Knex, 'raw'>, target: Target, index: number, text: string): unknown {
  return bindValue(database, target.table.columns.get(target.dataset.key[index] ?? '')?.type, text);
}

/** A row as the rest of the product sees it. */
export function toRecord(row: Row, dataset: Dataset): StoredRecord {
  if (dataset.keyless && row.k1 === null) throw withoutDigest(dataset);
  const columns: Record<string, string | null> = {};
  extraColumns(dataset).forEach((column, index) => {
    columns[column] = textOf(row[`x${index}`]);
  });
  return {
    key: dataset.key.map((_, index) => textOf(row[`k${index}`]) ?? ''),
    tag: textOf(row.tag),
    customer: textOf(row.customer),
    numbers: dataset.numberColumns.flatMap((_, index) => textOf(row[`n${index}`]) ?? []),
    jurisdiction: textOf(row.jurisdiction),
    start: {
      value: textOf(row.start),
      status: textOf(row.status),
      ...(dataset.fallbackColumn === null ? {} : { fallback: textOf(row.fallback) }),
      sourceFound: row.found === undefined || Number(row.found) === 1,
      ...(dataset.startRows === null
        ? {}
        : { rows: { say: (textOf(row.say) ?? 'none') as RowsSay['say'], other: textOf(row.other) } }),
    },
    columns,
    bytes: row.bytes == null ? null : Number(row.bytes),
    lock: null,
    done: doneTo(dataset, columns),
  };
}

/** The server gives none for what is longer than its longest text. */
function withoutDigest({ name }: Dataset): RetentionError {
  return new RetentionError(
    'store-mismatch',
    `${name}: a row is too long for the server to digest, and nothing else tells it from others`,
    'Raise max_allowed_packet on the server, to 64M say, or give the table a key',
  );
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
