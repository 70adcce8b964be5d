// Which telephone numbers a field may name, and which it names beyond doubt. Fields hold more than numbers: names, lists,
// extensions, addresses of switches. Wide answers decide what is kept, narrow ones what goes.
import { nationalForms } from './national-forms.ts';
import { textsOf } from './number-texts.ts';

/** Subscriber numbers are this long at the least; shorter ones are extensions and compare exactly. */
const FEWEST_DIGITS = 7;
/** No number is longer, with all that may be dialled before it; what is joined beyond it is two numbers. */
const MOST_DIGITS = 20;
/** A trunk zero after the code of a country is told from a digit of the number only where the number is this long. */
const LONG_DIGITS = 11;

/** A number that an order names, understood once. */
interface Named {
  readonly forms: readonly string[];
  /** As its own country writes it: compared whole, since another country may have a longer one with this ending. */
  readonly national: readonly string[];
  readonly tails: readonly string[];
}

/** A field, understood once. */
interface Field {
  /** For each reading of it all digits in a row. */
  readonly rows: readonly string[];
  readonly texts: readonly string[];
}

/** Telephone numbers are the same when their digits are: `+44 20 7946 0000` is `442079460000`. */
export function sameNumber(a: string, b: string): boolean {
  const digits = digitsOf(a);
  return a === b || (digits !== '' && digits === digitsOf(b));
}

/**
 * Whether two numbers may be one written differently, with or without its country: `020 7946 0018` may be
 * `+44 20 7946 0018`. Wide on purpose: it decides what is kept, never what goes.
 */
export function mayBeSameNumber(a: string, b: string): boolean {
  return sameNumber(a, b) || maybeSameDigits(digitsOf(a), digitsOf(b));
}

/** Whether anything in a field may be the number of an order, however either is written. */
export function mayNameNumber(written: string, number: string): boolean {
  if (written === number) return true;
  const named = kept(known.named, number, understandNumber);
  const field = kept(known.fields, written, understandField);
  if (!named.tails.some(tail => field.rows.some(row => row.includes(tail)))) return false;
  const found = field.texts.flatMap(candidatesIn);
  if (found.some(one => named.forms.some(form => maybeSameDigits(one, form)))) return true;
  if (found.some(one => named.national.some(form => isSameWhole(one, form)))) return true;
  return found.some(one => nationalForms(one).some(form => named.forms.some(own => isSameWhole(form, own))));
}

/**
 * Whether a field is that number, or a list of numbers that has it, and nothing else: `"Room 12" <020...>` may mean two
 * things. It decides what goes.
 */
export function isNumber(written: string, number: string): boolean {
  return soleNumbers(written).some(one => sameNumber(one, number));
}

/** Whether a field says any number at all; words such as `anonymous` do not. */
export function saysNumber(written: string): boolean {
  return /\p{Nd}/u.test(written);
}

/** Digits that a field must have in a row, whatever stands between them, to name the number: any of them. */
export function tailsOf(number: string): readonly string[] {
  return kept(known.named, number, understandNumber).tails;
}

/** Understood texts, for as long as there are not too many. */
const known = { named: new Map<string, Named>(), fields: new Map<string, Field>() };
const MOST_KNOWN = 5000;

function kept<T>(all: Map<string, T>, text: string, understand: (text: string) => T): T {
  const found = all.get(text);
  if (found !== undefined) return found;
  if (all.size >= MOST_KNOWN) all.clear();
  const made = understand(text);
  all.set(text, made);
  return made;
}

function understandNumber(number: string): Named {
  const whole = digitsOf(number);
  const forms = new Set([whole, ...textsOf(number).flatMap(ownForms)].filter(form => form !== ''));
  const national = new Set([...forms].flatMap(nationalForms));
  const tails = [...forms, ...national].map(tailOf);
  return {
    forms: [...forms],
    national: [...national],
    tails: [...new Set(tails)].filter(tail => tail !== ''),
  };
}

