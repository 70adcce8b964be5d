// Deletes listed records in one statement that is exact: those that it deletes are the planned ones, all of them and no
// others, or the caller undoes it. It never decides on a record that is not as sure as when it was listed.
import type { Knex } from 'knex';
import { keyText } from '../../policy/key-text.ts';
import type { Key } from '../../policy/policy.ts';
import { bindPart, type Target } from '../sql/query.ts';
import type { Stretch, SureRange } from '../store.ts';
import { and, notApart, placesFor, plainStart, startedWithin, withinStretch } from './conditions.ts';
import { keyTextOf } from './list-sure.ts';

/**
 * True when exactly these keys were deleted. Rows go fastest by ranges of their keys (on 2,000,000 calls 240,000 a second,
 * against 150,000 by a list of keys): a range is proved by the keys that the server says it deleted. A list proves
 * itself: it can delete no other row, and the count tells that it deleted all.
 */
export async function deleteListed(
  transaction: Knex.Transaction,
  target: Target,
  keys: readonly Key[],
  stretch: Stretch,
  range: SureRange,
): Promise<boolean> {
  const { dataset, table } = target;
  const apart = notApart(transaction, target, range, '');
  if (apart === null) return false;
  const start = plainStart(transaction, target, '');
  const sure = and(transaction, [startedWithin(transaction, target, range, start, ''), apart]);
  const ranges = table.returnsDeleted ? keyRanges(target, keys, stretch) : null;
  if (ranges === null) {
    const [{ affectedRows }] = await transaction.raw('delete from ?? where ? and ?', [
      dataset.at,
      keyList(transaction, target, keys),
      sure,
    ]);
    return affectedRows === keys.length;
  }
  const [rows] = await transaction
    .raw('delete from ?? where ? and ? and ? returning ? as k', [
      dataset.at,
      inRanges(transaction, target, ranges),
      withinStretch(transaction, target, stretch, start, ''),
      sure,
      keyTextOf(transaction, target, ''),
    ])
    .options({ rowsAsArray: true });
  return areTheSame(rows as [string][], keys);
}

function areTheSame(deleted: readonly (readonly [string])[], keys: readonly Key[]): boolean {
  if (deleted.length !== keys.length) return false;
  const planned = new Set(keys.map(key => keyText(key, null)));
  return planned.size === keys.length && deleted.every(([text]) => planned.has(text));
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

/** Null where the keys do not lie together. */
function keyRanges({ dataset, table }: Target, keys: readonly Key[], stretch: Stretch): KeyRanges | null {
  const firsts = keys.map(key => key[0] ?? '');
  if (stretch.by === 'key') return { ranges: [[firsts[0] ?? '', firsts.at(-1) ?? '']], single: [] };
  const type = table.columns.get(dataset.key[0] ?? '')?.type;
  if (type !== 'integer' || keys.length < LEAST) return null;
  const numbers = Float64Array.from(firsts, Number).sort();
  if (!Number.isSafeInteger(numbers[0]) || !Number.isSafeInteger(numbers.at(-1))) return null;
  const ranges: (readonly [string, string])[] = [];
  const single: string[] = [];
  for (let from = 0; from < numbers.length; ) {
    let to = from;
    while (to + 1 < numbers.length && (numbers[to + 1] ?? 0) - (numbers[to] ?? 0) <= GAP) to += 1;
    if (to - from + 1 >= LEAST) ranges.push([String(numbers[from]), String(numbers[to])]);
    else for (let at = from; at <= to; at += 1) single.push(String(numbers[at]));
    from = to + 1;
  }
  const isScattered = single.length > keys.length * MOST_SINGLE || ranges.length > MOST_RANGES;
  return isScattered ? null : { ranges, single };
}

function inRanges(database: Knex, target: Target, { ranges, single }: KeyRanges): Knex.Raw {
  const [first = ''] = target.dataset.key;
  const bound = (text: string): string => bindPart(database, target, 0, text) as string;
  const parts = ranges.map(([from, to]) =>
    database.raw('?? between ? and ?', [first, bound(from), bound(to)]),
  );
  if (single.length > 0)
    parts.push(database.raw(`?? in (${placesFor(single)})`, [first, ...single.map(bound)]));
  return database.raw(`(${parts.map(() => '?').join(' or ')})`, parts);
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
    [...columns, ...bound],
  );
}
