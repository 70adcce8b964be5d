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

/** Replaces the last three digits, whatever separators stand between them; a value with fewer loses all of them. */
function maskLastDigits(value: string): string {
  if (/x{3}$/.test(value.replace(/[^\dx]/g, ''))) return value;
  let left = 3;
  const masked = [...value].reverse().map(char => {
    if (left === 0 || !/\d/.test(char)) return char;
    left -= 1;
    return 'x';
  });
  return masked.reverse().join('');
}

function truncateDate(value: string, to: 'month' | 'year'): string | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})(.*)$/.exec(value);
  if (parts === null) return null;
  const time = (parts[4] ?? '').replace(/\d/g, '0');
  return `${parts[1]}-${to === 'year' ? '01' : parts[2]}-01${time}`;
}
