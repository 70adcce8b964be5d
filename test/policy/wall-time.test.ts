// Wall times without a zone: what a text means on the clock of a zone, where clocks change, against Temporal; and the
// laws that let a query compare wall times instead of instants.
import { Temporal } from '@js-temporal/polyfill';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  firstInstantOfWall,
  formatWall,
  instantOfWall,
  parseUtcDay,
  parseWall,
  wallBound,
  wallOfInstant,
} from '../../src/policy/wall-time.ts';
import { anInstant, aZone } from './arbitraries.ts';

const HOUR_MS = 3_600_000;

/** What Temporal says: the later of two, and of a wall time that never was the moment at which the clocks jumped. */
function temporalInstant(wallMs: number, zone: string): number {
  const wall = Temporal.PlainDateTime.from(new Date(wallMs).toISOString().slice(0, 23));
  const after = wall.toZonedDateTime(zone, { disambiguation: 'later' });
  if (after.toPlainDateTime().equals(wall)) return after.epochMilliseconds;
  const before = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
  return jumpBetween(before, after);
}

/** Not `getTimeZoneTransition`: the polyfill steps over summer times of a week, as Boa Vista had in October 2000. */
function jumpBetween(before: Temporal.ZonedDateTime, after: Temporal.ZonedDateTime): number {
  const at = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(after.timeZoneId);
  let [low, high] = [before.epochMilliseconds, after.epochMilliseconds];
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2);
    if (at(middle).offsetNanoseconds === after.offsetNanoseconds) high = middle;
    else low = middle;
  }
  return high;
}

describe('instantOfWall', () => {
  test('is what Temporal says, at random', () => {
    fc.assert(
      fc.property(anInstant, aZone, (wallMs, zone) => {
        expect(instantOfWall(wallMs, zone)).toBe(temporalInstant(wallMs, zone));
      }),
      { numRuns: 2000 },
    );
  });

  test('is what Temporal says around changes of the clocks', () => {
    fc.assert(
      fc.property(
        anInstant,
        aZone,
        fc.integer({ min: -5 * HOUR_MS, max: 5 * HOUR_MS }),
        (from, zone, away) => {
          const changeMs = Temporal.Instant.fromEpochMilliseconds(from)
            .toZonedDateTimeISO(zone)
            .getTimeZoneTransition('next')?.epochMilliseconds;
          fc.pre(changeMs !== undefined);
          const wallMs = wallOfInstant(changeMs, zone) + away;
          expect(instantOfWall(wallMs, zone)).toBe(temporalInstant(wallMs, zone));
        },
      ),
      { numRuns: 1500 },
    );
  });

  test('never decreases', () => {
    fc.assert(
      fc.property(anInstant, fc.nat(50 * HOUR_MS), aZone, (wallMs, more, zone) => {
        expect(instantOfWall(wallMs + more, zone)).toBeGreaterThanOrEqual(instantOfWall(wallMs, zone));
      }),
      { numRuns: 2000 },
    );
  });

  test('is the reverse of wallOfInstant, or an hour or so later where a wall time comes twice', () => {
    fc.assert(
      fc.property(anInstant, aZone, (instantMs, zone) => {
        const read = instantOfWall(wallOfInstant(instantMs, zone), zone);
        expect(read).toBeGreaterThanOrEqual(instantMs);
        expect(wallOfInstant(read, zone)).toBe(wallOfInstant(instantMs, zone));
      }),
    );
  });

  test.each([
    ['2026-10-25 01:30:00', 'Europe/London', '2026-10-25T01:30:00Z', 'comes twice: the later'],
    ['2026-03-29 01:30:00', 'Europe/London', '2026-03-29T01:00:00Z', 'never was: the jump'],
    ['2026-04-05 02:30:00', 'Pacific/Auckland', '2026-04-04T14:30:00Z', 'comes twice: the later'],
    ['2011-12-30 12:00:00', 'Pacific/Apia', '2011-12-30T10:00:00Z', 'a day that never was'],
    ['2009-11-01 00:00:30', 'America/St_Johns', '2009-11-01T03:30:30Z', 'comes twice, by a minute'],
    ['2000-10-08 00:30:00', 'America/Boa_Vista', '2000-10-08T04:00:00Z', 'never was, in a summer of a week'],
    ['2026-07-01 12:00:00', 'Australia/Lord_Howe', '2026-07-01T01:30:00Z', 'half an hour'],
  ])('%s in %s is %s: %s', (text, zone, instant) => {
    expect(instantOfWall(parseWall(text) ?? Number.NaN, zone)).toBe(Date.parse(instant));
  });
});

