// Codes of places as ISO 3166 has them: a country (`GB`), or a part of one (`US-FL`). What is written otherwise is not
// guessed at: it is no code, and the one that is probably meant is said.
import { iso31661, iso31661Alpha3ToAlpha2, iso31662 } from 'iso-3166';

const COUNTRIES: ReadonlySet<string> = new Set(iso31661.map(one => one.alpha2));
const PARTS: ReadonlySet<string> = new Set(iso31662.map(one => one.code));

/** Whether a text is a code of ISO 3166, exactly as the standard writes it. */
export function isJurisdiction(text: string): boolean {
  return COUNTRIES.has(text) || PARTS.has(text);
}

/** Whether what is said of `wide` holds in `place` too: `US` covers `US` and `US-FL`. */
export function coversPlace(wide: string, place: string): boolean {
  return wide === place || (place.startsWith(wide) && place[wide.length] === '-');
}

/** The code itself and those of all its parts. */
export function placesWithin(code: string): readonly string[] {
  return [...COUNTRIES, ...PARTS].filter(one => coversPlace(code, one));
}

/** Codes that are in use and in no standard, or are reserved for another that is. */
const IN_USE: Readonly<Record<string, string>> = { UK: 'GB', EL: 'GR' };

/** Of several places with one name, those of these countries come first. */
const FIRST = ['US', 'GB', 'AU', 'NZ', 'CA'];

/** The codes that a text which is none probably means, the likeliest first: `UK` is GB, `USA` US, `Florida` US-FL. */
export function meantBy(text: string): readonly string[] {
  const written = text.trim().toUpperCase();
  const [country = '', ...rest] = written.split(/[-_/ ]+/);
  const alpha2 = IN_USE[country] ?? iso31661Alpha3ToAlpha2[country] ?? renamed(country) ?? country;
  const coded = [alpha2, ...rest].join('-');
  if (isJurisdiction(coded)) return [coded];
  const named = [
    ...iso31661.filter(one => namesOf(one.alpha2, one.name).includes(written)).map(one => one.alpha2),
    ...iso31662.filter(one => one.name.toUpperCase() === written).map(one => one.code),
    ...[`US-${written}`].filter(isJurisdiction),
  ];
  const rank = (code: string): number =>
    (FIRST.indexOf(code.slice(0, 2)) + FIRST.length + 1) % (FIRST.length + 1);
  return [...new Set(named)].sort((a, b) => rank(a) - rank(b)).slice(0, 3);
}

/** What a code that was withdrawn is called now, where ICU knows it: `BU` is `MM`. */
function renamed(country: string): string | null {
  if (!/^[A-Z]{2}$/.test(country)) return null;
  return new Intl.Locale(`und-${country}`).region ?? null;
}

function namesOf(code: string, name: string): string[] {
  const common = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }).of(code);
  return [name, ...(common === undefined ? [] : [common])].map(one => one.toUpperCase());
}

/** `GB is meant`, or where nothing is known to be meant what a code looks like. */
export function jurisdictionHint(text: string): string {
  const meant = meantBy(text);
  const example = 'an ISO 3166 code: GB, US, US-FL';
  return meant.length === 0 ? `Write ${example}` : `Write ${meant.join(' or ')}: it has to be ${example}`;
}
