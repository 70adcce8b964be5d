// Deletes listed records in one statement that is exact: those that it deletes are the planned ones, all of them and no
// others, or the caller undoes it. It never decides on a record that is not as sure as when it was listed.
import type { Knex } from 'knex';
import { joinKeys, keyOfText, keysOf } from '../../policy/key-text.ts';
import type { Key } from '../../policy/policy.ts';
import type { Stretch, SureRange } from '../listed.ts';
import { sealed, tableOf } from '../sql/names.ts';
import { bindPart, type Target } from '../sql/query.ts';
import { and, notApart, placesFor, startedWithin, unindexedStart, withinStretch } from './conditions.ts';
import { keyTextOf } from './key-texts.ts';

/**
 * True when exactly these keys were deleted. Rows go fastest by ranges of their keys (on 2,000,000 calls 240,000 a second,
 * against 150,000 by a list of keys). Ranges that hold no number but planned ones are proved by the count: they cannot
 * hold as many rows and not those. So is a list, with texts as they are spelt. Other ranges are proved by the keys that
 * the server says it deleted.
 *
 * The limit is no less than there is to delete: with it the server does not go on to the row after the last, which another
 * connection may have locked (each then waited for the next to commit: 22 s against 11 s on 3 connections).
 */
export async function deleteListed(
  transaction: Knex.Transaction,
  target: Target,
  texts: readonly string[],
  stretch: Stretch,
  range: SureRange,
): Promise<boolean> {
  const { dataset, table } = target;
  const apart = notApart(transaction, target, range);
  if (apart === null) return false;
  const start = unindexedStart(transaction, target);
  const sure = and(transaction, [startedWithin(transaction, target, range, start), apart]);
  const numbers = keyNumbers(target, texts);
  const ranges = numbers === null ? null : rangesOf(numbers, 1);
  if (ranges !== null || !table.returnsDeleted)
    return deleteCounted(transaction, target, texts, ranges, sure);
  const wide = rangeAlongKey(texts, stretch) ?? (numbers === null ? null : rangesOf(numbers, GAP));
  if (wide === null) return deleteCounted(transaction, target, texts, null, sure);
  // Along a key of one column its first and its last value are as near as the ends of the stretch.
  const isNear = stretch.by === 'key' && dataset.key.length === 1;
  const [rows] = await transaction
    .raw(`delete from ?? where ? and ? and ? limit ${texts.length} returning ? as k`, [
      tableOf(table.place),
      inRanges(transaction, target, wide),
      isNear ? transaction.raw('true') : withinStretch(transaction, target, stretch, start),
      sure,
      keyTextOf(transaction, target),
    ])
    .options({ rowsAsArray: true });
  return areTheSame(rows as [string][], texts);
}

/** `ranges`: they hold none but planned keys; null: the keys are listed. */
async function deleteCounted(
  transaction: Knex.Transaction,
  target: Target,
  texts: readonly string[],
  ranges: KeyRanges | null,
  sure: Knex.Raw,
): Promise<boolean> {
  const where =
    ranges === null ? exactKeys(transaction, target, texts) : inRanges(transaction, target, ranges);
  const [{ affectedRows }] = await transaction.raw(`delete from ?? where ? and ? limit ${texts.length}`, [
    tableOf(target.table.place),
    where,
    sure,
  ]);
  return affectedRows === texts.length;
}

/** Mostly they went in the order in which they were listed, and then none has to be looked for. */
function areTheSame(deleted: readonly (readonly [string])[], texts: readonly string[]): boolean {
  if (deleted.length !== texts.length) return false;
  if (deleted.every(([text], at) => text === texts[at])) return true;
  const planned = new Set(texts);
  return planned.size === texts.length && deleted.every(([text]) => planned.delete(text));
}

/** Rising by the key where that is one number, so that the ranges of two writes of a batch never overlap. */
export function inWritingOrder(
  { dataset, table }: Target,
  texts: readonly string[],
  { by }: Stretch,
): readonly string[] {
  if (by === 'key' || dataset.key.length > 1) return texts;
  if (table.columns.get(dataset.key[0] ?? '')?.type !== 'integer') return texts;
  const numbers = new Map(texts.map(text => [text, firstNumber(text)]));
  return texts.toSorted((a, b) => (numbers.get(a) ?? 0) - (numbers.get(b) ?? 0));
}

