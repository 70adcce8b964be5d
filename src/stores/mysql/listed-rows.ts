// Asks the server for the rows of one page of a walk: how many there are, whether all of them are sure, and their keys as
// one text in the order of the walk.
import type { Knex } from 'knex';
import type { StartUnit } from '../../policy/start.ts';
import type { Listed, Mark } from '../listed.ts';
import { aliasOf, sealed, tableOf } from '../sql/names.ts';
import type { Target } from '../sql/query.ts';
import { and, readableStart, startLiteral, withinStretch } from './conditions.ts';
import { arePlainTexts, isPlainText, isWhole, keyTextsOf, lastKeyOf } from './key-texts.ts';
import { plainNumber } from './plain-number.ts';
import type { Walk } from './walk.ts';

export interface Listing {
  readonly database: Knex;
  readonly target: Target;
  readonly walk: Walk;
  readonly due: Knex.Raw;
  /** True of what is not set apart, but for keys whose texts cannot be compared. */
  readonly sure: Knex.Raw;
  /** Nothing is set apart but what has no readable start. */
  readonly isPlain: boolean;
  readonly batchKeys: number;
  /** Only rows of these; null where the table has none, or all are meant. */
  readonly partitions: readonly string[] | null;
}

export interface PageRows {
  readonly records: number;
  readonly sure: number;
  readonly to: Mark;
  /** The greatest first part of the keys. */
  readonly furthest: string;
  readonly starts: Listed['starts'];
  readonly texts: string;
  /** The month of each sure record, `202411`, where they have been asked for. */
  readonly months: string | null;
}

/** Mostly every row is sure. Where not, the server is asked again, to mark those that need a look of their own. */
export async function readRows(
  listing: Listing,
  rows: (sure: Knex.Raw | null) => Knex.Raw,
): Promise<PageRows | 'cut' | null> {
  const { database, target, sure, isPlain } = listing;
  const read = await askRows(listing, rows(isPlain ? null : sure), false);
  if (read === null || read === 'cut' || (read.sure === read.records && arePlainTexts(read.texts)))
    return read;
  return askRows(listing, rows(and(database, [sure, isPlainText(database, target)])), true);
}

/** No column's name: what is ordered by a column must not find one of these in its place. */
const LAST = aliasOf('last');
const SURE = aliasOf('sure');

async function askRows(
  listing: Listing,
  rows: Knex.Raw,
  isMarked: boolean,
): Promise<PageRows | 'cut' | null> {
  const { database, target, walk, isPlain } = listing;
  const { startColumn, key, start } = target.dataset;
  const none = database.raw('null');
  const firstKey = plainNumber(target.table.columns.get(key[0] ?? ''));
  const sure = database.raw('??', [SURE]);
  const column = database.raw('??', [sealed(startColumn)]);
  const startIfSure = isMarked ? database.raw('if(?, ?, null)', [sure, column]) : column;
  const month = walk.by === 'key' ? MONTH[start.unit] : undefined;
  const [[row]] = await database.raw(
    'select count(*) as n, ? as sure, cast(max(?) as char) as last, ? as furthest, cast(min(?) as char) as oldest, ? as newest, ? as months, ? as texts from (?) as x',
    [
      isPlain && !isMarked
        ? database.raw('count(?)', [readableStart(database, target)])
        : database.raw('sum(?)', [sure]),
      column,
      // Along the start a look at the last row tells as much, and costs less than a look at all.
      walk.by === 'key' ? database.raw(`cast(max(${firstKey}) as char)`, [sealed(key[0] ?? '')]) : none,
      startIfSure,
      isMarked ? database.raw('cast(max(?) as char)', [startIfSure]) : none,
      month === undefined ? none : database.raw('group_concat(?)', [database.raw(month, [startIfSure])]),
      keyTextsOf(database, target, isMarked ? sure : null),
      rows,
    ],
  );
  const records = Number(row.n);
  if (records === 0) return null;
  const texts = String(row.texts ?? '');
  const allMonths = row.months === null || (!isMarked && Number(row.sure) !== records);
  if (!isWhole(texts, records) || !(allMonths || hasMonths(row.months, Number(row.sure)))) return 'cut';
  return {
    records,
    sure: Number(row.sure),
    to: { start: String(row.last), key: lastKeyOf(texts) },
    furthest: String(row.furthest),
    starts: row.oldest === null ? null : [String(row.oldest), String(row.newest ?? row.last)],
    texts,
    months: row.months,
  };
}

