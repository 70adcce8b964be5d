// Windows are local times: over midnight, on days when clocks change, and up to their last minute and not into the next.
import { describe, expect, test } from 'vitest';
import { formatWindow, mayWriteAt, readWindow, type Window } from '../../src/plan/window.ts';

const windowOf = (written: string): Window => {
  const read = readWindow(written);
  if ('mistake' in read) throw new Error(read.mistake);
  return read.window;
};

const may = (written: string[], instant: string, zone = 'Europe/London'): boolean =>
  mayWriteAt(written.map(windowOf), zone, Date.parse(instant));

describe('a window over midnight, in winter', () => {
  test.each([
    ['2026-11-22T21:59:59.999Z', false],
    ['2026-11-22T22:00:00.000Z', true],
    ['2026-11-23T00:00:00.000Z', true],
    ['2026-11-23T04:59:59.999Z', true],
    ['2026-11-23T05:00:00.000Z', false],
    ['2026-11-23T12:00:00.000Z', false],
  ])('%s: %s', (instant, expected) => {
    expect(may(['22:00-05:00'], instant)).toBe(expected);
  });
});

test('it moves with the clock of its zone', () => {
  expect(may(['22:00-05:00'], '2026-07-01T21:00:00Z')).toBe(true);
  expect(may(['22:00-05:00'], '2026-07-01T04:00:00Z')).toBe(false);
  expect(may(['22:00-05:00'], '2026-07-01T10:30:00Z', 'Pacific/Auckland')).toBe(true);
});

test('the hour that comes twice is in the window both times, and the one that never was is passed over', () => {
  for (const instant of ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'])
    expect(may(['01:00-02:00'], instant)).toBe(true);
  expect(may(['01:00-02:00'], '2026-10-25T02:00:00Z')).toBe(false);
  expect(may(['01:00-02:00'], '2026-03-29T01:00:00Z')).toBe(false);
});

test('any of several windows will do, and without one any time', () => {
  expect(may(['01:00-02:00', '12:00-13:00'], '2026-11-22T12:30:00Z')).toBe(true);
  expect(may(['01:00-02:00', '12:00-13:00'], '2026-11-22T11:30:00Z')).toBe(false);
  expect(may([], '2026-11-22T11:30:00Z')).toBe(true);
});

test('the end of the day is 24:00', () => {
  expect(may(['20:00-24:00'], '2026-11-22T23:59:59Z')).toBe(true);
  expect(may(['20:00-24:00'], '2026-11-22T00:00:00Z')).toBe(false);
  expect(may(['00:00-24:00'], '2026-11-22T12:00:00Z')).toBe(true);
});

test.each(['22:00-05:00', '00:00-24:00', '09:05-10:00'])('%s is written as it was read', written => {
  expect(formatWindow(windowOf(written))).toBe(written);
});

test.each([
  '22-05',
  '22:00',
  '24:00-05:00',
  '25:00-26:00',
  '22:60-23:00',
  '22:00-22:00',
  '22:00 - 05:00',
  '',
])('"%s" is a mistake', written => {
  expect(readWindow(written)).toHaveProperty('mistake');
});
