// The hold register, for people and for programs.
import { isoInstant } from '../clock.ts';
import type { OrderCount } from '../plan/plan.ts';
import { isActive, WIDEST_OFFSET_MS } from '../policy/hold.ts';
import type { Hold } from '../policy/policy.ts';
import { csvLine, formatDay } from './numbers.ts';
import { orderLines } from './orders-report.ts';
import type { Format } from './plan-report.ts';
import { drawTable } from './tables.ts';

export interface HoldsReportInput {
  readonly holds: readonly Hold[];
  /** What holds and instructions speak of. */
  readonly counts: readonly OrderCount[];
  /** What could not be counted. */
  readonly uncounted: readonly string[];
  readonly nowMs: number;
}

export function holdsReport({ holds, counts, uncounted, nowMs }: HoldsReportInput, format: Format): string {
  const rows = holds.map(hold => [
    hold.id,
    hold.kind,
    stateOf(hold, nowMs),
    scopeOf(hold),
    hold.matter,
    `${formatDay(hold.placedAtMs)} ${hold.placedBy}`,
    hold.releasedAtMs === null
      ? ''
      : `${formatDay(hold.releasedAtMs)} ${hold.releasedBy ?? ''}: ${hold.releaseReason ?? ''}`,
  ]);
  const head = ['hold', 'kind', 'state', 'covers', 'matter', 'placed', 'released'];
  switch (format) {
    case 'text':
      return [
        rows.length === 0 ? 'There are no holds.' : drawTable(head, rows),
        ...orderLines(counts),
        ...uncounted.map(line => `  ${line}`),
        '',
      ].join('\n');
    case 'json':
      return `${JSON.stringify(
        holds.map(hold => ({
          ...hold,
          placedAt: isoInstant(hold.placedAtMs),
          state: stateOf(hold, nowMs),
          covers: counts.filter(one => one.kind === 'hold' && one.id === hold.id),
        })),
        null,
        2,
      )}\n`;
    case 'csv':
      return `${[csvLine(head), ...rows.map(row => csvLine(row))].join('\r\n')}\r\n`;
  }
}

function stateOf(hold: Hold, nowMs: number): string {
  if (hold.releasedAtMs === null) return 'in force';
  return isActive(hold, nowMs) ? 'cooling' : 'released';
}

function scopeOf({ scope }: Hold): string {
  const list = (name: string, values: readonly string[] | null): string[] =>
    values === null ? [] : [`${name} ${values.join(' ')}`];
  return [
    ...list('customer', scope.customers),
    ...list('number', scope.numbers),
    ...list('class', scope.classes),
    ...(scope.fromMs === null ? [] : [`from ${formatDay(scope.fromMs + WIDEST_OFFSET_MS)}`]),
    ...(scope.untilMs === null ? [] : [`until ${formatDay(scope.untilMs - WIDEST_OFFSET_MS - 1)}`]),
    ...list('record', scope.records?.map(one => `${one.store}/${one.dataset}/${one.key.join('|')}`) ?? null),
  ].join(', ');
}
