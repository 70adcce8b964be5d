// How many records holds and instructions speak of, for people: those that speak of none, or can do nothing, first.
import pc from 'picocolors';
import type { OrderCount } from '../plan/plan.ts';
import { formatCount } from './numbers.ts';

/** A line an order; what none of its datasets has is a warning. */
export function orderLines(counts: readonly OrderCount[]): string[] {
  const byOrder = new Map<string, OrderCount[]>();
  for (const one of counts) {
    const name = `${one.kind} ${one.id}`;
    byOrder.set(name, [...(byOrder.get(name) ?? []), one]);
  }
  const lines = [...byOrder].map(([name, all]) => ({ warns: isIdle(all), line: lineOf(name, all) }));
  return [...lines.filter(({ warns }) => warns), ...lines.filter(({ warns }) => !warns)].map(
    ({ line }) => line,
  );
}

/** Whether somebody should look at it: it can do nothing, or was found to speak of nothing. */
function isIdle(all: readonly OrderCount[]): boolean {
  return all.some(({ idle }) => idle !== null) || all.every(({ records }) => records === 0);
}

function lineOf(name: string, all: readonly OrderCount[]): string {
  const warning = pc.yellow('warning');
  const idle = all.find(one => one.idle !== null)?.idle;
  if (idle != null) return `  ${warning}  ${name} can do nothing: ${idle}`;
  const places = all.map(one => `${amountOf(one)} ${one.store}/${one.dataset}`).join(', ');
  if (all.every(({ records }) => records === 0))
    return `  ${warning}  ${name} speaks of no record: ${places}. Is it written as the records have it?`;
  return `  ${name} speaks of ${places}`;
}

function amountOf({ records, isAtLeast }: OrderCount): string {
  if (records === null) return 'an uncounted number of';
  return `${isAtLeast ? 'at least ' : ''}${formatCount(records)} of`;
}
