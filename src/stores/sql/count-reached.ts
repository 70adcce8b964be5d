// How many rows elsewhere a write takes along or changes by foreign key, counted before it: from the values that are referred
// to, key by key and level by level, each row once. Rows that go as declared children are left to those who delete them.
import type { Knex } from 'knex';
import type { Key } from '../../policy/policy.ts';
import { shownTable } from '../../policy/table-name.ts';
import type { ChildCounts } from '../child-table.ts';
import { goesBefore } from './check-reach.ts';
import type { ChildTarget } from './child-tables.ts';
import type { ColumnType, Dialect, Table } from './dialect.ts';
import { type ForeignKey, fold, type Reach } from './foreign-keys.ts';
import { aliased, columnOf, sealed } from './names.ts';
import type { Target } from './query.ts';
import { type Tally, tallyOf, type Values } from './reached-tally.ts';
import type { Rows } from './rows-below.ts';
import { bindValue, type SqlValue, textOf } from './values.ts';

interface Counting {
  readonly connection: Knex;
  readonly dialect: Dialect;
  readonly target: Target;
  /** Rows of their own that go are no others. */
  readonly going: readonly Key[];
  /** Rows that are counted are locked, so that none comes between the count and the write. */
  readonly locked: boolean;
}

/** Rows that a write begins with. */
export interface Beginning {
  readonly rows: Rows;
  readonly table: Table;
  /** Columns that are written to; null: the rows are deleted. */
  readonly columns: readonly string[] | null;
}

/** Values in one list. */
const AT_ONCE = 500;

export interface Along {
  readonly counts: ChildCounts;
  /**
   * After the write: a table with rows that still refer to what has gone, as no server should leave them and MySQL 9.7 does
   * where keys lead to one table by two ways; null: there is none.
   */
  readonly leftBehind: () => Promise<string | null>;
}

export async function countReached(counting: Counting, beginnings: readonly Beginning[]): Promise<Along> {
  const tally = tallyOf(counting.target, counting.going);
  for (const beginning of beginnings) {
    const reach = beginning.columns === null ? beginning.table.deleting : beginning.table.updating;
    const first = keysFrom(counting.target, beginning, reach);
    for (const key of first) {
      const tuples = await referredBy(counting, beginning, key);
      await follow(
        counting,
        tally,
        { reach, table: beginning.table },
        key,
        tuples,
        beginning.columns === null,
      );
    }
  }
  return { counts: tally.counts(), leftBehind: () => leftBehind(counting, tally) };
}

async function leftBehind(counting: Counting, { followed }: Tally): Promise<string | null> {
  for (const { key, tuples, types } of followed) {
    const rows = await rowsWith({ ...counting, locked: false }, key, tuples, [], types);
    if (rows.length > 0) return shownTable(counting.target.table.keys.named(key.table));
  }
  return null;
}

/** Keys that act on rows of the very table that is written to. */
function keysFrom(target: Target, { table, columns }: Beginning, { rows }: Reach): ForeignKey[] {
  const { idOf } = table.keys;
  const written = columns === null ? null : new Set(columns.map(fold));
  const keys = new Set(rows.map(({ key }) => key));
  return [...keys].filter(key => {
    if (idOf(key.to) !== idOf(table.place)) return false;
    if (written !== null) return acts(key.onUpdate) && key.referred.some(one => written.has(fold(one)));
    return acts(key.onDelete) && !isChilds(target, key);
  });
}

function isChilds({ table, children }: Target, key: ForeignKey): boolean {
  return goesBefore(key, { above: table, children }, table.keys.idOf);
}

function acts(rule: ForeignKey['onDelete']): boolean {
  return rule !== null && rule !== 'refuse';
}

async function referredBy(
  { connection, dialect, locked }: Counting,
  { rows, table }: Beginning,
  key: ForeignKey,
): Promise<Values[]> {
  const query = rows.query().select(
    key.referred.map((column, at) => {
      const text = dialect.asText(connection, columnOf(rows.alias, column));
      return connection.raw('? as ??', [text, `v${at}`]);
    }),
  );
  if (locked && dialect.locksRows && table.unsafeEngine === null) query.forUpdate();
  return valuesOf(await query, 'v', key.referred.length);
}

