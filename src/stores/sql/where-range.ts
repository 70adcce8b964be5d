// What a scan asks for, as conditions on a selection: starts that lie in a range, starts that are in doubt, and accounts whose
// clock has not started. It may let through more than `decide` will take, never less.
import type { Knex } from 'knex';
import type { ScanRange } from '../store.ts';
import type { Dialect } from './dialect.ts';
import { startColumn, statusColumn, type Target, whereKeys } from './query.ts';

/** Narrows a selection to a range. */
export function whereRange(
  query: Knex.QueryBuilder,
  dialect: Dialect,
  target: Target,
  range: ScanRange,
): void {
  const { dataset } = target;
  const { spec, start, status } = {
    spec: dataset.start,
    start: startColumn(target),
    status: statusColumn(target),
  };
  if (range.tags !== null && dataset.tagColumn !== null)
    query.whereIn(`t.${dataset.tagColumn}`, [...range.tags]);
  const { which } = range;
  const unreadable = dialect.unreadable(spec.unit);
  const client = query.client.raw.bind(query.client) as Knex['raw'];
  switch (which.kind) {
    case 'all':
      return;
    case 'started':
      query.where(start, '>=', dialect.widen(which.from ?? which.plausibleFrom, spec.unit, 'from'));
      query.where(start, '<', dialect.widen(which.before, spec.unit, 'before'));
      if (spec.sentinels.length > 0) query.whereNotIn(start, [...spec.sentinels]);
      if (unreadable !== null) query.whereNot(client(unreadable, names(unreadable, start)));
      if (status !== null) query.whereIn(status, [...(spec.closedStatuses ?? [])]);
      if (which.customer !== null && dataset.customerColumn !== null)
        query.where(`t.${dataset.customerColumn}`, which.customer);
      if (which.key !== null) whereKeys(query, target, [which.key]);
      return;
    case 'doubtful':
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
        if (unreadable !== null) any.orWhere(client(unreadable, names(unreadable, start)));
        if (target.source !== null) any.orWhereNull(`s.${Object.values(target.source.on)[0] ?? ''}`);
        if (status !== null) {
          any.orWhere(open => {
            open
              .whereNotNull(start)
              .where(not => not.whereNotIn(status, [...(spec.closedStatuses ?? [])]).orWhereNull(status));
          });
        }
      });
      return;
  }
}

function names(sql: string, column: string): string[] {
  return Array.from({ length: sql.split('??').length - 1 }, () => column);
}

/** Records whose account is open, by its status or for want of a closing date. */
export function whereNotStarted(query: Knex.QueryBuilder, target: Target): void {
  const { spec, status } = { spec: target.dataset.start, status: statusColumn(target) };
  if (status === null) query.whereNull(startColumn(target));
  else query.where(any => any.whereNotIn(status, [...(spec.closedStatuses ?? [])]).orWhereNull(status));
  if (target.source !== null) query.whereNotNull(`s.${Object.values(target.source.on)[0] ?? ''}`);
}
