// Rows of child tables that stand there without the record that they belong to: they come back with a backup, and a record
// that has gone is looked for by its key alone. By that key they can be asked for too.
import type { Knex } from 'knex';
import type { Key } from '../../policy/policy.ts';
import type { LonelyChildren } from '../child-table.ts';
import type { ChildTarget } from './child-tables.ts';
import { aliased, columnOf } from './names.ts';
import { bindPart, type Target } from './query.ts';

/** Values in one `IN` list. */
const KEYS_AT_ONCE = 1000;

/** Of records that are gone. Tables below others, shared ones, and those that hold no part of the key cannot be asked. */
export async function lonelyChildren(
  connection: Knex,
  target: Target,
  keys: readonly Key[],
): Promise<LonelyChildren> {
  const counts: Record<string, number> = {};
  const unsought: string[] = [];
  for (const one of target.children) {
    const { child, children } = one;
    unsought.push(...children.flatMap(tablesOf));
    if (target.identity !== null || child.sharedBy !== null || positions(target, one).includes(-1)) {
      unsought.push(child.at);
      continue;
    }
    for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
      const rows = await countLonely(connection, target, one, keys.slice(from, from + KEYS_AT_ONCE));
      counts[child.at] = (counts[child.at] ?? 0) + rows;
    }
  }
  return { counts, unsought };
}

function tablesOf({ child, children }: ChildTarget): string[] {
  return [child.at, ...children.flatMap(tablesOf)];
}

/** Where in the key each of the columns stands that the child's rows hold; -1: it is none of the key's. */
function positions({ dataset }: Target, { child }: ChildTarget): number[] {
  return Object.values(child.on).map(column => dataset.key.indexOf(column));
}

async function countLonely(
  connection: Knex,
  target: Target,
  one: ChildTarget,
  keys: readonly Key[],
): Promise<number> {
  const { child } = one;
  const at = positions(target, one);
  const values = keys.map(key => at.map(index => bindPart(connection, target, index, key[index] ?? '')));
  const columns = Object.keys(child.on).map(column => columnOf('c', column));
  const [only] = columns;
  const query = connection.from(aliased('c', one.table.place)).whereNotExists(above => {
    above.select(connection.raw('1')).from(aliased('t', target.table.place));
    for (const [theirs, ours] of Object.entries(child.on))
      above.whereRaw('?? = ??', [columnOf('t', ours), columnOf('c', theirs)]);
  });
  if (columns.length === 1 && only !== undefined)
    query.whereIn(only, values.map(([value]) => value) as string[]);
  else query.whereIn(columns, values as string[][]);
  for (const [column, value] of Object.entries(child.where)) query.where(columnOf('c', column), value);
  const [row] = await query.count({ n: '*' });
  return Number(row?.n ?? 0);
}
