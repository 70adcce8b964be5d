// The laws of `expiry` and `cutoff`, for random periods, zones and instants, and the examples that lawyers ask for.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutoff, expiry } from '../../src/policy/expiry.ts';
import { anInstant, aPeriod, aZone } from './arbitraries.ts';
import { stated } from './temporal-calendar.ts';

const HOUR_MS = 3_600_000;

describe('cutoff is the exact inverse of expiry', () => {
  const nudge = fc.constantFrom(-1, 0, 1);

  test('for random starts and horizons', () => {
    fc.assert(
      fc.property(anInstant, anInstant, aPeriod, aZone, (startMs, horizonMs, period, zone) => {
        expect(startMs < cutoff(horizonMs, period, zone)).toBe(expiry(startMs, period, zone) <= horizonMs);
      }),
      { numRuns: 1500 },
    );
  });

  test('for starts around the cutoff, and horizons around an expiry', () => {
    fc.assert(
      fc.property(anInstant, aPeriod, aZone, nudge, nudge, (seedMs, period, zone, byHorizon, byStart) => {
        const horizonMs = expiry(seedMs, period, zone) + byHorizon;
        const bound = cutoff(horizonMs, period, zone);
        for (const startMs of [seedMs, bound + byStart, bound - 1, bound]) {
          expect(startMs < bound).toBe(expiry(startMs, period, zone) <= horizonMs);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('expiry', () => {
  test('never decreases', () => {
    fc.assert(
      fc.property(anInstant, fc.nat(4 * 24 * HOUR_MS), aPeriod, aZone, (startMs, laterMs, period, zone) => {
        expect(expiry(startMs + laterMs, period, zone)).toBeGreaterThanOrEqual(expiry(startMs, period, zone));
      }),
      { numRuns: 3000 },
    );
  });

  test('never decreases through an evening that comes twice', () => {
    // In St John's the clocks went back at 00:01, so that one minute of Sunday was followed by an hour of Saturday.
    const foldMs = Date.UTC(2009, 10, 1, 2, 31);
    const seen = Array.from({ length: 240 }, (_, minute) =>
      expiry(foldMs - 2 * HOUR_MS + minute * 60_000, stated('P30D'), 'America/St_Johns'),
    );
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(new Set(seen).size).toBe(2);
  });

  test('is later than the start, by at least the period less a change of clocks', () => {
    fc.assert(
      fc.property(anInstant, fc.integer({ min: 1, max: 4000 }), aZone, (startMs, days, zone) => {
        const keptMs = expiry(startMs, stated(`P${days}D`), zone) - startMs;
        expect(keptMs).toBeGreaterThan((days * 24 - 26) * HOUR_MS);
        expect(keptMs).toBeLessThanOrEqual(((days + 1) * 24 + 26) * HOUR_MS);
      }),
    );
  });

  test('of exact hours is that many hours, in any zone', () => {
    fc.assert(
      fc.property(anInstant, fc.integer({ min: 1, max: 90_000 }), aZone, (startMs, hours, zone) => {
        const period = stated(`PT${hours}H`);
        expect(expiry(startMs, period, zone)).toBe(startMs + hours * HOUR_MS);
        expect(cutoff(startMs, period, zone)).toBe(startMs - hours * HOUR_MS + 1);
      }),
    );
  });
});

test.each([
  // start, period, zone, expiry
  ['2024-02-29T12:00:00Z', 'P24M', 'Europe/London', '2026-03-01T00:00:00Z'],
  ['2024-02-29T12:00:00Z', 'P4Y', 'Europe/London', '2028-03-01T00:00:00Z'],
  ['2024-02-28T12:00:00Z', 'P24M', 'Europe/London', '2026-03-01T00:00:00Z'],
  ['2025-01-31T00:00:00Z', 'P1M', 'Europe/London', '2025-03-01T00:00:00Z'],
  // In April London is an hour ahead: 23:30 UTC is already the next day there.
  ['2025-04-30T23:30:00Z', 'P30D', 'Europe/London', '2025-05-31T23:00:00Z'],
  ['2025-04-30T22:30:00Z', 'P30D', 'Europe/London', '2025-05-30T23:00:00Z'],
  // A year of 366 days: two years are not 730 days, and 24 months are not 720.
  ['2023-06-15T10:00:00Z', 'P2Y', 'UTC', '2025-06-16T00:00:00Z'],
  ['2023-06-15T10:00:00Z', 'P730D', 'UTC', '2025-06-15T00:00:00Z'],
  ['2023-06-15T10:00:00Z', 'P720D', 'UTC', '2025-06-05T00:00:00Z'],
  // In Sao Paulo 4 November 2018 began at 01:00; in Samoa 30 December 2011 was left out.
  ['2018-10-04T12:00:00Z', 'P30D', 'America/Sao_Paulo', '2018-11-04T03:00:00Z'],
  ['2011-11-29T20:00:00Z', 'P1M', 'Pacific/Apia', '2011-12-30T10:00:00Z'],
  ['2025-12-01T10:00:00Z', 'PT24H', 'Europe/London', '2025-12-02T10:00:00Z'],
])('%s plus %s in %s is over at %s', (start, iso, zone, end) => {
  expect(new Date(expiry(Date.parse(start), stated(iso), zone)).toISOString()).toBe(
    new Date(end).toISOString(),
  );
});
