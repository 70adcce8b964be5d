// Retention periods: ISO 8601 durations with whole, positive numbers, or one of two words. There are no sentinel
// numbers: `P0D`, `-1` and an empty text are mistakes, not ways to say "none" or "for ever".
import type { Period, YearEnd } from './policy.ts';

const pattern = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

const HOUR_MS = 3_600_000;

/** Reads `P30D`, `P24M`, `P7Y`, `PT24H`, `unstated` or `forever`; anything else comes back as what is wrong with it. */
export function parsePeriod(text: string): { readonly period: Period } | { readonly mistake: string } {
  if (text === 'unstated') return { period: { kind: 'unstated' } };
  if (text === 'forever') return { period: { kind: 'forever' } };
  const parts = pattern.exec(text);
  if (parts === null || text === 'P' || text.endsWith('T')) {
    return { mistake: `"${text}" is not a retention period` };
  }
  const [years, months, weeks, days, hours, minutes, seconds] = parts
    .slice(1)
    .map(part => Number(part ?? 0)) as [number, number, number, number, number, number, number];
  const dated = years + months + weeks + days;
  const exactMs = hours * HOUR_MS + minutes * 60_000 + seconds * 1000;
  if (dated === 0 && exactMs === 0) return { mistake: `"${text}" is no time at all` };
  if (
    years > 1000 ||
    months > 12_000 ||
    weeks > 52_000 ||
    days > 365_000 ||
    exactMs > 365_000 * 24 * HOUR_MS
  ) {
    return { mistake: `"${text}" is longer than a thousand years` };
  }
  if (dated > 0 && exactMs > 0) return { mistake: `"${text}" mixes calendar days with exact hours` };
  if (exactMs > 0) return { period: { kind: 'exact', iso: text, ms: exactMs } };
  return { period: { kind: 'calendar', iso: text, years, months, weeks, days } };
}

/** What to write instead, for error messages. */
export const PERIOD_HINT =
  'Write P30D, P24M or P7Y (whole local days), PT24H (exact hours), or one of the words: unstated, forever';

/** The period as it is written in a policy file. */
export function formatPeriod(period: Period): string {
  return period.kind === 'calendar' || period.kind === 'exact' ? period.iso : period.kind;
}

/** `03-31` as the day with which a year ends, or null when no year has such a day. */
export function readYearEnd(text: string): YearEnd | null {
  const parts = /^(\d{2})-(\d{2})$/.exec(text);
  if (parts === null) return null;
  const [month, day] = [Number(parts[1]), Number(parts[2])];
  const isDay =
    month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(2024, month, 0)).getUTCDate();
  return isDay ? { month, day } : null;
}
