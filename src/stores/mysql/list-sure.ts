// Lists the sure records of a range without reading them: the server writes the keys of a batch into one text, in the
// order of a walk, and marks those that are set apart. Nothing is parsed, sorted or held but that text.
import type { Knex } from 'knex';
import { joinKeys, keyOfText } from '../../policy/key-text.ts';
import type { StartUnit } from '../../policy/start.ts';
import type { Listed, Mark, Stretch, SureRange } from '../listed.ts';
import type { ColumnType } from '../sql/dialect.ts';
import { type Target, whereKeys } from '../sql/query.ts';
import { and, notApart, placesFor, startedWithin, startLiteral, withinStretch } from './conditions.ts';
import { monthOf } from './months.ts';
import { chooseWalk, type Walk } from './walk.ts';

/** Marks a key that is set apart; no key's text begins with it. */
export const APART = '!';

/** Null where the server cannot tell what is sure: by the types of columns, or for want of a key to walk along. */
export async function listSure(
  database: Knex,
  target: Target,
  range: SureRange,
  batchKeys: number,
  partitions: readonly string[] | null,
): Promise<AsyncIterable<Listed> | null> {
  const apart = notApart(database, target, range, 't.');
  if (apart === null || !canBeListed(target)) return null;
  const column = database.raw('??', [`t.${target.dataset.startColumn}`]);
  const due = startedWithin(database, target, range, column, 't.');
  const walk = await chooseWalk(database, target, due);
  const sure = and(database, [apart, isPlainText(database, target, 't.')]);
  return walk === null ? null : pages({ database, target, walk, due, sure, batchKeys, partitions });
}

/** Whether the server can write the dataset's keys as this process does. */
export function canBeListed({ dataset, table }: Target): boolean {
  return dataset.key.every(column => LISTED_TYPES.has(table.columns.get(column)?.type ?? 'other'));
}

const LISTED_TYPES: ReadonlySet<ColumnType> = new Set(['integer', 'text', 'datetime', 'date', 'timestamp']);

interface Listing {
  readonly database: Knex;
  readonly target: Target;
  readonly walk: Walk;
  readonly due: Knex.Raw;
  readonly sure: Knex.Raw;
  readonly batchKeys: number;
  /** Only rows of these; null where the table has none, or all are meant. */
  readonly partitions: readonly string[] | null;
}

/** While a page is worked on, the server is at the next one. */
async function* pages(listing: Listing): AsyncGenerator<Listed> {
  let after: Mark | null = null;
  let next = readPage(listing, after);
  try {
    for (let page = await next; page !== null; page = await next) {
      after = page.stretch.to;
      next = page.isLast ? Promise.resolve(null) : readPage(listing, after);
      next.catch(() => undefined);
      yield page.listed;
    }
  } finally {
    // Whoever stops listening must not leave a query behind.
    await next.catch(() => undefined);
  }
}

interface Page {
  readonly listed: Listed;
  readonly stretch: Stretch;
  readonly isLast: boolean;
}

async function readPage(listing: Listing, after: Mark | null): Promise<Page | null> {
  const { database, walk, batchKeys } = listing;
  const end = await nearEnd(listing, after);
  const [[row]] = await database.raw(
    'select count(*) as n, sum(sure) as sure, cast(max(s) as char) as last, cast(max(f) as char) as furthest, cast(min(if(sure, s, null)) as char) as oldest, cast(max(if(sure, s, null)) as char) as newest, group_concat(k separator ?) as texts from (?) as x',
    ['\n', pageRows(listing, after, end)],
  );
  const records = Number(row.n);
  if (records === 0) return null;
  const texts = String(row.texts);
  const last = texts.slice(texts.lastIndexOf('\n') + 1);
  const key = keyOfText(last.startsWith(APART) ? last.slice(APART.length) : last) ?? [];
  const to: Mark = { start: String(row.last), key };
  await requireLast(listing, to, row.furthest);
  const stretch: Stretch = { by: walk.by, after, to };
  const sure = Number(row.sure);
  const lines = sure === records ? [] : texts.split('\n');
  const listed: Listed = {
    records: sure,
    keys: sure === records ? texts : joinKeys(lines.filter(line => !line.startsWith(APART))),
    stretch,
    starts: sure === 0 ? null : [String(row.oldest), String(row.newest)],
    months: await monthsOf(listing, stretch, row, sure),
    apart: lines.flatMap(line => (line.startsWith(APART) ? [keyOfText(line.slice(APART.length)) ?? []] : [])),
  };
  return { listed, stretch, isLast: records < batchKeys && end === null };
}

/** The rows of a page in the order of the walk: key text, start, and whether it is sure. */
function pageRows(listing: Listing, after: Mark | null, end: string | null): Knex.Raw {
  const { database, target, walk, due, sure, batchKeys, partitions } = listing;
  const { key, startColumn } = target.dataset;
  const start = database.raw('??', [`t.${startColumn}`]);
  const within = and(database, [
    withinStretch(database, target, { by: walk.by, after, to: null }, start, 't.'),
    ...(end === null ? [] : [database.raw('? <= ?', [start, startLiteral(database, target, end)])]),
  ]);
  const order = [...(walk.by === 'start' ? [startColumn] : []), ...key].map(column => `t.${column}`);
  return database.raw(
    `select concat(if(?, '', '${APART}'), ?) as k, ? as s, ?? as f, (?) as sure from ? as t force index (??) where ? and ? order by ${order.map(() => '??').join(', ')} limit ${batchKeys}`,
    [
      sure,
      keyTextOf(database, target, 't.'),
      start,
      `t.${key[0] ?? ''}`,
      sure,
      tableOf(database, target.dataset.at, partitions),
      walk.index,
      within,
      due,
      ...order,
    ],
  );
}

