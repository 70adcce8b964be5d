// When a job comes by next: on the clock of its zone, through changes of that clock, and never when there is no such
// day.
import { describe, expect, test } from 'vitest';
import { badSchedule, nextRun } from '../src/schedule.ts';

const next = (expression: string, zone: string, after: string): string | null => {
  const at = nextRun(expression, zone, Date.parse(after));
  return at === null ? null : new Date(at).toISOString().replace('.000Z', 'Z');
};

describe('nextRun', () => {
  test.each([
    // expression, zone, after, next
    ['15 2 * * *', 'UTC', '2026-06-01T00:00:00Z', '2026-06-01T02:15:00Z'],
    ['15 2 * * *', 'UTC', '2026-06-01T02:14:59.999Z', '2026-06-01T02:15:00Z'],
    ['15 2 * * *', 'UTC', '2026-06-01T02:15:00Z', '2026-06-02T02:15:00Z'],
    ['*/10 * * * *', 'UTC', '2026-06-01T02:15:00Z', '2026-06-01T02:20:00Z'],
    ['0 22 31 12 *', 'UTC', '2026-12-31T22:00:00Z', '2027-12-31T22:00:00Z'],
    // Summer time begins in London on 29 March at 01:00: that day is an hour shorter.
    ['15 2 * * *', 'Europe/London', '2026-03-28T02:15:00Z', '2026-03-29T01:15:00Z'],
    ['15 2 * * *', 'Europe/London', '2026-03-29T01:15:00Z', '2026-03-30T01:15:00Z'],
    // 01:30 does not come on that day, and comes twice on 25 October.
    ['30 1 * * *', 'Europe/London', '2026-03-28T01:30:00Z', '2026-03-30T00:30:00Z'],
    ['30 1 * * *', 'Europe/London', '2026-10-24T12:00:00Z', '2026-10-25T01:30:00Z'],
    ['30 1 * * *', 'Europe/London', '2026-10-25T01:30:00Z', '2026-10-26T01:30:00Z'],
    ['15 2 * * *', 'Europe/London', '2026-10-25T00:00:00Z', '2026-10-25T02:15:00Z'],
    // In Auckland clocks go back on 5 April at 03:00 and forward on 27 September at 02:00.
    ['15 2 * * *', 'Pacific/Auckland', '2026-04-04T00:00:00Z', '2026-04-04T14:15:00Z'],
    ['0 4 * * *', 'Pacific/Auckland', '2026-04-04T00:00:00Z', '2026-04-04T16:00:00Z'],
    ['15 2 * * *', 'Pacific/Auckland', '2026-09-26T00:00:00Z', '2026-09-27T13:15:00Z'],
    ['0 4 * * *', 'Pacific/Auckland', '2026-09-26T00:00:00Z', '2026-09-26T15:00:00Z'],
    // 1 June 2026 is a Monday, and in Auckland that Monday begins on Sunday in UTC.
    ['0 3 * * 1', 'Pacific/Auckland', '2026-06-01T00:00:00Z', '2026-06-07T15:00:00Z'],
    ['0 3 * * 1-5', 'UTC', '2026-06-05T03:00:00Z', '2026-06-08T03:00:00Z'],
    ['0 3 * * sun', 'UTC', '2026-06-01T00:00:00Z', '2026-06-07T03:00:00Z'],
    ['0 3 * * 7', 'UTC', '2026-06-01T00:00:00Z', '2026-06-07T03:00:00Z'],
    ['0 3 1 * *', 'Europe/London', '2026-06-01T02:00:00Z', '2026-07-01T02:00:00Z'],
    ['0 3 31 * *', 'UTC', '2026-06-01T00:00:00Z', '2026-07-31T03:00:00Z'],
    ['0 3 29 2 *', 'UTC', '2026-06-01T00:00:00Z', '2028-02-29T03:00:00Z'],
    ['0 0 1 1,7 *', 'UTC', '2026-06-01T00:00:00Z', '2026-07-01T00:00:00Z'],
  ])('%s in %s, after %s, is %s', (expression, zone, after, expected) => {
    expect(next(expression, zone, after)).toBe(expected);
  });

  test('is null when no day of the next five years fits: 2100 is no leap year', () => {
    expect(next('0 0 29 2 *', 'Europe/London', '2096-03-01T00:00:00Z')).toBeNull();
  });

  test('comes once a day through a year, but for the day on which its time does not exist', () => {
    const runs: number[] = [];
    let at: number | null = Date.parse('2026-01-01T00:00:00Z');
    while (runs.length < 400) {
      at = nextRun('30 1 * * *', 'Europe/London', at);
      if (at === null || at >= Date.parse('2027-01-01T00:00:00Z')) break;
      runs.push(at);
    }
    expect(runs).toHaveLength(364);
    expect(runs.every((run, index) => index === 0 || run > (runs[index - 1] ?? 0))).toBe(true);
  });
});

describe('badSchedule', () => {
  test.each(['15 2 * * *', '*/10 0-6 1,15 * mon-fri', '0 0 1 jan *'])('takes "%s"', expression => {
    expect(badSchedule(expression)).toBeNull();
  });

  test.each([
    '',
    'daily',
    '@daily',
    '15 2 * *',
    '0 15 2 * * *',
    '60 2 * * *',
    '15 24 * * *',
    '15 2 0 * *',
    '15 2 32 * *',
    '15 2 * 13 *',
    '15 2 * * 8',
    // Days that no year has.
    '0 0 30 2 *',
    '0 0 31 4,6 *',
    'x 2 * * *',
    '15 2 * * funday',
  ])('refuses "%s", and quotes it', expression => {
    expect(badSchedule(expression)).toContain(`"${expression}"`);
  });
});
