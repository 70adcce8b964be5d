// Which rows may name a file, in terms that a database can be asked in: a template read backwards from a path, or the
// columns of a row that names it. Wide on purpose: whoever is found so has its names resolved forwards, and these decide.
import { DateTime } from 'luxon';
import {
  type FileRule,
  stemOf,
  type TemplatePart,
  templateColumns,
  templateParts,
  unsafePath,
} from './file-path.ts';

/** What stands in a row that may name a file. */
export interface Naming {
  /** The text of each column of the template. */
  readonly columns: Readonly<Record<string, string>>;
  /** The column that may hold its text or its text with an ending, whichever that is; null: each holds its text. */
  readonly anyEnding: string | null;
  /** When the row's start lies, in ms; null where the names say too little of it. */
  readonly starts: Span | null;
}

interface Span {
  readonly fromMs: number;
  readonly beforeMs: number;
}

/** Where the endings of a template's paths stand: in its last text, or in its last column. `prefix`: what its name begins with. */
type EndingPlace =
  | { readonly in: 'text' }
  | { readonly in: 'column'; readonly column: string; readonly prefix: string };

/** Null where it depends on the row: only a template that is not converted may be so. */
export function endingPlace(template: string): EndingPlace | null {
  const parts = templateParts(template);
  const [last, before] = [parts.at(-1), parts.at(-2)];
  if (last?.kind === 'text') return parts.length === 1 || /[./]/.test(last.text) ? { in: 'text' } : null;
  if (last?.kind !== 'column') return null;
  const { column } = last;
  const columns = templateColumns(template);
  if (columns.indexOf(column) < columns.length - 1) return null;
  if (before === undefined) return { in: 'column', column, prefix: '' };
  if (before.kind !== 'text' || (parts.length > 2 && !before.text.includes('/'))) return null;
  const prefix = before.text.slice(before.text.lastIndexOf('/') + 1);
  return prefix.includes('.') ? null : { in: 'column', column, prefix };
}

/** Rows that may name one of the files that this row names; null where it names none. */
export function namingOfRow(
  rule: FileRule,
  columns: Readonly<Record<string, string | null>>,
  startMs: number | null,
  zone: string,
): Naming | null {
  const own: Record<string, string> = {};
  const formats: string[] = [];
  for (const part of templateParts(rule.template)) {
    if (part.kind === 'start') formats.push(part.format);
    if (part.kind !== 'column') continue;
    const value = columns[part.column] ?? '';
    if (value === '' || rule.absent.includes(value)) return null;
    own[part.column] = value;
  }
  if (formats.length > 0 && startMs === null) return null;
  const starts = startMs === null ? null : spanOf(DateTime.fromMillis(startMs, { zone }), formats);
  const place = rule.converted.length === 0 ? null : endingPlace(rule.template);
  if (place?.in !== 'column') return { columns: own, anyEnding: null, starts };
  const { column, prefix } = place;
  const stem = stemOf(`${prefix}${own[column] ?? ''}`).slice(prefix.length);
  return { columns: { ...own, [column]: stem }, anyEnding: column, starts };
}

/** Ways to read one path: more are not tried. */
const MOST_NAMINGS = 200;
/** Places in a path that are tried as the end of a column. */
const MOST_TRIES = 20_000;

/** Every row that may name a path, none where no row can; null where the template can be read in too many ways. */
export function namingsOfPath(rule: FileRule, path: string, zone: string): readonly Naming[] | null {
  if (unsafePath(path) !== null) return [];
  const namings: Naming[] = [];
  const tries = { left: MOST_TRIES };
  for (const { parts, ending, as } of readings(rule, path)) {
    for (const { columns, dates } of splits(parts, as, { columns: {}, dates: [] }, tries)) {
      const read = namingOfSplit(rule, columns, dates, parts, ending, zone);
      if (read !== null) namings.push(read);
      if (namings.length > MOST_NAMINGS) return null;
    }
  }
  return tries.left > 0 ? namings : null;
}

/** A template and a path that must fit each other, and the column whose value has lost its ending. */
interface Reading {
  readonly parts: readonly TemplatePart[];
  readonly as: string;
  readonly ending: string | null;
}

/** The template itself, and for each converted ending that the path has, what had it before. */
function readings(rule: FileRule, path: string): readonly Reading[] {
  const parts = templateParts(rule.template);
  const all: Reading[] = [{ parts, as: path, ending: null }];
  const place = endingPlace(rule.template);
  if (place === null) return all;
  for (const ending of rule.converted) {
    if (!path.endsWith(ending)) continue;
    if (place.in === 'column') all.push({ parts, as: path.slice(0, -ending.length), ending: place.column });
    else for (const text of endedWith(parts, ending)) all.push({ parts: text, as: path, ending: null });
  }
  return all;
}

