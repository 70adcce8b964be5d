// Which rows are due, worked out without the product: the benchmark's policies are in UTC, and so are its data.

/** A policy's period and the same as a condition: rows recorded before `before` are due. */
export interface Cutoff {
  /** As a policy writes it, `P2Y`. */
  readonly period: string;
  /** `YYYY-MM-DD`: midnight at the start of this day. */
  readonly before: string;
}

/** The time that all runs of a benchmark agree on, however long it takes (up to 22 hours). */
export interface Calendar {
  /** The job's schedule; its next run is the same instant all through the benchmark. */
  readonly schedule: string;
  /** The day of the next run, `YYYY-MM-DD`: a ceiling is kept if a record goes before that day begins. */
  readonly day: string;
}

const DAY_MS = 86_400_000;

/** The next run is 23 hours away: far enough that it does not come while the benchmark runs. */
export function calendarAt(nowMs: number): Calendar {
  const next = new Date(nowMs + DAY_MS - 3_600_000);
  return { schedule: `${next.getUTCMinutes()} ${next.getUTCHours()} * * *`, day: isoDay(next.getTime()) };
}

/** Two years before the next run's day. On 29 February a date of two years ago does not exist: 1 March is right. */
export function twoYears(calendar: Calendar): Cutoff {
  const [year = 0, month = 0, day = 0] = calendar.day.split('-').map(Number);
  return { period: 'P2Y', before: isoDay(Date.UTC(year - 2, month - 1, day)) };
}

/** The period, in days, under which what was recorded before a day is due and nothing later. */
export function upTo(before: string, calendar: Calendar): Cutoff {
  const days = Math.round((Date.parse(calendar.day) - Date.parse(before)) / DAY_MS);
  return { period: `P${days}D`, before };
}

export function addDays(day: string, days: number): string {
  return isoDay(Date.parse(day) + days * DAY_MS);
}

function isoDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