/**
 * A start that the page does not go beyond. Indexes of a partitioned table give no order but that of their own columns, so
 * that all due rows would be sorted by their keys for each page.
 */
async function nearEnd(listing: Listing, after: Mark | null): Promise<string | null> {
  const { database, target, walk, due, batchKeys, partitions } = listing;
  const column = database.raw('??', [`t.${target.dataset.startColumn}`]);
  if (!target.table.isPartitioned || walk.by === 'key') return null;
  const since =
    after === null
      ? database.raw('true')
      : database.raw('? >= ?', [column, startLiteral(database, target, after.start)]);
  const [[end]] = await database.raw(
    `select cast(? as char) as s from ? as t force index (??) where ? and ? order by ? limit ${batchKeys}, 1`,
    [column, tableOf(database, target.dataset.at, partitions), walk.index, since, due, column],
  );
  // Rows of the very start that the last page ended in may be more than a page.
  return end === undefined || end.s === after?.start ? null : String(end.s);
}

/** A table, or only some partitions of it. */
function tableOf(database: Knex, at: string, partitions: readonly string[] | null): Knex.Raw {
  if (partitions === null) return database.raw('??', [at]);
  return database.raw(`?? partition (${partitions.map(() => '??').join(', ')})`, [at, ...partitions]);
}

/**
 * A key as `keyText` writes it, written by the server. Of texts that JSON escapes characters in, `isPlainText` is false:
 * servers escape more than this process does.
 */
export function keyTextOf(database: Knex, target: Target, alias: string): Knex.Raw {
  const parts = keyTextParts(database, target, alias);
  return database.raw(`concat(${placesFor(parts)})`, parts);
}

/** The texts that make up a key's, one after the other. */
export function keyTextParts(database: Knex, target: Target, alias: string): Knex.Raw[] {
  const { key } = target.dataset;
  return key.flatMap((column, index) => {
    const [before, after] = [index === 0 ? '[' : ',', index === key.length - 1 ? ']' : ''];
    const name = `${alias}${column}`;
    return isText(target, column)
      ? [database.raw(`'${before}'`), database.raw('json_quote(??)', [name]), database.raw(`'${after}'`)]
      : [database.raw(`'${before}"'`), database.raw('??', [name]), database.raw(`'"${after}'`)];
  });
}

/** True of keys whose texts hold nothing that JSON escapes. */
export function isPlainText(database: Knex, target: Target, alias: string): Knex.Raw {
  const texts = target.dataset.key.filter(column => isText(target, column));
  return and(
    database,
    texts.map(column => database.raw("locate('\\\\', json_quote(??)) = 0", [`${alias}${column}`])),
  );
}

function isText(target: Target, column: string): boolean {
  return target.table.columns.get(column)?.type === 'text';
}

/** The walk goes on after the last key of the text, so that key must be the one that the walk came to last. */
async function requireLast(
  { database, target, walk }: Listing,
  { start, key }: Mark,
  furthest: unknown,
): Promise<void> {
  const { dataset } = target;
  if (walk.by === 'key') {
    if (key[0] === String(furthest)) return;
    throw outOfOrder(target);
  }
  const query = database
    .from({ t: dataset.at })
    .select(database.raw('cast(?? as char) as s', [`t.${dataset.startColumn}`]));
  whereKeys(query, target, [key]);
  const [row]: { s: string | null }[] = await query;
  // A row that went or was changed in between says nothing.
  if (row === undefined || row.s === null || row.s === start) return;
  throw outOfOrder(target);
}

function outOfOrder({ dataset }: Target): Error {
  return new Error(`${dataset.name}: the server did not give keys in the order of the walk`);
}

/** Mostly all of a page started in one month; where not, the server counts. */
async function monthsOf(
  { database, target, sure, due }: Listing,
  stretch: Stretch,
  { oldest, newest }: { readonly oldest: string | null; readonly newest: string | null },
  records: number,
): Promise<Listed['months']> {
  if (oldest === null || newest === null) return {};
  const { unit } = target.dataset.start;
  const month = monthOf(oldest, unit);
  if (month === monthOf(newest, unit)) return { [month]: records };
  const start = database.raw('??', [`t.${target.dataset.startColumn}`]);
  const within = withinStretch(database, target, stretch, start, 't.');
  const [rows] = await database.raw(
    'select cast(min(?) as char) as s, count(*) as n from ?? as t where ? and ? and ? group by ?',
    [start, target.dataset.at, within, due, sure, database.raw(MONTH[unit] ?? '?', [start])],
  );
  const months: Record<string, number> = {};
  for (const row of rows as { s: string; n: string }[]) months[monthOf(row.s, unit)] = Number(row.n);
  return months;
}

/** What two starts of one month have in common, in UTC. */
const MONTH: Readonly<Partial<Record<StartUnit, string>>> = {
  datetime: 'extract(year_month from ?)',
  date: 'extract(year_month from ?)',
  timestamp: 'extract(year_month from ?)',
  'epoch-s': 'extract(year_month from from_unixtime(?))',
  'epoch-ms': 'extract(year_month from from_unixtime(? / 1000))',
  'epoch-us': 'extract(year_month from from_unixtime(? / 1000000))',
};
