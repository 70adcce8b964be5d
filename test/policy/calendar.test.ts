// Every day of forty years, in four zones and in the years when other zones did strange things to midnight: the end
// of each period is what an independent calendar says.
import { describe, expect, test } from 'vitest';
import { expiry } from '../../src/policy/expiry.ts';
import { calendarTable, NASTY_RANGES, PERIODS, SHORT_PERIODS, stated } from './temporal-calendar.ts';

const HOUR_MS = 3_600_000;

describe.each([['Europe/London'], ['Pacific/Auckland'], ['America/New_York'], ['Asia/Singapore']])(
  'forty years in %s',
  zone => {
    test('every period ends when Temporal says it does', () => {
      // The first instant, noon and the last millisecond take turns, so that each day is asked for all three.
      const { wrong, asked } = disagreements(zone, '1995-01-01', '2034-12-31', PERIODS, 1);
      expect(wrong).toEqual([]);
      expect(asked).toBe(14_610 * PERIODS.length);
    });
  },
);

describe.each(NASTY_RANGES)('%s from %s to %s', (zone, first, last) => {
  test('every period ends when Temporal says it does', () => {
    const { wrong, asked } = disagreements(zone, first, last, SHORT_PERIODS, 3);
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(365 * SHORT_PERIODS.length * 3);
  });
});

/** Where `expiry` and Temporal differ, asking `times` of three instants of each day for each period. */
function disagreements(
  zone: string,
  first: string,
  last: string,
  periods: readonly string[],
  times: 1 | 3,
): { wrong: string[]; asked: number } {
  const { days, starts, expiries } = calendarTable(zone, first, last, periods);
  const wrong: string[] = [];
  let asked = 0;
  periods.forEach((iso, turn) => {
    const period = stated(iso);
    const expected = expiries.get(iso) ?? [];
    days.forEach((day, index) => {
      const startMs = starts[index] ?? Number.NaN;
      const lastMs = (starts[index + 1] ?? Number.NaN) - 1;
      if (lastMs < startMs) return; // The day that Samoa and Kiribati left out.
      const noonMs = Math.min(startMs + 12 * HOUR_MS, lastMs);
      const instants = [startMs, noonMs, lastMs];
      for (let time = 0; time < times; time += 1) {
        const instant = instants[(index + turn + time) % 3] ?? Number.NaN;
        const read = expiry(instant, period, zone);
        asked += 1;
        if (read === expected[index]) continue;
        wrong.push(`${day.toString()} + ${iso}: ${new Date(read).toISOString()}`);
      }
    });
  });
  return { wrong: wrong.slice(0, 20), asked };
}
