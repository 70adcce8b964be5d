// Ways to anonymise a value. Every mask is recognisable on sight and leaves its own result as it is, so that a
// record masked twice is masked once.
import { keyedHash } from '../digest.ts';

export type Mask =
  | { readonly kind: 'null' }
  | { readonly kind: 'text'; readonly text: string }
  /** HMAC-SHA-256 under the installation's key: equal values stay equal, and nobody without the key can guess them. */
  | { readonly kind: 'keyed-hash' }
  /** The last three digits of a number become `xxx` (Australian Privacy Principle 2, as the privacy policy offers). */
  | { readonly kind: 'last-three-digits' }
  /** A date or date-time is cut back to the first of its month or year; what is not a date becomes null. */
  | { readonly kind: 'truncate-date'; readonly to: 'month' | 'year' };

export interface FieldMask {
  readonly column: string;
  readonly mask: Mask;
}

/** The masked value. Null stays null: there is nothing to hide. `hashKey` is needed for `keyed-hash` alone. */
export function applyMask(mask: Mask, value: string | null, hashKey: string): string | null {
  if (value === null) return null;
  switch (mask.kind) {
    case 'null':
      return null;
    case 'text':
      return mask.text;
    case 'keyed-hash':
      return HASHED.test(value) ? value : `anon-${keyedHash(hashKey, value).slice(0, 24)}`;
    case 'last-three-digits':
      return maskLastDigits(value);
    case 'truncate-date':
      return truncateDate(value, mask.to);
  }
}

/** Whether a value already looks as its mask would leave it. */
export function isMasked(mask: Mask, value: string | null): boolean {
  if (value === null) return true;
  return mask.kind === 'keyed-hash' ? HASHED.test(value) : applyMask(mask, value, '') === value;
}

const HASHED = /^anon-[0-9a-f]{24}$/;

/** The host of an address, which is nobody's number, or what may be one number with blanks and brackets in it. */
const PARTS = /@(?=[^\s;,>"]*\.)[^\s;,>"]*|\p{Nd}(?:\p{Nd}|[ \-.()/+]|x(?![ \-.()/+]*\p{Nd}))*/gu;
/** Digits in a row that are a number by themselves, whatever follows them. */
const NUMBER = /\p{Nd}{7,}(?![\p{Nd}x])/gu;

/** Replaces the last three digits of each number in a value; one with fewer loses all of them. */
function maskLastDigits(value: string): string {
  return value.replace(PARTS, part => (part.startsWith('@') ? part : maskNumber(part)));
}

function maskNumber(part: string): string {
  const chars = [...part];
  const masked = [...part.replace(NUMBER, run => `${[...run].slice(0, -3).join('')}xxx`)];
  // What has been masked before ends so, and stays as it is.
  let left = part.replace(/[^\p{Nd}x]/gu, '').endsWith('xxx') ? 0 : 3;
  for (let at = chars.length - 1; at >= 0 && left > 0; at -= 1) {
    if (!/\p{Nd}/u.test(chars[at] ?? '')) continue;
    masked[at] = 'x';
    left -= 1;
  }
  return masked.join('');
}

function truncateDate(value: string, to: 'month' | 'year'): string | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})(.*)$/.exec(value);
  if (parts === null) return null;
  const time = (parts[4] ?? '').replace(/\d/g, '0');
  return `${parts[1]}-${to === 'year' ? '01' : parts[2]}-01${time}`;
}
