// Forty years of days in places with several zones: a floor ends when the day is over in the last of them, a ceiling when it
// is in the first, as an independent calendar says. `npm run prove:calendar` asks for each day; else some of them are.
import { Temporal } from '@js-temporal/polyfill';
import { describe, expect, test } from 'vitest';
import { type Count, countedCutoff, countedExpiry } from '../../src/policy/count.ts';
import { placeOf } from '../../src/policy/place-zones.ts';
import type { YearEnd } from '../../src/policy/policy.ts';
import { stated } from './temporal-calendar.ts';

/** Written out here, so that nothing is asked of what the product asks. */
const ZONES: Readonly<Record<string, readonly string[]>> = {
  US: [
    ...['Pacific/Honolulu', 'America/Adak', 'America/Anchorage', 'America/Los_Angeles', 'America/Phoenix'],
    ...['America/Denver', 'America/Boise', 'America/Chicago', 'America/New_York', 'America/Detroit'],
    ...['America/Indianapolis', 'America/Indiana/Knox', 'America/Indiana/Petersburg', 'America/Metlakatla'],
    // Towns that changed sides: a period may begin on the one and end on the other.
    ...['America/Kentucky/Monticello', 'America/Indiana/Tell_City', 'America/Indiana/Vincennes'],
    ...['America/Indiana/Winamac', 'America/North_Dakota/Center', 'America/North_Dakota/New_Salem'],
    'America/North_Dakota/Beulah',
  ],
  'US-FL': ['America/New_York', 'America/Chicago'],
  AU: [
    ...['Australia/Perth', 'Australia/Eucla', 'Australia/Darwin', 'Australia/Adelaide', 'Australia/Brisbane'],
    ...['Australia/Sydney', 'Australia/Hobart', 'Australia/Lord_Howe', 'Antarctica/Macquarie'],
  ],
  NZ: ['Pacific/Auckland', 'Pacific/Chatham'],
};

const RULES: readonly { readonly period: string; readonly yearEnd: YearEnd | null }[] = [
  { period: 'P2Y', yearEnd: null },
  { period: 'P7Y', yearEnd: { month: 3, day: 31 } },
  { period: 'P18M', yearEnd: null },
  { period: 'P30D', yearEnd: null },
  { period: 'P3Y', yearEnd: { month: 2, day: 29 } },
];

const HOUR_MS = 3_600_000;
const FIRST_MS = Date.UTC(1995, 0, 1);
const DAYS = 14_610;
/** A step that shares no factor with the turns of hours and rules below. */
const STEP = process.env.RETENTION_PROVE_CALENDAR === undefined ? 41 : 1;
const SEED = Number(process.env.RETENTION_CALENDAR_SEED ?? new Date().getUTCDate());

describe.each(Object.keys(ZONES))('forty years in %s', code => {
  test.each(['latest', 'earliest'] as const)('end with the %s of its zones, and cutoffs with them', ends => {
    const wrong: string[] = [];
    let asked = 0;
    const previous = new Map<number, number>();
    for (let day = SEED % STEP; day < DAYS; day += STEP) {
      const turn = day / STEP;
      const which = Math.floor(turn) % RULES.length;
      const rule = RULES[which] as (typeof RULES)[number];
      const startMs = FIRST_MS + day * 24 * HOUR_MS + (((day * 7) % 24) + 0.5) * HOUR_MS + (day % 3) - 1;
      const count: Count = { ...rule, period: stated(rule.period), place: placeOf(code, 'UTC'), ends };
      const said = countedExpiry(startMs, count);
      const all = (ZONES[code] ?? []).map(zone => temporalExpiry(startMs, zone, rule));
      const expected = ends === 'latest' ? Math.max(...all) : Math.min(...all);
      asked += 1;
      const from = new Date(startMs).toISOString();
      if (said !== expected) wrong.push(`${from} ${rule.period}: ${said} instead of ${expected}`);
      if (said < (previous.get(which) ?? 0))
        wrong.push(`${from} ${rule.period}: ends before an earlier start`);
      previous.set(which, said);
      const boundMs = countedCutoff(expected, count);
      if (startMs >= boundMs) wrong.push(`${from} ${rule.period}: not before the cutoff of its end`);
      if (startMs < countedCutoff(expected - 1, count)) wrong.push(`${from} ${rule.period}: cut off early`);
      if (countedExpiry(boundMs - 1, count) > expected || countedExpiry(boundMs, count) <= expected)
        wrong.push(`${from} ${rule.period}: the cutoff is not where it turns`);
    }
    expect(wrong.slice(0, 20)).toEqual([]);
    expect(asked).toBeGreaterThanOrEqual(Math.floor(DAYS / STEP));
  });
});

function temporalExpiry(startMs: number, zone: string, { period, yearEnd }: (typeof RULES)[number]): number {
  let day = Temporal.Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO(zone).toPlainDate();
  if (yearEnd !== null) {
    const endIn = (year: number): Temporal.PlainDate =>
      Temporal.PlainDate.from({ year, ...yearEnd }, { overflow: 'constrain' });
    const own = endIn(day.year);
    day = Temporal.PlainDate.compare(own, day) >= 0 ? own : endIn(day.year + 1);
  }
  const after = day.add(Temporal.Duration.from(period), { overflow: 'constrain' }).add({ days: 1 });
  return after.toZonedDateTime(zone).epochMilliseconds;
}
