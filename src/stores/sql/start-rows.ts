// Starts that rows of another table tell: a history of changes of status, or the ends of what an account had. The server adds
// the rows of each account up and joins what they say as `d`; what comes of it is for `policy/start-rows.ts`.
import type { Knex } from 'knex';
import { type StartSpec, startBound } from '../../policy/start.ts';
import type { StartRows } from '../start-rows.ts';
import type { Dialect, Table } from './dialect.ts';
import { aliased, aliasOf, columnOf, tableOf } from './names.ts';
import type { Target } from './query.ts';

/** Only the rows of some records: `narrow` finds these by the alias of their table. `locked`: until the transaction ends. */
export interface RowsOf {
  readonly narrow: (query: Knex.QueryBuilder, alias: string) => void;
  readonly locked: boolean;
}

type Told = NonNullable<Target['rows']>;
type Raw = Knex.Raw;

/** Joins what the rows say as `d`: `say` and `other` of `RowsSay`, and `value`; all NULL for an account without rows. */
export function joinStartRows(
  query: Knex.QueryBuilder,
  database: Knex,
  dialect: Dialect,
  target: Target,
  of: RowsOf | null,
): void {
  const { rows, source } = target;
  if (rows === null) return;
  query.leftJoin(
    database.raw('(?) as ??', [rowsSay(database, dialect, target, rows, of), aliasOf('d')]),
    join => {
      Object.values(rows.by.on).forEach((ours, at) => {
        join.on(columnOf('d', `k${at}`), '=', columnOf(source === null ? 't' : 's', ours));
      });
    },
  );
}

/**
 * Locks records, and the accounts that hold their starts, before the rows of these are read. Who writes a row first and then
 * its account is waited for here, where nothing is held yet that it could be waiting for.
 */
export async function lockHolders(
  transaction: Knex.Transaction,
  { table, source }: Target,
  narrow: RowsOf['narrow'],
): Promise<void> {
  const query = transaction.from(aliased('t', table.place)).select(transaction.raw('1'));
  joinHolder(query, source, 't', 's');
  narrow(query, 't');
  await query.forUpdate();
}

/** An index by which the rows of one account are found. */
export function indexOfRows({ by, table }: Told): string | null {
  const columns = Object.keys(by.on);
  const begins = (index: Table['indexes'][number]): boolean =>
    columns.every(column => index.columns.slice(0, columns.length).includes(column));
  return table.indexes.find(begins)?.name ?? null;
}

function rowsSay(
  database: Knex,
  dialect: Dialect,
  { dataset, table, source }: Target,
  rows: Told,
  of: RowsOf | null,
): Raw {
  const { by } = rows;
  const columns = Object.keys(by.on).map(column => columnOf('h', column));
  const { say, value, other } = sums(
    database,
    dialect,
    dataset.start,
    by,
    columnOf('h', dataset.startColumn),
  );
  const index = of === null ? null : indexOfRows(rows);
  const hint = index === null ? null : dialect.follow(index);
  const parts = [
    database.raw('select ?, ? as ??, ? as ??, ? as ??', [
      listed(
        database,
        columns.map((column, at) => database.raw('?? as ??', [column, `k${at}`])),
      ),
      ...[unlessSpeltTwice(database, dialect, rows, say), 'say', value, 'value', other, 'other'],
    ]),
    database.raw(`from ?? as ?? ${hint ?? ''}`, [tableOf(rows.table.place), aliasOf('h')]),
  ];
  if (of !== null) {
    const holder = source === null ? 'a' : 'b';
    const accounts = database
      .from(aliased('a', table.place))
      .select(Object.values(by.on).map(column => columnOf(holder, column)));
    joinHolder(accounts, source, 'a', 'b');
    of.narrow(accounts, 'a');
    parts.push(database.raw(`where (${columns.map(() => '??').join(', ')}) in ?`, [...columns, accounts]));
  }
  parts.push(database.raw(`group by ${columns.map(() => '??').join(', ')}`, columns));
  if (of?.locked === true) parts.push(database.raw(dialect.lockShared));
  return listed(database, parts, ' ');
}

