// Keys as `keyText` writes them, written by the server: so that a batch is one text, in the order of a walk, and nothing is
// parsed, sorted or held here but that text.
import type { Knex } from 'knex';
import { countKeys, keyOfText, splitKeys } from '../../policy/key-text.ts';
import type { Key } from '../../policy/policy.ts';
import type { ColumnType } from '../sql/dialect.ts';
import { sealed } from '../sql/names.ts';
import type { Target } from '../sql/query.ts';
import { and, placesFor } from './conditions.ts';
import { plainNumber } from './plain-number.ts';

/** Marks a key that is set apart; no key's text begins with it. */
const APART = '!';

/** Whether the server can write the dataset's keys as this process does. */
export function canBeListed({ dataset, table, identity }: Target): boolean {
  if (identity !== null) return false;
  return dataset.key.every(column => LISTED_TYPES.has(table.columns.get(column)?.type ?? 'other'));
}

const LISTED_TYPES: ReadonlySet<ColumnType> = new Set(['integer', 'text', 'datetime', 'date', 'timestamp']);

/** One key's text. What JSON escapes in a text, servers escape more of than this process does: `isPlainText` tells. */
export function keyTextOf(database: Knex, target: Target): Knex.Raw {
  const parts = keyTextParts(database, target);
  return database.raw(`concat(${placesFor(parts)})`, parts);
}

/** The keys of all rows as `joinKeys` writes them, in the order in which they are met; those that are not `sure` marked. */
export function keyTextsOf(database: Knex, target: Target, sure: Knex.Raw | null): Knex.Raw {
  const mark = sure === null ? [] : [database.raw(`if(?, '', '${APART}')`, [sure])];
  const parts = [...mark, ...keyTextParts(database, target)];
  return database.raw(`group_concat(${placesFor(parts)} separator '\n')`, parts);
}

/**
 * The same in three columns: the keys that are `sure`, those that are not, and the last of all. None is longer than the list of
 * all keys: where the server has given that one whole, it gives these whole.
 */
export function keyTextsApart(database: Knex, target: Target, sure: Knex.Raw): Knex.Raw {
  const one = keyTextOf(database, target);
  return database.raw(
    "group_concat(if(?, ?, null) separator '\n') as sure, group_concat(if(?, null, ?) separator '\n') as apart, substring_index(group_concat(? separator '\n'), '\n', -1) as lastKey",
    [sure, one, sure, one, one],
  );
}

/** Texts with marks taken apart: the keys that are sure as `joinKeys` writes them, and those that are set apart. */
export function splitMarked(texts: string): {
  readonly sure: readonly string[];
  readonly apart: readonly Key[];
} {
  const sure: string[] = [];
  const apart: Key[] = [];
  for (const text of splitKeys(texts)) {
    if (text.startsWith(APART)) apart.push(keyOfText(text.slice(APART.length)) ?? []);
    else sure.push(text);
  }
  return { sure, apart };
}

/** Whether all of a list is there, to the end of its last key: servers cut off what is too long for them. */
export function isWhole(texts: string, records: number): boolean {
  if (countKeys(texts) !== records) return false;
  if (records === 0) return true;
  try {
    lastKeyOf(texts);
    return true;
  } catch {
    return false;
  }
}

/** The last key of texts, marked or not. */
export function lastKeyOf(texts: string): Key {
  const last = texts.slice(texts.lastIndexOf('\n') + 1);
  return keyOfText(last.startsWith(APART) ? last.slice(APART.length) : last) ?? [];
}

function keyTextParts(database: Knex, target: Target): Knex.Raw[] {
  const { key } = target.dataset;
  return key.flatMap((column, index) => {
    const [before, after] = [index === 0 ? '[' : ',', index === key.length - 1 ? ']' : ''];
    return isText(target, column)
      ? [
          database.raw(`'${before}'`),
          database.raw('json_quote(??)', [sealed(column)]),
          ...(after === '' ? [] : [database.raw(`'${after}'`)]),
        ]
      : [database.raw(`'${before}"'`), plainKey(database, target, column), database.raw(`'"${after}'`)];
  });
}

function plainKey(database: Knex, target: Target, column: string): Knex.Raw {
  return database.raw(plainNumber(target.table.columns.get(column)), [sealed(column)]);
}

/** True of keys whose texts hold nothing that JSON escapes. */
export function isPlainText(database: Knex, target: Target): Knex.Raw {
  const texts = target.dataset.key.filter(column => isText(target, column));
  return and(
    database,
    texts.map(column => database.raw("locate('\\\\', json_quote(??)) = 0", [sealed(column)])),
  );
}

/** The same of texts that the server has written. */
export function arePlainTexts(texts: string): boolean {
  return !texts.includes('\\');
}

function isText(target: Target, column: string): boolean {
  return target.table.columns.get(column)?.type === 'text';
}
