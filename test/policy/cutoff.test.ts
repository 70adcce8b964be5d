// Every day of forty years again, the other way round: the cutoff for a horizon is the first instant of the first
// day whose period, counted by an independent calendar, is not over by then.
import { describe, expect, test } from 'vitest';
import { cutoff } from '../../src/policy/expiry.ts';
import { calendarTable, NASTY_RANGES, PERIODS, stated } from './temporal-calendar.ts';

describe.each([
  ['Europe/London'],
  ['Pacific/Auckland'],
  ['America/New_York'],
  ['Asia/Singapore'],
])('forty years in %s', zone => {
  test('each cutoff is where Temporal says it is', () => {
    expect(disagreements(zone, '1995-01-01', '2034-12-31', 6)).toEqual([]);
  });
});

describe.each(NASTY_RANGES)('%s from %s to %s', (zone, first, last) => {
  test('each cutoff is where Temporal says it is', () => {
    expect(disagreements(zone, first, last, 2)).toEqual([]);
  });
});

/** One day in `every` is asked for each period, and each day for at least one; at its expiry and a ms before. */
function disagreements(zone: string, first: string, last: string, every: number): string[] {
  const { days, starts, expiries } = calendarTable(zone, first, last, PERIODS);
  const wrong: string[] = [];
  PERIODS.forEach((iso, turn) => {
    const period = stated(iso);
    const ends = expiries.get(iso) ?? [];
    const ask = (index: number, horizonMs: number): void => {
      const firstKept = ends.findIndex((end, at) => at >= index - 5 && end > horizonMs);
      // Beside the edges of the range the answer may lie outside of it.
      if (firstKept < 1 || (ends[firstKept - 1] ?? Number.NaN) > horizonMs) return;
      const read = cutoff(horizonMs, period, zone);
      if (read !== starts[firstKept])
        wrong.push(`${days[index]?.toString() ?? ''} + ${iso}: ${new Date(read).toISOString()}`);
    };
    for (let index = turn % every; index < days.length; index += every) {
      const end = ends[index] ?? Number.NaN;
      ask(index, (index + turn) % 2 === 0 ? end : end - 1);
    }
  });
  return wrong.slice(0, 20);
}