/** The template with its last text as a conversion leaves it: after a column that ends with a slash, a dot begins a name. */
function endedWith(parts: readonly TemplatePart[], ending: string): TemplatePart[][] {
  const last = parts.at(-1);
  if (last?.kind !== 'text') return [];
  const before = parts.slice(0, -1);
  const texts = new Set([`${stemOf(last.text)}${ending}`]);
  if (before.length > 0) texts.add(`${stemOf(`x${last.text}`).slice(1)}${ending}`);
  return [...texts].map(text => [...before, { kind: 'text', text }]);
}

interface Split {
  readonly columns: Readonly<Record<string, string>>;
  /** The texts of the start, in the order of the template. */
  readonly dates: readonly string[];
}

/** Every way in which a path can be what a template gives. */
function* splits(
  [first, ...rest]: readonly TemplatePart[],
  path: string,
  found: Split,
  tries: { left: number },
): Generator<Split> {
  if (first === undefined) {
    if (path === '') yield found;
    return;
  }
  if (first.kind === 'text') {
    if (path.startsWith(first.text)) yield* splits(rest, path.slice(first.text.length), found, tries);
    return;
  }
  for (const end of endsOf(first, rest[0], path)) {
    tries.left -= 1;
    if (tries.left <= 0) return;
    const text = path.slice(0, end);
    if (first.kind === 'start') {
      yield* splits(rest, path.slice(end), { ...found, dates: [...found.dates, text] }, tries);
      continue;
    }
    const known = found.columns[first.column] ?? text;
    if (known !== text) continue;
    const columns = { ...found.columns, [first.column]: text };
    yield* splits(rest, path.slice(end), { ...found, columns }, tries);
  }
}

/** Where a column or a date may end: at the end of the path, or where the text after it begins. */
function* endsOf(
  part: Exclude<TemplatePart, { readonly kind: 'text' }>,
  next: TemplatePart | undefined,
  path: string,
): Generator<number> {
  const isLike = part.kind === 'start' ? dateLike(part.format) : null;
  const fits = (end: number): boolean => isLike === null || isLike.test(path.slice(0, end));
  if (next === undefined) {
    if (fits(path.length)) yield path.length;
    return;
  }
  for (let end = 1; end <= path.length; end += 1) {
    if (next.kind === 'text') {
      end = path.indexOf(next.text, end);
      if (end < 0) return;
    }
    if (fits(end)) yield end;
  }
}

/** What texts of a format look like, where all of it is numbers; null: like anything. */
function dateLike(format: string): RegExp | null {
  let like = '';
  for (const [run] of format.matchAll(/([a-zA-Z])\1*|[^a-zA-Z]/g)) {
    if (/^(?:yy|yyyy|MM?|dd?|HH?|mm?|ss?)$/.test(run))
      like += run.length === 1 ? '\\d{1,2}' : `\\d{${run.length}}`;
    else if (/^[/._ -]$/.test(run)) like += run === '.' ? '\\.' : run;
    else return null;
  }
  return new RegExp(`^${like}$`);
}

/** Null where no row can name it so. */
function namingOfSplit(
  rule: FileRule,
  columns: Readonly<Record<string, string>>,
  dates: readonly string[],
  parts: readonly TemplatePart[],
  anyEnding: string | null,
  zone: string,
): Naming | null {
  for (const [column, value] of Object.entries(columns))
    if (column !== anyEnding && (value === '' || rule.absent.includes(value))) return null;
  const formats = parts.flatMap(part => (part.kind === 'start' ? part.format : []));
  if (formats.length === 0) return { columns, anyEnding, starts: null };
  const at = DateTime.fromFormat(dates.join(' '), formats.join(' '), { zone, locale: 'en' });
  if (at.isValid) return { columns, anyEnding, starts: spanOf(at, formats) };
  // The thirteenth month: what is all numbers is read as it was written.
  const isSure = spanUnit(formats) !== null && formats.every(format => dateLike(format) !== null);
  return isSure ? null : { columns, anyEnding, starts: null };
}

/** The time in which starts are written alike in these formats; null where they do not say the year. */
function spanOf(at: DateTime, formats: readonly string[]): Span | null {
  const unit = spanUnit(formats);
  return unit === null
    ? null
    : { fromMs: at.startOf(unit).toMillis(), beforeMs: at.endOf(unit).toMillis() + 1 };
}

function spanUnit(formats: readonly string[]): 'year' | 'month' | 'day' | null {
  const tokens = formats.join(' ').replace(/'[^']*'/g, '');
  if (!tokens.includes('y')) return null;
  if (tokens.includes('o')) return 'day';
  if (!/[ML]/.test(tokens)) return 'year';
  return tokens.includes('d') ? 'day' : 'month';
}
