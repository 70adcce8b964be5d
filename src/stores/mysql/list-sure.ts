// Lists the sure records of a range without reading them: page after page of a walk, each as the text of its keys, with
// those marked that are set apart.
import type { Knex } from 'knex';
import { RetentionError } from '../../errors.ts';
import { joinKeys } from '../../policy/key-text.ts';
import type { Listed, Mark, Stretch, SureRange, WalkChoice } from '../listed.ts';
import { aliased, columnOf, sealed } from '../sql/names.ts';
import { type Target, whereKeys } from '../sql/query.ts';
import { notApart, nothingApart, startedWithin, withinStretch } from './conditions.ts';
import { canBeListed, splitMarked } from './key-texts.ts';
import { type Listing, nearEnd, type PageRows, pageRows, readRows, rowsOf } from './listed-rows.ts';
import { countMonths, monthOf } from './months.ts';
import { chooseWalk } from './walk.ts';

/** Null where the server cannot tell what is sure: by the types of columns, or for want of a key to walk along. */
export async function listSure(
  database: Knex,
  target: Target,
  range: SureRange,
  batchKeys: number,
  partitions: readonly string[] | null,
): Promise<AsyncIterable<Listed> | null> {
  const way = await wayOf(database, target, range);
  return way && pages({ database, target, ...way, batchKeys, partitions });
}

/** How the batches of a range would follow each other, with nothing listed; null as above. */
export async function walkOf(database: Knex, target: Target, range: SureRange): Promise<WalkChoice | null> {
  const way = await wayOf(database, target, range);
  return way && { by: way.walk.by, index: way.walk.index, why: way.walk.why };
}

async function wayOf(
  database: Knex,
  target: Target,
  range: SureRange,
): Promise<Pick<Listing, 'walk' | 'due' | 'sure' | 'isPlain'> | null> {
  const sure = notApart(database, target, range);
  // What is listed goes without a look at each, and is put back where something was not as listed: that takes an undo.
  if (sure === null || !canBeListed(target) || target.table.unsafeEngine !== null) return null;
  const start = database.raw('??', [sealed(target.dataset.startColumn)]);
  const due = startedWithin(database, target, range, start);
  const walk = await chooseWalk(database, target, due);
  return walk && { walk, due, sure, isPlain: nothingApart(range) };
}

/** While a page is worked on, the server is at the next one. */
async function* pages(listing: Listing): AsyncGenerator<Listed> {
  const only = await readOnlyPage(listing);
  if (only !== null) {
    yield listedOf(listing, null, only);
    return;
  }
  let after: Mark | null = null;
  const room = { keys: listing.batchKeys };
  let next = readPage(listing, after, room);
  try {
    for (let page = await next; page !== null; page = await next) {
      const from = after;
      after = page.to;
      next = page.isLast ? Promise.resolve(null) : readPage(listing, after, room);
      next.catch(() => undefined);
      yield await listedOf(listing, from, page);
    }
  } finally {
    // Whoever stops listening must not leave a query behind.
    await next.catch(() => undefined);
  }
}

/**
 * A night's records are mostly one batch: read in place, where a page with a limit is written aside and read a second
 * time. Null where more are expected than a batch holds, or there are more, or none.
 */
async function readOnlyPage(listing: Listing): Promise<PageRows | null> {
  const { walk, batchKeys, target } = listing;
  // Partitions are read one after the other, and so in no order.
  if (walk.expectedRows === null || walk.expectedRows > batchKeys || target.table.isPartitioned) return null;
  const rows = await readRows(listing, pageRows(listing, null, null, false));
  return rows === null || rows === 'cut' || rows.records > batchKeys ? null : rows;
}

/** `room`: how many keys the server lets an answer hold, as far as is known: pages become smaller until they are whole. */
async function readPage(
  listing: Listing,
  after: Mark | null,
  room: { keys: number },
): Promise<(PageRows & { readonly isLast: boolean }) | null> {
  for (;;) {
    const batchKeys = room.keys;
    const page = { ...listing, batchKeys };
    const end = await nearEnd(page, after);
    const rows = await readRows(page, pageRows(page, after, end, true));
    if (rows === null) return null;
    if (rows !== 'cut') return { ...rows, isLast: rows.records < batchKeys && end === null };
    if (batchKeys === 1) throw noRoom(listing.target);
    room.keys = Math.ceil(batchKeys / 2);
  }
}

function noRoom({ dataset }: Target): RetentionError {
  return new RetentionError(
    'store-mismatch',
    `${dataset.name}: the server cuts off a list of keys`,
    'Raise max_allowed_packet on the server, to 16M say',
  );
}

async function listedOf(listing: Listing, after: Mark | null, rows: PageRows): Promise<Listed> {
  const { records, sure, texts, starts, to } = rows;
  await requireLast(listing, to, rows.furthest);
  const stretch: Stretch = { by: listing.walk.by, after, to };
  const marked = sure === records ? null : splitMarked(texts);
  return {
    records: sure,
    keys: marked === null ? texts : joinKeys(marked.sure),
    stretch,
    starts,
    months: await monthsOf(listing, stretch, rows),
    apart: marked?.apart ?? [],
  };
}

/** The walk goes on after the last key of the text, so that key must be the one that the walk came to last. */
async function requireLast(
  { database, target, walk }: Listing,
  { start, key }: Mark,
  furthest: unknown,
): Promise<void> {
  const { dataset, table } = target;
  if (walk.by === 'key') {
    if (key[0] === String(furthest)) return;
    throw outOfOrder(target);
  }
  const query = database
    .from(aliased('t', table.place))
    .select(database.raw('cast(?? as char) as s', [columnOf('t', dataset.startColumn)]));
  whereKeys(query, target, [key]);
  const [row]: { s: string | null }[] = await query;
  // A row that went or was changed in between says nothing.
  if (row === undefined || row.s === null || row.s === start) return;
  throw outOfOrder(target);
}

function outOfOrder({ dataset }: Target): RetentionError {
  return new RetentionError(
    'store-mismatch',
    `${dataset.name}: the server did not give keys in the order of the walk`,
    'A text that is cut off, or a collation that orders otherwise than it compares: mend the key of the dataset, or look whether group_concat_max_len and max_allowed_packet are as large as they should be',
  );
}

/** Along the start mostly all of a page is of one month or two; along the key each record has said its own. */
async function monthsOf(
  { database, target, walk, sure, due, partitions }: Listing,
  stretch: Stretch,
  rows: PageRows,
): Promise<Listed['months']> {
  const { startColumn, start } = target.dataset;
  if (rows.starts === null) return {};
  if (rows.months !== null) return tallied(rows.months);
  if (monthOf(rows.starts[0], start.unit) === monthOf(rows.starts[1], start.unit))
    return { [monthOf(rows.starts[0], start.unit)]: rows.sure };
  const column = database.raw('??', [sealed(startColumn)]);
  const within = withinStretch(database, target, stretch, column);
  return countMonths(rows.starts, rows.sure, start.unit, async bound => {
    const [[row]] = await database.raw(
      'select count(*) as n from ? force index (??) where ? and ? < ? and ? and ?',
      [rowsOf(database, target, partitions), sealed(walk.index), within, column, bound, due, sure],
    );
    return Number(row.n);
  });
}

function tallied(months: string): Record<string, number> {
  const records: Record<string, number> = {};
  for (const one of months.split(',')) records[one] = (records[one] ?? 0) + 1;
  return Object.fromEntries(
    Object.entries(records).map(([one, count]) => [`${one.slice(0, 4)}-${one.slice(4)}`, count]),
  );
}
