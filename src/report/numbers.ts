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

/** What a spreadsheet takes for the beginning of a formula; blanks before it are passed over by some. */
const FORMULA = /^[\t\r\n ]*[=+\-@]|^[\t\r\n]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const COMMANDS_OF_TERMINALS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;

/**
 * One line of CSV as RFC 4180 has it; a value that a spreadsheet would run as a formula is made plain text, and what a
 * terminal would obey is written as its number.
 */
export function csvLine(values: readonly (string | number | null)[]): string {
  return values
    .map(value => {
      if (value === null) return '';
      if (typeof value === 'number') return String(value);
      const plain = value.replace(COMMANDS_OF_TERMINALS, told);
      const text = FORMULA.test(plain) ? `'${plain}` : plain;
      return plain !== value || /[",\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(',');
}

function told(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
