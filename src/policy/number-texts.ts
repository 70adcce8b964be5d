// A field that names numbers, as texts of plain digits: other scripts, escapes, letters for digits, and the short ways
// in which people and switches write a number are undone. Each text is another reading of the same field.

/** What a telephone's keys have on them. */
const KEYPAD = 'abc2def3ghi4jkl5mno6pqrs7tuv8wxyz9';
/** Digits and then letters that stand for digits: `1-800-FLOWERS`. */
const VANITY = /\d[-. ()]*[A-Za-z][-. ()A-Za-z]{3,}/;
const VANITIES = /\d[-. ()\d]*[A-Za-z][-. ()A-Za-z\d]*/g;
const ESCAPE = /%([0-9a-f]{2})/gi;
/** The local part of a number and the digits that complete it (RFC 3966). */
const LOCAL_PART = /(\d[\d\-.()]*)(?:;[^;,|<>"]*)*?;phone-context=\+?(\d[\d\-.()]*)/gi;
/** A second number of which only the last digits are written: `7946 0018/19`. */
const SHORT_SECOND = /(?<![\d\-. ()])(\d[\d\-. ()]*)\/ *(\d{1,4})(?!\d)/g;
/** The zero that is dialled within a country alone, in `+44 (0)20`. */
const OPTIONAL_ZERO = /\( *0 *\)/g;

/** A condition for databases: a field that it is true of must be read here, since more than its digits in order count. */
export const MUST_BE_READ =
  '[^ -~]|%[0-9A-Fa-f][0-9A-Fa-f]|[0-9][-. ()]*[A-Za-z][-. ()A-Za-z]{3,}|[Pp][Hh][Oo][Nn][Ee]-|[0-9] */ *[0-9]{1,4}([^0-9]|$)';

/** A field that is longer is read in pieces, each of which begins before the last one ends. */
const PIECE = { length: 400, overlap: 100 };

/** Every reading of a field, the plain one first. */
export function textsOf(field: string): readonly string[] {
  const plain = plainDigits(field);
  const texts = new Set([plain]);
  for (let from = 0; from < plain.length; from += PIECE.length - PIECE.overlap)
    for (const text of readingsOf(plain.slice(from, from + PIECE.length))) texts.add(text);
  return [...texts];
}

function readingsOf(plain: string): string[] {
  const texts = [plain];
  if (plain.includes('%')) texts.push(plainDigits(unescaped(plain)));
  for (const text of [...texts]) {
    if (/phone-context/i.test(text))
      for (const [, local = '', context = ''] of text.matchAll(LOCAL_PART)) texts.push(`${context}${local}`);
    if (text.includes('/')) texts.push(...shortSeconds(text));
    if (VANITY.test(text)) texts.push(...vanities(text));
  }
  for (const text of [...texts]) if (text.includes('(')) texts.push(text.replace(OPTIONAL_ZERO, ''));
  return texts;
}

/** Digits of any script as 0 to 9. */
function plainDigits(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  return text.normalize('NFKC').replace(/\p{Nd}/gu, digit => {
    if (/\d/.test(digit)) return digit;
    const code = digit.codePointAt(0) ?? 0;
    let value = 0;
    while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1;
    return String(value);
  });
}

function unescaped(text: string): string {
  return text.replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function shortSeconds(text: string): string[] {
  return [...text.matchAll(SHORT_SECOND)].flatMap(([, first = '', last = '']) => {
    const digits = first.replace(/\D/g, '');
    return digits.length > last.length ? [digits.slice(0, -last.length) + last] : [];
  });
}

/** Letters beyond a number's length are dialled for the look of the word alone, so that its beginning counts too. */
function vanities(text: string): string[] {
  return (text.match(VANITIES) ?? []).flatMap(word => {
    const digits = word.replace(/[A-Za-z]/g, keyOf).replace(/\D/g, '');
    return [digits, digits.slice(0, 10), digits.slice(0, 11), digits.slice(0, 12)];
  });
}

function keyOf(letter: string): string {
  return /\d/.exec(KEYPAD.slice(KEYPAD.indexOf(letter.toLowerCase())))?.[0] ?? letter;
}
