// Along what a partition is cut into slices: the start, by an index that holds nothing but it and the key, or the first
// column of the key.
import type { Knex } from 'knex';
import type { Stretch } from '../listed.ts';
import { aliasOf, sealed, tableOf } from '../sql/names.ts';
import type { Target } from '../sql/query.ts';

/** No column's name: what is ordered by a column must not find this in its place. */
const VALUE = aliasOf('value');

export interface Axis {
  readonly by: Stretch['by'];
  readonly column: string;
  /** The index that is followed. */
  readonly index: string;
}

/** Null where no index goes along either. Days are too wide for slices: a partition may hold no more than one. */
export function axisOf({ dataset, table }: Target): Axis | null {
  const [column = ''] = dataset.key;
  const key = table.uniqueKeys.find(({ columns }) => columns.join('\0') === dataset.key.join('\0'));
  const start = table.indexes.find(({ columns }) => columns[0] === dataset.startColumn);
  if (start !== undefined && dataset.start.unit !== 'date')
    return { by: 'start', column: dataset.startColumn, index: start.name };
  return key === undefined ? null : { by: 'key', column, index: key.name };
}

/**
 * Where a slice of some rows ends that begins at `from`: the first value that it does not hold, or null where it holds
 * all that is left. A value that more rows have is never cut.
 */
export async function boundary(
  place: {
    readonly database: Knex;
    readonly target: Target;
    readonly partition: string;
    readonly axis: Axis;
  },
  from: string | null,
  rows: number,
): Promise<string | null> {
  const { database, target, partition, axis } = place;
  const column = sealed(axis.column);
  const table = database.raw('?? partition (??) force index (??)', [
    tableOf(target.table.place),
    sealed(partition),
    sealed(axis.index),
  ]);
  const since =
    from === null
      ? database.raw('true')
      : database.raw('?? >= ?', [column, axisValue(database, target, axis.column, from)]);
  const [[found]] = await database.raw(
    `select cast(?? as char) as ?? from ? where ?? is not null and ? order by ?? limit ${rows}, 1`,
    [column, VALUE, table, column, since, column],
  );
  if (found === undefined) return null;
  const value = String(found[VALUE]);
  if (value !== from) {
    // The very first value, if so many rows have it, has no row before it.
    const [[before]] = await database.raw('select 1 as one from ? where ?? < ? limit 1', [
      table,
      column,
      axisValue(database, target, axis.column, value),
    ]);
    if (before !== undefined) return value;
  }
  const [[next]] = await database.raw('select cast(min(??) as char) as v from ? where ?? > ?', [
    column,
    table,
    column,
    axisValue(database, target, axis.column, value),
  ]);
  return next?.v ?? null;
}

/** A value of the axis as it was read, written back: numbers as numbers, which a text would be compared with as doubles. */
export function axisValue(database: Knex, { table }: Target, column: string, text: string): Knex.Raw {
  const type = table.columns.get(column)?.type;
  const isNumber = (type === 'integer' || type === 'decimal') && /^-?\d+(\.\d+)?$/.test(text);
  return isNumber ? database.raw(text) : database.raw('?', [text]);
}