test('wallBound is the first wall time that reads as not before the instant', () => {
  fc.assert(
    fc.property(anInstant, aZone, (instantMs, zone) => {
      const bound = wallBound(instantMs, zone);
      expect(instantOfWall(bound, zone)).toBeGreaterThanOrEqual(instantMs);
      expect(instantOfWall(bound - 1, zone)).toBeLessThan(instantMs);
    }),
    { numRuns: 500 },
  );
});

test('firstInstantOfWall of a midnight is the start of day that Temporal gives', () => {
  fc.assert(
    fc.property(anInstant, aZone, (instantMs, zone) => {
      const day = new Date(instantMs).toISOString().slice(0, 10);
      const start = Temporal.PlainDate.from(day).toZonedDateTime(zone).epochMilliseconds;
      expect(firstInstantOfWall(Date.parse(`${day}T00:00:00Z`), zone)).toBe(start);
    }),
    { numRuns: 1500 },
  );
});

describe('parseWall', () => {
  test.each([
    ['2026-11-22', '2026-11-22T00:00:00.000Z'],
    ['2026-11-22 02:15', '2026-11-22T02:15:00.000Z'],
    ['2026-11-22 02:15:07', '2026-11-22T02:15:07.000Z'],
    ['2026-11-22T02:15:07.5', '2026-11-22T02:15:07.500Z'],
    ['2026-11-22 02:15:07.123999', '2026-11-22T02:15:07.123Z'],
    ['2024-02-29 23:59:59.999', '2024-02-29T23:59:59.999Z'],
  ])('%s', (text, iso) => {
    const wallMs = parseWall(text);
    expect(wallMs).toBe(Date.parse(iso));
  });

  test.each([
    '2024-02-30',
    '2023-02-29',
    '2024-13-01',
    '2024-00-10',
    '2024-01-00',
    '0000-00-00',
    '2024-01-01 24:00:00',
    '2024-01-01 12:60:00',
    '2024-01-01 12:00:60',
    '2024-1-1',
    '01/02/2024',
    '2024-01-01 12:00:00Z',
    '2024-01-01 12:00:00+01:00',
    ' 2024-01-01',
    '',
    // Not 1999: JavaScript reads years below 100 as years of the last century.
    '0099-05-01',
  ])('refuses "%s"', text => {
    expect(parseWall(text)).toBeNull();
  });

  test('reads what formatWall writes', () => {
    fc.assert(
      fc.property(anInstant, wallMs => {
        expect(parseWall(formatWall(wallMs))).toBe(wallMs);
      }),
    );
  });

  test('keeps every millisecond', () => {
    const day = Date.UTC(2026, 0, 1);
    const read = Array.from({ length: 1000 }, (_, ms) =>
      parseWall(`2026-01-01 00:00:00.${String(ms).padStart(3, '0')}`),
    );
    expect(read).toEqual(Array.from({ length: 1000 }, (_, ms) => day + ms));
  });
});

test('parseUtcDay takes days alone', () => {
  expect(parseUtcDay('2026-11-22')).toBe(Date.UTC(2026, 10, 22));
  expect(parseUtcDay('2026-11-31')).toBeNull();
  expect(parseUtcDay('2026-11-22 10:00')).toBeNull();
});
