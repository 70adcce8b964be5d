// Lists the rows of partitions that can go as a whole: slice after slice of the start or of the key, each in one pass over
// one index, until the slices speak of every row there is. It never lists a row that is not sure.
import type { Knex } from 'knex';
import { RetentionError } from '../../errors.ts';
import { joinKeys, keyOfText, splitKeys } from '../../policy/key-text.ts';
import type { Mark, Stretch, SureRange } from '../listed.ts';
import type { DuePartition, ListedOfPartition } from '../partition.ts';
import { sealed } from '../sql/names.ts';
import type { Target } from '../sql/query.ts';
import { isWhole, keyTextsApart, keyTextsOf, lastKeyOf } from './key-texts.ts';
import { countMonths } from './months.ts';
import { type Axis, axisOf, boundary } from './partition-axis.ts';
import { type PartitionPlace, pageFrom, type SureRule, sureRule } from './partition-page.ts';

/**
 * Keys of a partition listed together: no row of it is locked by itself, so that a batch may be larger than one of rows
 * that are deleted. 40,000 keys of two columns are 1.4 MB of text.
 */
const PARTITION_KEYS = 40_000;
/** A last slice of up to this many times as many is taken whole; one that turns out larger is cut. */
const LAST_TIMES = 1.5;
const MOST_TIMES = 3;

interface Listing extends PartitionPlace {
  readonly database: Knex;
  readonly target: Target;
  readonly rule: SureRule;
  readonly axis: Axis;
  readonly estimatedRows: number;
  /** How many keys a slice may hold, as far as is known: less where the server cuts off what is longer. */
  readonly room: { keys: number };
}

/** Partition after partition. While one page is worked on, the server is at the next, be it of the next partition. */
export async function* listPartitions(
  database: Knex,
  target: Target,
  range: SureRange,
  partitions: readonly DuePartition[],
  batchKeys: number,
): AsyncGenerator<ListedOfPartition> {
  const [rule, axis] = [sureRule(database, target, range), axisOf(target)];
  if (rule === null || axis === null)
    throw new Error(`${target.dataset.name}: partitions that cannot be listed`);
  const isText = target.dataset.key.some(one => target.table.columns.get(one)?.type === 'text');
  const listings = partitions.map(
    ({ name, estimatedRows }): Listing => ({
      ...{ database, target, rule, axis, estimatedRows, index: axis.index },
      partition: name,
      room: { keys: isText ? batchKeys : PARTITION_KEYS },
    }),
  );
  let ahead = listings[0] === undefined ? null : begun(pagesOf(listings[0]));
  for (const [at, { partition }] of listings.entries()) {
    const [own, following] = [ahead, listings[at + 1]];
    ahead = following === undefined ? null : begun(pagesOf(following));
    if (own === null) return;
    try {
      for (let page = await own.first; page.done !== true; page = await own.pages.next())
        yield { ...page.value, partition };
    } finally {
      // Whoever stops listening must not leave a query behind.
      await ahead?.first.catch(() => undefined);
    }
  }
}

interface Begun {
  readonly pages: AsyncGenerator<Page>;
  readonly first: Promise<IteratorResult<Page>>;
}

function begun(pages: AsyncGenerator<Page>): Begun {
  const first = pages.next();
  first.catch(() => undefined);
  return { pages, first };
}

type Page = Omit<ListedOfPartition, 'partition'>;
type Slice = NonNullable<Stretch['slice']>;

async function* pagesOf(listing: Listing): AsyncGenerator<Page> {
  const { estimatedRows } = listing;
  let after: Mark | null = null;
  let next = readSlice(listing, null, estimatedRows);
  for (let seen = 0; ; ) {
    const read = await next;
    seen += read.rows;
    const { until } = read.slice;
    if (until !== null) {
      next = readSlice(listing, until, estimatedRows - seen);
      next.catch(() => undefined);
    }
    if (read.rows > 0) {
      const page = await pageOf(listing, read, after);
      after = page.stretch.to;
      yield page;
    }
    if (until === null) return;
  }
}

interface Read {
  readonly slice: Slice;
  readonly rows: number;
  readonly sure: number;
  readonly inRange: boolean;
  readonly oldest: string;
  readonly newest: string;
  readonly texts: string;
}

/**
 * The next slice from `from` on; the last one, which is open at its end, when so few rows are expected to be left. Slices
 * become smaller until the server gives their keys whole.
 */
