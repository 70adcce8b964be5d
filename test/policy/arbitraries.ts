// Random instants, zones and periods for the property tests.
import fc from 'fast-check';
import { stated } from './temporal-calendar.ts';

/** From 1973 on, when every zone's days begin on a quarter of an hour; a third lie near the end of a month. */
export const anInstant: fc.Arbitrary<number> = fc.oneof(
  fc.integer({ min: Date.UTC(1973, 0, 1), max: Date.UTC(2060, 0, 1) }),
  fc.integer({ min: Date.UTC(1995, 0, 1), max: Date.UTC(2040, 0, 1) }),
  fc
    .record({
      month: fc.integer({ min: 0, max: 12 * 60 }),
      awayMs: fc.integer({ min: -4 * 86_400_000, max: 2 * 86_400_000 }),
    })
    .map(({ month, awayMs }) => Date.UTC(1980, month, 1) + awayMs),
);

/** Any zone there is, and the awkward ones more often. */
export const aZone: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
  fc.constantFrom(
    'UTC',
    'Europe/London',
    'Pacific/Auckland',
    'America/New_York',
    'Asia/Singapore',
    'America/St_Johns',
    'Pacific/Apia',
    'America/Sao_Paulo',
    'America/Havana',
    'Australia/Lord_Howe',
    'Antarctica/Casey',
  ),
);

const aCalendarPeriod = fc
  .record({
    years: fc.oneof(fc.constant(0), fc.nat(10)),
    months: fc.oneof(fc.constant(0), fc.nat(40)),
    weeks: fc.oneof(fc.constant(0), fc.nat(9)),
    days: fc.oneof(fc.constant(0), fc.nat(800)),
  })
  .filter(({ years, months, weeks, days }) => years + months + weeks + days > 0)
  .map(({ years, months, weeks, days }) => stated(`P${years}Y${months}M${weeks}W${days}D`));

const anExactPeriod = fc.integer({ min: 1, max: 90_000 }).map(minutes => stated(`PT${minutes}M`));

export const aPeriod = fc.oneof({ weight: 5, arbitrary: aCalendarPeriod }, anExactPeriod);