/** An order names one number, but it may be copied from a field: with a name, an extension or a host. */
function ownForms(text: string): string[] {
  const parts = text.split(/[,;|<>"]|\bext|\bx(?=\s*\d)/i);
  const joined = [text, ...parts, ...parts.flatMap(part => part.split('@'))].map(digitsIn);
  const runs = text.match(/\d+/g) ?? [];
  const whole = digitsOf(text);
  return [...joined, ...runs].filter(digits => digits === whole || digits.length >= FEWEST_DIGITS);
}

function understandField(written: string): Field {
  const texts = textsOf(written);
  return { texts, rows: texts.map(digitsIn) };
}

/** Every run of digits, and runs that follow each other joined, as far as the ends of an entry of a list. */
function candidatesIn(text: string): string[] {
  const found = new Set<string>();
  for (const entry of text.split(/[,;|]/)) {
    const runs = entry.match(/\d+/g) ?? [];
    runs.forEach((run, from) => {
      found.add(run);
      let joined = run;
      for (let next = from + 1; next < runs.length && joined.length < MOST_DIGITS; next += 1) {
        joined += runs[next];
        found.add(joined);
      }
    });
    found.add(digitsOf(entry));
  }
  found.delete('');
  return [...found];
}

function maybeSameDigits(a: string, b: string): boolean {
  if (a === '' || b === '') return false;
  return a === b || withoutTrunk(a).some(one => withoutTrunk(b).some(other => endAlike(one, other)));
}

function endAlike(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length >= FEWEST_DIGITS && long.endsWith(short);
}

/** Alike but for the zeros before them; `a` may have been dialled through a 9 for an outside line. */
function isSameWhole(a: string, b: string): boolean {
  return significant(a) === significant(b) || significant(a.replace(/^9/, '')) === significant(b);
}

function significant(digits: string): string {
  return digits.replace(/^0+/, '');
}

/** Without the zeros before it, and without one after the code of a country: 44020... is 4420... */
function withoutTrunk(digits: string): string[] {
  const bare = significant(digits);
  if (bare.length < LONG_DIGITS) return [bare];
  const places = [1, 2, 3].filter(place => bare[place] === '0');
  return [bare, ...places.map(place => bare.slice(0, place) + bare.slice(place + 1))];
}

function tailOf(digits: string): string {
  const bare = significant(digits);
  return (bare.length >= FEWEST_DIGITS ? bare : digits).slice(-FEWEST_DIGITS);
}

/** The digits of a number, or of a SIP address without its host; the `(0)` of `+44 (0)20` is never dialled. */
function digitsOf(number: string): string {
  return digitsIn(number.replace(/@.*$/, '').replace('(0)', ''));
}

function digitsIn(text: string): string {
  return text.replace(/\D/g, '');
}

/** One number, with blanks, dashes and dots in it and one pair of brackets around an area. */
const PLAIN = /^\+?[\d .\-/]*(?:\( ?\d+ ?\) ?[\d .\-/]*\d)?[\d .\-/]*$/;
/** A SIP or tel address, or a plain number in angle brackets, with a name that says no number. */
const ADDRESS = /^(?:"?[^\d"<>@:]*"?\s*<)?(?:sips?:|tel:)?(\+?[\d.\-()]+)(?:@[^\s<>,]*)?(?:;user=phone)?>?$/i;
/** A longer field is no plain list of numbers. */
const LONGEST_FIELD = 500;
/** The longest number there is, by E.164. */
const MOST_OF_ONE = 15;

function soleNumbers(written: string): string[] {
  if (written.length > LONGEST_FIELD) return [];
  const text = written.trim();
  const address = ADDRESS.exec(text)?.[1];
  const all = address === undefined ? text.split(/[,;|]/).filter(saysNumber) : [address];
  const numbers = all.map(one => one.trim());
  const isPlain = (one: string): boolean => PLAIN.test(one) && digitsOf(one).length <= MOST_OF_ONE;
  return numbers.every(isPlain) ? numbers : [];
}
