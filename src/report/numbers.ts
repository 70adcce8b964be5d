// Numbers, sizes and dates as people read them in a report. Dates are UTC, and say so once, in the heading.
import { isoInstant } from '../clock.ts';

export function formatCount(count: number): string {
  return count.toLocaleString('en-GB');
}

export function formatBytes(bytes: number | null): string {
  if (bytes === null) return '';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [size, unit] = [bytes, 0];
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit] ?? ''}`;
}

/** The day on which an instant falls, in UTC unless another zone is asked for. */
export function formatDay(ms: number | null, zone = 'UTC'): string {
  return ms === null
    ? ''
    : new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(ms);
}

export function formatMinute(ms: number): string {
  return `${isoInstant(ms).slice(0, 16).replace('T', ' ')} UTC`;
}

/** One line of CSV as RFC 4180 has it; a value that a spreadsheet would run as a formula is made plain text. */
export function csvLine(values: readonly (string | number | null)[]): string {
  return values
    .map(value => {
      if (value === null) return '';
      if (typeof value === 'number') return String(value);
      const text = /^[=+\-@]/.test(value) ? `'${value}` : value;
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',');
}