async function readSlice(listing: Listing, from: string | null, expected: number): Promise<Read> {
  const isLast = expected <= listing.room.keys * LAST_TIMES;
  let until = isLast ? null : await boundary(listing, from, listing.room.keys);
  for (;;) {
    const { room } = listing;
    const read = await readPage(listing, { from, until });
    const isCut = !isWhole(read.texts, read.rows);
    if (!isCut && (until !== null || read.rows <= room.keys * MOST_TIMES)) return read;
    if (isCut) room.keys = Math.floor(Math.min(room.keys, read.rows) / 2);
    const nearer = room.keys < 1 ? null : await boundary(listing, from, room.keys);
    if (nearer !== null && nearer !== until) until = nearer;
    else if (!isCut) return read;
    else if (room.keys < 1) throw tooMany(listing, read);
  }
}

/** The server cuts off a text that is longer than it may be. */
function tooMany({ target, partition }: Listing, read: Read): RetentionError {
  return new RetentionError(
    'store-mismatch',
    `${read.rows} rows of partition ${partition} of ${target.dataset.at} have the same ${target.dataset.startColumn}, too many to be listed together`,
    'Write partitions: rows for this dataset, or raise max_allowed_packet on the server',
  );
}

async function readPage(listing: Listing, slice: Slice): Promise<Read> {
  const { database, target, rule, axis } = listing;
  const start = sealed(target.dataset.startColumn);
  const [[row]] = await database.raw(
    'select count(*) as n, ? as sure, ? as inRange, cast(min(??) as char) as oldest, cast(max(??) as char) as newest, ? as texts ?',
    [
      rule.count,
      rule.inRange,
      start,
      start,
      keyTextsOf(database, target, null),
      pageFrom(database, target, listing, { by: axis.by, after: null, to: null, slice }),
    ],
  );
  return {
    slice,
    rows: Number(row.n),
    sure: Number(row.sure),
    inRange: Number(row.inRange) === 1,
    oldest: String(row.oldest),
    newest: String(row.newest),
    texts: String(row.texts ?? ''),
  };
}

/** Mostly all of a page is sure. Where not, the server is asked again, for those that are and those that are set apart. */
async function pageOf(listing: Listing, read: Read, after: Mark | null): Promise<Page> {
  const { rule, axis, database, target } = listing;
  const { slice } = read;
  const isSure = read.sure === read.rows && (read.inRange || !rule.isPlain);
  if (isSure) {
    const to = { start: read.newest, key: lastKeyOf(read.texts) };
    return {
      records: read.rows,
      keys: read.texts,
      stretch: { by: axis.by, after, to, slice },
      starts: [read.oldest, read.newest],
      months: await monthsOf(listing, slice, read, null),
      apart: [],
      others: 0,
    };
  }
  const within = pageFrom(database, target, listing, { by: axis.by, after: null, to: null, slice });
  const start = sealed(target.dataset.startColumn);
  const [[row]] = await database.raw(
    'select count(*) as n, cast(max(??) as char) as last, cast(min(if(?, ??, null)) as char) as oldest, cast(max(if(?, ??, null)) as char) as newest, ? ? and ?',
    [start, rule.sure, start, rule.sure, start, keyTextsApart(database, target, rule.sure), within, rule.due],
  );
  const [sure, apart] = [splitKeys(String(row.sure ?? '')), splitKeys(String(row.apart ?? ''))];
  if (sure.length + apart.length !== Number(row.n)) throw tooMany(listing, read);
  const to =
    row.lastKey === null
      ? { start: read.newest, key: lastKeyOf(read.texts) }
      : { start: String(row.last), key: lastKeyOf(String(row.lastKey)) };
  const starts = row.oldest === null ? null : ([String(row.oldest), String(row.newest)] as const);
  return {
    records: sure.length,
    keys: joinKeys(sure),
    stretch: {
      by: axis.by,
      after,
      to,
    },
    starts,
    months:
      starts === null
        ? {}
        : await monthsOf(listing, slice, { oldest: starts[0], newest: starts[1], rows: sure.length }, rule),
    apart: apart.map(text => keyOfText(text) ?? []),
    others: read.rows - Number(row.n),
  };
}

/** Mostly a page is of one month or two; the rows before the beginning of each are counted along the index. */
function monthsOf(
  { database, target, axis, ...place }: Listing,
  slice: Slice,
  { oldest, newest, rows }: Pick<Read, 'oldest' | 'newest' | 'rows'>,
  rule: SureRule | null,
): Promise<Page['months']> {
  const within = pageFrom(database, target, place, { by: axis.by, after: null, to: null, slice });
  const only = rule === null ? database.raw('true') : database.raw('? and ?', [rule.due, rule.sure]);
  return countMonths([oldest, newest], rows, target.dataset.start.unit, async bound => {
    const [[row]] = await database.raw('select count(*) as n ? and ?? < ? and ?', [
      within,
      sealed(target.dataset.startColumn),
      bound,
      only,
    ]);
    return Number(row.n);
  });
}