/** The server cuts off a list that is longer than max_allowed_packet or group_concat_max_len lets it be, in any place. */
function hasMonths(months: string, sure: number): boolean {
  return months.length === sure * 'yyyymm,'.length - 1;
}

/**
 * The rows of a page in the order of the walk: key, start, and whether it is sure. Columns as they are: with texts made
 * of them here, what is written aside grows to where the server writes it to disk (3 times as slow with keys of 36).
 */
export function pageRows(
  { database, target, walk, due, batchKeys, partitions }: Listing,
  after: Mark | null,
  end: string | null,
  isLimited: boolean,
): (sure: Knex.Raw | null) => Knex.Raw {
  const { key, startColumn } = target.dataset;
  const start = database.raw('??', [sealed(startColumn)]);
  const within = and(database, [
    withinStretch(database, target, { by: walk.by, after, to: null }, start),
    ...(end === null ? [] : [database.raw('? <= ?', [start, startLiteral(database, target, end)])]),
  ]);
  const columns = [...new Set([startColumn, ...key])].map(sealed);
  const order = [...(walk.by === 'start' ? [startColumn] : []), ...key].map(sealed);
  const inOrder = isLimited ? `order by ${order.map(() => '??').join(', ')} limit ${batchKeys}` : '';
  return sure =>
    database.raw(
      `select ${columns.map(() => '??').join(', ')} ? from ? force index (??) where ? and ? ${inOrder}`,
      [
        ...columns,
        sure === null ? database.raw(' ') : database.raw(', (?) as ??', [sure, SURE]),
        ...[rowsOf(database, target, partitions), sealed(walk.index), within, due],
        ...(isLimited ? order : []),
      ],
    );
}

/**
 * A start that the page does not go beyond. Indexes of a partitioned table give no order but that of their own columns, so
 * that all due rows would be sorted by their keys for each page.
 */
export async function nearEnd(listing: Listing, after: Mark | null): Promise<string | null> {
  const { database, target, walk, due, batchKeys, partitions } = listing;
  const column = database.raw('??', [sealed(target.dataset.startColumn)]);
  if (!target.table.isPartitioned || walk.by === 'key') return null;
  const since =
    after === null
      ? database.raw('true')
      : database.raw('? >= ?', [column, startLiteral(database, target, after.start)]);
  const [[end]] = await database.raw(
    `select cast(? as char) as ?? from ? force index (??) where ? and ? order by ? limit ${batchKeys}, 1`,
    [column, LAST, rowsOf(database, target, partitions), sealed(walk.index), since, due, column],
  );
  // Rows of the very start that the last page ended in may be more than a page.
  return end === undefined || end[LAST] === after?.start ? null : String(end[LAST]);
}

/** A table, or only some partitions of it. */
export function rowsOf(database: Knex, { table }: Target, partitions: readonly string[] | null): Knex.Raw {
  const at = tableOf(table.place);
  if (partitions === null) return database.raw('??', [at]);
  return database.raw(`?? partition (${partitions.map(() => '??').join(', ')})`, [
    at,
    ...partitions.map(sealed),
  ]);
}

/** The month of a start in UTC, as the server writes it. */
const MONTH: Readonly<Partial<Record<StartUnit, string>>> = {
  datetime: 'extract(year_month from ?)',
  date: 'extract(year_month from ?)',
  timestamp: 'extract(year_month from ?)',
  'epoch-s': "extract(year_month from timestamp'1970-01-01 00:00:00' + interval ? second)",
  'epoch-ms': "extract(year_month from timestamp'1970-01-01 00:00:00' + interval floor(? / 1000) second)",
  'epoch-us': "extract(year_month from timestamp'1970-01-01 00:00:00' + interval floor(? / 1000000) second)",
};
