// The small parts that policy, store and job files are made of, each with its own words for what is wrong.
import { z } from 'zod';
import { isJurisdiction, jurisdictionHint } from '../policy/jurisdiction.ts';
import { PERIOD_HINT, parsePeriod, readYearEnd } from '../policy/period.ts';
import { isZone, parseUtcDay } from '../policy/wall-time.ts';

/** A check with a message and a hint of its own; the published schema shows the type before the check. */
export function checked<T extends z.ZodType>(
  type: T,
  check: (value: z.output<T>) => string | null,
  hint: string | ((value: z.output<T>) => string),
): T {
  return type.superRefine((value, context) => {
    const mistake = check(value as z.output<T>);
    if (mistake === null) return;
    const said = typeof hint === 'string' ? hint : hint(value as z.output<T>);
    context.addIssue({ code: 'custom', message: mistake, params: { hint: said } });
  }) as unknown as T;
}

export const text = checked(
  z.string(),
  value => (value.trim() === '' ? 'this is empty' : null),
  'Write something here, or take the key out if it is optional',
);

export const name = checked(
  z.string(),
  value => (/^[a-z0-9][a-z0-9.-]*$/.test(value) ? null : `"${value}" is not a name`),
  'Use small letters, digits, dots and hyphens: call-detail-record',
).describe('A name: small letters, digits, dots and hyphens');

export const period = checked(
  z.string(),
  value => {
    const read = parsePeriod(value);
    return 'mistake' in read ? read.mistake : null;
  },
  PERIOD_HINT,
).describe('ISO 8601 duration such as P30D, P24M, P7Y or PT24H; or the word unstated or forever');

export const statedPeriod = checked(
  z.string(),
  value => {
    const read = parsePeriod(value);
    if ('mistake' in read) return read.mistake;
    return read.period.kind === 'unstated' || read.period.kind === 'forever' ? `"${value}" has no end` : null;
  },
  'Write P30D, P24M or P7Y (whole local days), or PT24H (exact hours)',
).describe('ISO 8601 duration such as P30D, P24M, P7Y or PT24H');

export const zone = checked(
  z.string(),
  value => (isZone(value) ? null : `"${value}" is not a time zone`),
  'Write an IANA zone: Europe/London, Pacific/Auckland, UTC',
).describe('IANA time zone');

export const day = checked(
  z.string(),
  value => (parseUtcDay(value) === null ? `"${value}" is not a day` : null),
  'Write it as 2026-01-31',
).describe('A day, as 2026-01-31');

export const jurisdiction = checked(
  z.string(),
  value => (isJurisdiction(value) ? null : `"${value}" is not a jurisdiction`),
  jurisdictionHint,
).describe('ISO 3166 country or subdivision code');

export const yearEnd = checked(
  z.string(),
  value => (readYearEnd(value) === null ? `"${value}" is not a day of the year` : null),
  'Write month and day: 03-31',
).describe('The last day of each year, as 03-31; 02-29 is the last of February');

export const authority = z.strictObject({
  document: text.describe('The law, contract or policy'),
  passage: text.describe('Where in it, and what it says'),
});

export const recordAddress = z.strictObject({ store: text, dataset: text, key: z.array(z.string()).min(1) });

export const phoneNumber = checked(
  z.string(),
  value => (/\d/.test(value) ? null : `"${value}" holds no digits`),
  'Write a telephone number: numbers are compared by their digits',
).describe('A telephone number; compared by its digits');

export const startEvent = z
  .enum([
    'recorded',
    'issued',
    'account-closed',
    'transmitted',
    'received',
    'verified',
    'collected',
    'consent-withdrawn',
  ])
  .describe('What starts the period');

/** Names of ours in queries begin in this way (`stores/sql/names.ts`), and no other may. */
const OURS = /^retention\$/i;

export const columnName = checked(
  z.string(),
  badName,
  'Write the name as the server has it, without quotes around it: 64 characters at most, none of them a control character',
);

/** What no server takes for a name, so that it can only be a slip. */
function badName(value: string): string | null {
  if (value === '') return 'this is empty';
  if (value === '__proto__') return `"${value}" is a name that stands for something else here`;
  if (OURS.test(value)) return `"${value}" is a name that queries of ours have for something else`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\0-\x1f\x7f]/.test(value)) return 'this name holds a control character';
  if (value.endsWith(' ')) return `"${value}" ends in a blank, which no name does`;
  return [...value].length > 64 ? `"${value}" is longer than any name` : null;
}