/** The number begins after `["`, and ends at a quotation mark: reading it needs no text of its own. */
function firstNumber(text: string): number {
  return Number.parseInt(text.slice(2), 10);
}

/** Ranges of the first key column, each from one planned key to another, and keys that lie by themselves. */
interface KeyRanges {
  readonly ranges: readonly (readonly [from: string, to: string])[];
  readonly single: readonly string[];
}

/** Keys that lie this close are one range: rows between them that are not planned are read and left. */
const GAP = 64;
/** Fewer keys than this make no range. */
const LEAST = 8;
/** Beyond this share of single keys, or more ranges than this, a list is as good. */
const MOST_SINGLE = 0.2;
const MOST_RANGES = 200;

/** The keys as rising numbers; null where they are no such numbers, or too few for a range. */
function keyNumbers({ dataset, table }: Target, texts: readonly string[]): Float64Array | null {
  const type = table.columns.get(dataset.key[0] ?? '')?.type;
  // Between two keys that begin alike there may be much else: keys of several columns are listed.
  if (type !== 'integer' || dataset.key.length > 1 || texts.length < LEAST) return null;
  const numbers = Float64Array.from(texts, firstNumber).sort();
  return Number.isSafeInteger(numbers[0]) && Number.isSafeInteger(numbers.at(-1)) ? numbers : null;
}

/** Ranges of numbers that lie no further from each other than `gap`; null where they do not lie together. */
function rangesOf(numbers: Float64Array, gap: number): KeyRanges | null {
  const ranges: (readonly [string, string])[] = [];
  const single: string[] = [];
  for (let from = 0; from < numbers.length; ) {
    let to = from;
    while (to + 1 < numbers.length && (numbers[to + 1] ?? 0) - (numbers[to] ?? 0) <= gap) to += 1;
    if (to - from + 1 >= LEAST) ranges.push([String(numbers[from]), String(numbers[to])]);
    else for (let at = from; at <= to; at += 1) single.push(String(numbers[at]));
    from = to + 1;
  }
  const isScattered = single.length > numbers.length * MOST_SINGLE || ranges.length > MOST_RANGES;
  return isScattered ? null : { ranges, single };
}

/** The keys of a batch that follows the key, from the first to the last. */
function rangeAlongKey(texts: readonly string[], { by }: Stretch): KeyRanges | null {
  const first = (text: string): string => keyOfText(text)?.[0] ?? '';
  if (by !== 'key') return null;
  return { ranges: [[first(texts[0] ?? ''), first(texts.at(-1) ?? '')]], single: [] };
}

function inRanges(database: Knex, target: Target, { ranges, single }: KeyRanges): Knex.Raw {
  const [first = ''] = target.dataset.key;
  const bound = (text: string): string => bindPart(database, target, 0, text) as string;
  const parts = ranges.map(([from, to]) =>
    database.raw('?? between ? and ?', [sealed(first), bound(from), bound(to)]),
  );
  if (single.length > 0)
    parts.push(database.raw(`?? in (${placesFor(single)})`, [sealed(first), ...single.map(bound)]));
  return database.raw(`(${parts.map(() => '?').join(' or ')})`, parts);
}

/** A list finds by collation, for which `A` may be `a`: of keys with texts, none but those that are spelt as planned. */
function exactKeys(database: Knex, target: Target, texts: readonly string[]): Knex.Raw {
  const { dataset, table } = target;
  const list = keyList(database, target, keysOf(joinKeys(texts)));
  if (!dataset.key.some(column => table.columns.get(column)?.type === 'text')) return list;
  const spelt = database.raw(`cast(convert(? using utf8mb4) as binary) in (${placesFor(texts)})`, [
    keyTextOf(database, target),
    ...texts,
  ]);
  return and(database, [list, spelt]);
}

function keyList(database: Knex, target: Target, keys: readonly Key[]): Knex.Raw {
  const columns = target.dataset.key;
  const places = columns.length === 1 ? '?' : `(${columns.map(() => '?').join(', ')})`;
  const bound = keys.flatMap(key =>
    key.map((part, index) => bindPart(database, target, index, part) as string),
  );
  const left = columns.map(() => '??').join(', ');
  return database.raw(
    `${columns.length === 1 ? left : `(${left})`} in (${keys.map(() => places).join(', ')})`,
    [...columns.map(sealed), ...bound],
  );
}
