// How a number is written within its own country: what only a table of the world's numbering plans knows. The one door to
// libphonenumber-js, opened when a number is first looked up: most runs know of no order for a number.
import { createRequire } from 'node:module';

type Library = typeof import('libphonenumber-js/min');

let library: Library | null = null;

function open(): Library {
  library ??= createRequire(import.meta.url)('libphonenumber-js/min') as Library;
  return library;
}

/** Prefixes that are dialled for a plus sign, the longest first. */
const INTERNATIONAL = /^(?:0011|011|00)/;

/** More than the fifteen digits of an international number, with what may be dialled before it. */
const MOST_DIGITS = 20;

/**
 * The digits of an international number as its country writes it, with and without the trunk prefix: of 74951234567 it
 * gives 84951234567 and 4951234567. Empty where no country has such a number.
 */
export function nationalForms(digits: string): readonly string[] {
  const bare = digits.replace(INTERNATIONAL, '');
  if (bare.length < 7 || digits.length > MOST_DIGITS) return [];
  const parsed = open().parsePhoneNumberFromString(`+${bare}`);
  if (parsed === undefined || !parsed.isPossible()) return [];
  const forms = [parsed.nationalNumber, parsed.formatNational(), parsed.number];
  return [...new Set(forms.map(form => String(form).replace(/\D/g, '')))].filter(form => form !== digits);
}
