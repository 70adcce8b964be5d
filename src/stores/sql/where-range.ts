// What a scan asks for, as conditions on a selection: starts that lie in a range, starts that are in doubt, and accounts whose
// clock has not started. It may let through more than `decide` will take, never less.
import type { Knex } from 'knex';
import type { ScanRange } from '../scan-range.ts';
import type { Dialect } from './dialect.ts';
import { columnOf } from './names.ts';
import { startColumn, statusColumn, type Target, whereKeys } from './query.ts';
import { namesFor, type RowsOf } from './start-rows.ts';

type Which<Kind> = Extract<ScanRange['which'], { readonly kind: Kind }>;

/** Narrows a selection to a range. */
export function whereRange(
  query: Knex.QueryBuilder,
  dialect: Dialect,
  target: Target,
  range: ScanRange,
): void {
  const { dataset } = target;
  const { which } = range;
  if (range.tags !== null && dataset.tagColumn !== null)
    query.whereIn(columnOf('t', dataset.tagColumn), [...range.tags]);
  switch (which.kind) {
    case 'all':
      return;
    case 'started':
      whereStarted(query, dialect, target, which);
      return;
    case 'doubtful':
      if (target.rows === null) whereDoubtful(query, dialect, target, which);
      else whereRowsDoubtful(query, dialect, target, which);
      return;
  }
}

function whereStarted(
  query: Knex.QueryBuilder,
  dialect: Dialect,
  target: Target,
  which: Which<'started'>,
): void {
  const { spec, start, status } = whereItStands(target);
  query.where(start, '>=', dialect.widen(which.from ?? which.plausibleFrom, spec.unit, 'from'));
  query.where(start, '<', dialect.widen(which.before, spec.unit, 'before'));
  if (target.rows === null) {
    const unreadable = dialect.unreadable(spec.unit);
    if (spec.sentinels.length > 0) query.whereNotIn(start, [...spec.sentinels]);
    if (unreadable !== null) query.whereNot(rawOf(query)(unreadable, namesFor(unreadable, start)));
  } else query.where(columnOf('d', 'say'), 'closed');
  if (status !== null) query.whereIn(status, [...(spec.closedStatuses ?? [])]);
  narrowTo(query, target, which, 't');
}

function narrowTo(
  query: Knex.QueryBuilder,
  target: Target,
  { customer, key }: Which<'started'>,
  alias: string,
): void {
  const { customerColumn } = target.dataset;
  if (customer !== null && customerColumn !== null) query.where(columnOf(alias, customerColumn), customer);
  if (key !== null) whereKeys(query, target, [key], alias);
}

/** The records of a range that is of one customer or one key; null for any other. */
export function narrowRange(target: Target, { which }: ScanRange): RowsOf | null {
  if (which.kind !== 'started' || (which.customer === null && which.key === null)) return null;
  return {
    narrow: (query, alias) => {
      narrowTo(query, target, which, alias);
    },
    locked: false,
  };
}

function whereDoubtful(
  query: Knex.QueryBuilder,
  dialect: Dialect,
  target: Target,
  which: Which<'doubtful'>,
): void {
  const { spec, start, status } = whereItStands(target);
  const unreadable = dialect.unreadable(spec.unit);
  query.where(any => {
    // An open account has no date, and that is no doubt.
    if (spec.event !== 'account-closed' || status !== null) {
      any.orWhere(one => {
        one.whereNull(start);
        if (status !== null) one.whereIn(status, [...(spec.closedStatuses ?? [])]);
      });
    }
    any
      .orWhere(start, '<', which.plausibleFrom)
      .orWhere(start, '>=', dialect.widen(which.future, spec.unit, 'from'));
    if (spec.sentinels.length > 0) any.orWhereIn(start, [...spec.sentinels]);
    if (unreadable !== null) any.orWhere(rawOf(query)(unreadable, namesFor(unreadable, start)));
    orSourceMissing(any, target);
    if (status !== null) {
      any.orWhere(open => {
        open
          .whereNotNull(start)
          .where(not => not.whereNotIn(status, [...(spec.closedStatuses ?? [])]).orWhereNull(status));
      });
    }
  });
}

/** Where rows tell the start: rows in doubt, changes that may have come in another order, and a status that disagrees. */
function whereRowsDoubtful(
  query: Knex.QueryBuilder,
  dialect: Dialect,
  target: Target,
  which: Which<'doubtful'>,
): void {
  const { spec, start, status } = whereItStands(target);
  query.where(any => {
    any
      .whereIn(columnOf('d', 'say'), ['tied', 'doubt'])
      .orWhere(start, '>=', dialect.widen(which.future, spec.unit, 'from'));
    if (spec.unit === 'datetime')
      any.orWhere(rawOf(query)(dialect.times(spec.unit).areNear, [start, columnOf('d', 'other')]));
    orSourceMissing(any, target);
    if (status !== null) {
      const closed = exactlyClosed(query, dialect, target, status);
      const say = columnOf('d', 'say');
      any.orWhere(one => one.where(closed).where(not => not.whereNull(say).orWhere(say, 'open')));
      any.orWhere(one => one.whereNot(closed).where(say, 'closed'));
    }
  });
}

function orSourceMissing(any: Knex.QueryBuilder, { source }: Target): void {
  if (source !== null) any.orWhereNull(columnOf('s', Object.values(source.on)[0] ?? ''));
}

/** Records whose account is open, by its status or for want of a closing date. */
export function whereNotStarted(query: Knex.QueryBuilder, dialect: Dialect, target: Target): void {
  const { spec, start, status } = whereItStands(target);
  if (target.rows !== null) {
    const says = status === null ? ['open'] : ['open', 'closed'];
    query.where(any => any.whereNull(columnOf('d', 'say')).orWhereIn(columnOf('d', 'say'), says));
    if (status !== null) query.whereNot(exactlyClosed(query, dialect, target, status));
  } else if (status === null) query.whereNull(start);
  else query.where(any => any.whereNotIn(status, [...(spec.closedStatuses ?? [])]).orWhereNull(status));
  if (target.source !== null) query.whereNotNull(columnOf('s', Object.values(target.source.on)[0] ?? ''));
}

/** The status closes the account, spelt as it is declared; false where there is none. */
function exactlyClosed(query: Knex.QueryBuilder, dialect: Dialect, target: Target, status: string): Knex.Raw {
  const raw = rawOf(query);
  const closed = target.dataset.start.closedStatuses ?? [];
  return raw(`(?? is not null and ? in (${closed.map(() => '?').join(', ')}))`, [
    status,
    dialect.exactText({ raw }, status),
    ...closed,
  ]);
}

function whereItStands(target: Target) {
  return { spec: target.dataset.start, start: startColumn(target), status: statusColumn(target) };
}

function rawOf(query: Knex.QueryBuilder): Knex['raw'] {
  return query.client.raw.bind(query.client) as Knex['raw'];
}
