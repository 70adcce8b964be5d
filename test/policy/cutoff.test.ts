// Forty years again, the other way round: the cutoff for a horizon is the first instant of the first
// day whose period, counted by an independent calendar, is not over by then.
import { describe, expect, test } from 'vitest';
import { cutoff } from '../../src/policy/expiry.ts';
import { calendarTable, NASTY_RANGES, PERIODS, SHORT_PERIODS, stated } from './temporal-calendar.ts';

describe.each([['Europe/London'], ['Pacific/Auckland'], ['America/New_York'], ['Asia/Singapore']])(
  'forty years in %s',
  zone => {
    test('each cutoff is where Temporal says it is', () => {
      expect(disagreements(zone, '1995-01-01', '2034-12-31', PERIODS)).toEqual([]);
    });
  },
);

describe.each(NASTY_RANGES)('%s from %s to %s', (zone, first, last) => {
  test('each cutoff is where Temporal says it is', () => {
    expect(disagreements(zone, first, last, SHORT_PERIODS)).toEqual([]);
  });
});

/** One day in three is asked for one of the periods in turn, at the end of its own period or a millisecond before. */
function disagreements(zone: string, first: string, last: string, periods: readonly string[]): string[] {
  const { days, starts, expiries } = calendarTable(zone, first, last, periods);
  const wrong: string[] = [];
  periods.forEach((iso, turn) => {
    const period = stated(iso);
    const ends = expiries.get(iso) ?? [];
    const step = 3 * periods.length;
    for (let index = 3 * turn; index < days.length; index += step) {
      const horizonMs = (ends[index] ?? Number.NaN) - ((index / step) % 2 < 1 ? 0 : 1);
      // Clamped months make at most four days end together.
      const near = ends.slice(Math.max(0, index - 5), index + 6).findIndex(end => end > horizonMs);
      const firstKept = Math.max(0, index - 5) + near;
      if (near < 0 || firstKept === 0) continue; // The answer lies outside of the range.
      const read = cutoff(horizonMs, period, zone);
      if (read !== starts[firstKept])
        wrong.push(`${days[index]?.toString() ?? ''} + ${iso}: ${new Date(read).toISOString()}`);
    }
  });
  return wrong.slice(0, 20);
}