/** Joins the dataset that holds the start, if it is another one. */
function joinHolder(query: Knex.QueryBuilder, source: Target['source'], ours: string, theirs: string): void {
  if (source === null) return;
  query.leftJoin(aliased(theirs, source.table.place), join => {
    for (const [own, its] of Object.entries(source.on))
      join.on(columnOf(theirs, its), '=', columnOf(ours, own));
  });
}

/** Whom a collation takes for one account may be two: of rows that are not spelt alike it is not certain whose they are. */
function unlessSpeltTwice(database: Knex, dialect: Dialect, { by, table }: Told, say: Raw): Raw {
  const texts = Object.keys(by.on).filter(column => table.columns.get(column)?.type !== 'integer');
  if (texts.length === 0) return say;
  const differ = texts.map(column => {
    const spelt = dialect.exactText(database, columnOf('h', column));
    return database.raw('min(?) <> max(?)', [spelt, spelt]);
  });
  return database.raw("case when ? then 'tied' else ? end", [listed(database, differ, ' or '), say]);
}

/** What the rows of one account say in all. */
function sums(
  database: Knex,
  dialect: Dialect,
  spec: StartSpec,
  by: StartRows,
  column: string,
): { readonly say: Raw; readonly value: Raw; readonly other: Raw } {
  if (spec.unit === 'text') throw new Error('times of unit text cannot be compared by the server');
  const phrases = dialect.times(spec.unit);
  const raw = (sql: string, ...bindings: Raw[]): Raw => database.raw(sql, bindings);
  const phrase = (sql: string): Raw => database.raw(sql, namesFor(sql, column));
  const any = (condition: Raw): Raw => raw('max(case when ? then 1 else 0 end) = 1', condition);
  const time = phrase(phrases.ordered);
  const written = spec.unit.startsWith('epoch') ? time : dialect.asText(database, column);
  const isUnknown = listed(
    database,
    [
      phrase('?? is null'),
      phrase(phrases.isZero),
      ...(spec.sentinels.length === 0
        ? []
        : [database.raw(`?? in (${spec.sentinels.map(() => '?').join(', ')})`, [column, ...spec.sentinels])]),
    ],
    ' or ',
  );
  const isEarly = database.raw('? < ?', [time, startBound(spec.plausibleFromMs, spec) ?? '']);
  const isOdd = raw('(? or ?)', phrase(phrases.isUnreadable), isEarly);
  if (by.status === null) {
    const isDoubt = raw('(not (?) and ?)', isUnknown, isOdd);
    const [open, doubt] = [any(isUnknown), any(isDoubt)];
    return {
      say: raw("case when ? then 'open' when ? then 'doubt' else 'closed' end", open, doubt),
      value: raw(
        'case when ? then null when ? then min(case when ? then ? end) else max(?) end',
        ...[open, doubt, isDoubt, written, time],
      ),
      other: raw('null'),
    };
  }
  const { column: status, closed } = by.status;
  const closes = database.raw(`? in (${closed.map(() => '?').join(', ')})`, [
    dialect.exactText(database, columnOf('h', status)),
    ...closed,
  ]);
  const isDoubt = raw('(? or ?)', isUnknown, isOdd);
  const doubt = any(isDoubt);
  const shut = raw('max(case when ? then ? end)', closes, time);
  const open = raw('max(case when ? then null else ? end)', closes, time);
  return {
    say: raw(
      "case when ? then 'doubt' when ? is null then 'open' when ? is null or ? > ? then 'closed' when ? = ? then 'tied' else 'open' end",
      ...[doubt, shut, open, shut, open, shut, open],
    ),
    value: raw(
      'case when ? then min(case when ? then ? end) else max(?) end',
      ...[doubt, isDoubt, written, time],
    ),
    other: raw('case when ? > ? then ? when ? > ? then ? end', shut, open, open, open, shut, shut),
  };
}

function listed(database: Knex, parts: readonly Raw[], between = ', '): Raw {
  return database.raw(parts.map(() => '?').join(between), [...parts]);
}

/** The column as often as a phrase names it. */
export function namesFor(sql: string, column: string): string[] {
  return Array.from({ length: sql.split('??').length - 1 }, () => column);
}
