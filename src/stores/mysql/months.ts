// Months of starts, in UTC or in the wall time that a column is written in: for a picture of what is due, and no decision.
import type { Literal, StartUnit } from '../../policy/start.ts';

const PER_SECOND: Readonly<Partial<Record<StartUnit, number>>> = {
  'epoch-s': 1,
  'epoch-ms': 1000,
  'epoch-us': 1_000_000,
};

/** The month of a start as the store writes it, `2024-11`. */
export function monthOf(start: string, unit: StartUnit): string {
  const perSecond = PER_SECOND[unit];
  if (perSecond === undefined) return start.slice(0, 7);
  return new Date((Number(start) / perSecond) * 1000).toISOString().slice(0, 7);
}

/** The months that begin after one start and not after another, each with its first instant as the store writes it. */
function monthStarts(
  oldest: string,
  newest: string,
  unit: StartUnit,
): { readonly month: string; readonly bound: Literal }[] {
  const [first, last] = [monthOf(oldest, unit), monthOf(newest, unit)];
  const starts: { month: string; bound: Literal }[] = [];
  const [year = 0, number = 1] = first.split('-').map(Number);
  for (let at = number; ; at += 1) {
    const ms = Date.UTC(year, at, 1);
    const day = new Date(ms).toISOString().slice(0, 10);
    const month = day.slice(0, 7);
    if (month > last) return starts;
    const perSecond = PER_SECOND[unit];
    starts.push({ month, bound: perSecond === undefined ? day : (ms / 1000) * perSecond });
  }
}

/** Of so many rows between two starts, how many are of each month: told from how many are before each begins. */
export async function countMonths(
  [oldest, newest]: readonly [string, string],
  rows: number,
  unit: StartUnit,
  rowsBefore: (bound: Literal) => Promise<number>,
): Promise<Record<string, number>> {
  const months: Record<string, number> = {};
  let counted = 0;
  let month = monthOf(oldest, unit);
  for (const { bound, month: next } of monthStarts(oldest, newest, unit)) {
    const before = await rowsBefore(bound);
    if (before > counted) months[month] = before - counted;
    [counted, month] = [before, next];
  }
  if (rows > counted) months[month] = rows - counted;
  return months;
}