/** Acts along one key, and along those that lead on from the rows that it finds. */
async function follow(
  counting: Counting,
  tally: Tally,
  from: { readonly reach: Reach; readonly table: Table },
  key: ForeignKey,
  tuples: readonly Values[],
  isDelete: boolean,
): Promise<void> {
  const rule = isDelete ? key.onDelete : key.onUpdate;
  const goes = isDelete && rule === 'cascade';
  const fresh = tally.fresh(key, goes, tuples);
  if (fresh.length === 0) return;
  const { reach, table } = from;
  const { idOf } = table.keys;
  const next = [...new Set(reach.rows.map(one => one.key))].filter(one => {
    if (idOf(one.to) !== idOf(key.table)) return false;
    if (goes) return acts(one.onDelete) && !isChilds(counting.target, one);
    return acts(one.onUpdate) && one.referred.some(column => key.columns.map(fold).includes(fold(column)));
  });
  const around = table.around.get(idOf(key.table));
  const rowKey = around?.rowKey ?? null;
  const wanted = [...new Set([...(rowKey ?? []), ...next.flatMap(({ referred }) => referred)])];
  for (let at = 0; at < fresh.length; at += AT_ONCE) {
    const some = fresh.slice(at, at + AT_ONCE);
    const found = await rowsWith(counting, key, some, wanted, around?.types);
    if (isDelete) tally.followed.push({ key, tuples: some, types: around?.types });
    tally.add(
      key,
      goes,
      rule,
      rowKey === null ? null : found.map(row => row.slice(0, rowKey.length)),
      found.length,
    );
    for (const one of next) {
      const places = one.referred.map(column => wanted.indexOf(column));
      await follow(
        counting,
        tally,
        from,
        one,
        found.map(row => places.map(place => row[place] ?? null)),
        goes,
      );
    }
  }
}

/** Rows whose key holds one of these values: the columns that are wanted of each. */
async function rowsWith(
  { connection, dialect, locked }: Counting,
  key: ForeignKey,
  tuples: readonly Values[],
  wanted: readonly string[],
  types: ReadonlyMap<string, ColumnType> | undefined,
): Promise<Values[]> {
  const bind = (column: string, text: string | null): string =>
    bindValue(connection, types?.get(column), text ?? '') as string;
  const query = connection
    .from(aliased('r', key.table))
    .select(
      wanted.length === 0
        ? [connection.raw('1')]
        : wanted.map((column, at) =>
            connection.raw('? as ??', [dialect.asText(connection, sealed(column)), `w${at}`]),
          ),
    );
  const holding = (some: Knex.QueryBuilder, columns: readonly string[]): void => {
    const bound = tuples.map(tuple => key.columns.map((column, at) => bind(column, tuple[at] ?? null)));
    const [only = ''] = columns;
    if (columns.length === 1) some.whereIn(only, bound.map(([value]) => value) as string[]);
    else some.whereIn([...columns], bound);
  };
  if (dialect.collatesByColumn)
    query.whereExists(referred => {
      referred.select(connection.raw('1')).from(aliased('p', key.to));
      const columns = key.referred.map(column => columnOf('p', column));
      holding(referred, columns);
      key.columns.forEach((column, at) => {
        referred.whereRaw('?? = ??', [columns[at] ?? '', columnOf('r', column)]);
      });
    });
  else holding(query, key.columns.map(sealed));
  if (locked && dialect.locksRows) query.forUpdate();
  return valuesOf(await query, 'w', wanted.length);
}

function valuesOf(rows: readonly Record<string, SqlValue>[], mark: string, count: number): Values[] {
  return rows.map(row => Array.from({ length: count }, (_, at) => textOf(row[`${mark}${at}`])));
}

/** All rows that are deleted by statements of their own: records, and their children. */
export function beginningsOf(
  target: Target,
  records: Rows,
  below: (rows: Rows, child: ChildTarget) => Rows,
): Beginning[] {
  const found: Beginning[] = [{ rows: records, table: target.table, columns: null }];
  const addBelow = (rows: Rows, children: readonly ChildTarget[]): void => {
    for (const child of children) {
      const own = below(rows, child);
      // Of shared rows it is not known beforehand which go.
      if (child.child.sharedBy === null) found.push({ rows: own, table: child.table, columns: null });
      addBelow(own, child.children);
    }
  };
  addBelow(records, target.children);
  return found;
}
