// Rows of child tables: how they are found below the records that they belong to, counted, and deleted with them. They are
// always found by joins from the records' keys, so that no value of theirs passes through this process, but for those that
// several records share.
import type { Knex } from 'knex';
import type { Key } from '../../policy/policy.ts';
import type { TableName } from '../../policy/table-name.ts';
import type { ChildCounts, ChildTable } from '../child-table.ts';
import type { Dialect, Table } from './dialect.ts';
import { aliased, columnOf, sealed, tableOf } from './names.ts';
import type { Target } from './query.ts';
import { alongWith, RowsLeftBehind } from './rows-along.ts';
import { type Rows, recordRows, rowsBelow } from './rows-below.ts';
import { bindValue, type SqlValue, textOf } from './values.ts';

/** A child table and what it is really like. */
export interface ChildTarget {
  readonly child: ChildTable;
  readonly table: Table;
  /** Tables that refer to its rows, where several may, in the order of `sharedBy`. */
  readonly sharers: readonly Table[];
  readonly children: readonly ChildTarget[];
}

/** Describes a tree of child tables; `describe` throws where there is no such table. */
export async function childTargets(
  children: readonly ChildTable[],
  describe: (table: TableName) => Promise<Table>,
): Promise<readonly ChildTarget[]> {
  return Promise.all(
    children.map(async child => ({
      child,
      table: await describe(child.table),
      sharers: await Promise.all((child.sharedBy ?? []).map(({ table }) => describe(table))),
      children: await childTargets(child.children, describe),
    })),
  );
}

interface Asking {
  readonly connection: Knex;
  readonly dialect: Dialect;
}

/** How many rows of each child table are below the records now, and how many others a purge reaches by foreign key. */
export async function countChildren(
  connection: Knex,
  dialect: Dialect,
  target: Target,
  keys: readonly Key[],
): Promise<ChildCounts> {
  if (keys.length === 0) return {};
  const counts: Record<string, number> = {};
  const countBelow = async (rows: Rows, children: readonly ChildTarget[]): Promise<void> => {
    for (const one of children) {
      const { child, children: below } = one;
      const own = rowsBelow(rows, one);
      const query = own.query();
      // Two rows may refer to the one that they share.
      const [column = ''] = Object.keys(child.on);
      const counted: { n: string | number }[] =
        child.sharedBy === null
          ? await query.count({ n: '*' })
          : await query.countDistinct({ n: columnOf(own.alias, column) });
      counts[child.at] = (counts[child.at] ?? 0) + Number(counted[0]?.n ?? 0);
      await countBelow(own, below);
    }
  };
  await countBelow(recordRows(connection, target, keys), target.children);
  return together(counts, (await alongWith({ connection, dialect }, target, keys, false)).counts);
}

/**
 * Deletes what is below some records, then the records by `deleteRecords`, then what they shared with nobody else. All of
 * it in the transaction of `connection`, which whoever began it undoes when this throws.
 */
export async function deleteWithChildren(
  asking: Asking,
  target: Target,
  keys: readonly Key[],
  deleteRecords: () => Promise<void>,
): Promise<ChildCounts> {
  const along = await alongWith(asking, target, keys, true);
  const counts: Record<string, number> = {};
  const shared = await deleteBelow(
    asking,
    recordRows(asking.connection, target, keys),
    target.children,
    counts,
  );
  await deleteRecords();
  await deleteUnshared(asking, shared, counts);
  const left = await along.leftBehind();
  if (left !== null) throw new RowsLeftBehind(left);
  return together(counts, along.counts);
}

function together(...all: readonly ChildCounts[]): ChildCounts {
  const sums: Record<string, number> = {};
  for (const counts of all) for (const [at, rows] of Object.entries(counts)) add(sums, at, rows);
  return sums;
}

/** Rows that something else may refer to as well, by the values of the column by which it does. */
interface Shared {
  readonly target: ChildTarget;
  readonly column: string;
  readonly values: readonly string[];
}

/** Deletes the rows below some others, the deepest first, and gives those that may be shared, which wait. */
async function deleteBelow(
  asking: Asking,
  rows: Rows,
  children: readonly ChildTarget[],
  counts: Record<string, number>,
): Promise<readonly Shared[]> {
  const shared: Shared[] = [];
  for (const target of children) {
    const { child } = target;
    const below = rowsBelow(rows, target);
    if (child.sharedBy !== null) {
      const [column = ''] = Object.keys(child.on);
      const value = asking.dialect.asText(asking.connection, columnOf(below.alias, column));
      const found: { v: SqlValue }[] = await below
        .query()
        .distinct(asking.connection.raw('? as ??', [value, 'v']));
      shared.push({ target, column, values: valuesOf(found) });
      continue;
    }
    shared.push(...(await deleteBelow(asking, below, target.children, counts)));
    add(counts, child.at, await asking.dialect.deleteJoined(asking.connection, target, rows, below));
  }
  return shared;
}

/** Values in one `IN` list. */
const VALUES_AT_ONCE = 1000;

async function deleteUnshared(
  asking: Asking,
  all: readonly Shared[],
  counts: Record<string, number>,
): Promise<void> {
  for (const { target, column, values } of all) {
    const { child, table, sharers, children } = target;
    for (let from = 0; from < values.length; from += VALUES_AT_ONCE) {
      const bind = (value: string) =>
        bindValue(asking.connection, table.columns.get(column)?.type, value) as string;
      const some = values.slice(from, from + VALUES_AT_ONCE).map(bind);
      const unshared: Rows = {
        alias: 's',
        query: () => {
          const query = asking.connection
            .from(aliased('s', table.place))
            .whereIn(columnOf('s', column), some);
          child.sharedBy?.forEach(({ table: written, column: by }, index) => {
            query.whereNotExists(other => {
              other
                .select(asking.connection.raw('1'))
                .from(aliased('o', sharers[index]?.place ?? written))
                .whereRaw('?? = ??', [columnOf('o', by), columnOf('s', column)]);
            });
          });
          return query;
        },
      };
      const left = await deleteBelow(asking, unshared, children, counts);
      const free: { v: SqlValue }[] = await unshared
        .query()
        .select(
          asking.connection.raw('? as ??', [
            asking.dialect.asText(asking.connection, columnOf('s', column)),
            'v',
          ]),
        );
      const gone = valuesOf(free).map(bind);
      if (gone.length > 0)
        add(
          counts,
          child.at,
          await asking.connection(tableOf(table.place)).whereIn(sealed(column), gone).delete(),
        );
      await deleteUnshared(asking, left, counts);
    }
  }
}

function valuesOf(rows: readonly { readonly v: SqlValue }[]): string[] {
  return rows.flatMap(({ v }) => textOf(v) ?? []);
}

function add(counts: Record<string, number>, at: string, rows: number): void {
  counts[at] = (counts[at] ?? 0) + rows;
}
