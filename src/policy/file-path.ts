// The name of the file that goes with a record: an exact template over the record's own columns. No globs, no
// prefixes, no guesses: an empty name or a path that could leave the root is a doubt, and doubt keeps the record.
import { DateTime } from 'luxon';
import type { StartReading } from './start.ts';

/** `{column}` stands for a column's text; `{start|yyyy/MM/dd}` for the record's start in luxon's format, local time. */
export interface FileRule {
  readonly store: string;
  readonly template: string;
  /** Endings, `.mp3`, that something else may have given the file in the place of its own; empty: nothing does. */
  readonly converted: readonly string[];
  /** Values of any named column that mean "there is no file". */
  readonly absent: readonly (string | null)[];
  /**
   * For a part of a row: columns of the template, with what they hold once the part is masked. Where all of them hold
   * that, or nothing, no file is named any more. Empty: the rule names its file for as long as the row stands.
   */
  readonly cleared: readonly { readonly column: string; readonly to: string | null }[];
  /**
   * A file that nobody saw go keeps its record, unless its owner has said that such records go (`purge-record`). More than a
   * tenth of them are refused, unless he has said that they stay (`keep-record`) or go.
   */
  readonly missing: 'refuse' | 'keep-record' | 'purge-record';
  /** Why a file with other names goes under this one all the same; left out: it stays. */
  readonly hardLinks?: HardLinks;
}

/** What is done with files that have more than one name: the one that is due is removed, and the others stay. */
export interface HardLinks {
  readonly do: 'remove-this-name';
  readonly reason: string;
}

/** `paths`: every name that the file may have, as `possibleNames` gives them. */
export type ResolvedFile =
  | { readonly kind: 'named'; readonly paths: readonly string[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'doubt'; readonly why: string };

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'column'; readonly column: string }
  | { readonly kind: 'start'; readonly format: string };

const PLACE = /\{([^{}|]+)(?:\|([^{}]+))?\}/g;

/** A template as what it is made of, in order. Texts are never empty. */
export function templateParts(template: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  const addText = (from: number, to: number): void => {
    if (to > from) parts.push({ kind: 'text', text: template.slice(from, to) });
  };
  let at = 0;
  for (const place of template.matchAll(PLACE)) {
    const [written, column = '', format] = place;
    addText(at, place.index);
    parts.push(format === undefined ? { kind: 'column', column } : { kind: 'start', format });
    at = place.index + written.length;
  }
  addText(at, template.length);
  return parts;
}

/** The columns that a template reads; `start` is the record's start and not a column. */
export function templateColumns(template: string): string[] {
  return templateParts(template).flatMap(part => (part.kind === 'column' ? part.column : []));
}

/** The folder that all files of a template lie in, as far down as it is written out; empty for the root. */
export function templateFolder(template: string): string {
  const written = template.split('{', 1)[0] ?? '';
  return written.slice(0, Math.max(0, written.lastIndexOf('/')));
}

/** The file of a record whose template columns are `columns`, relative to the root of the rule's store. */
export function resolveFile(
  rule: FileRule,
  columns: Readonly<Record<string, string | null>>,
  start: StartReading,
  zone: string,
): ResolvedFile {
  const parts = templateParts(rule.template);
  for (const part of parts) {
    if (part.kind === 'column' && rule.absent.includes(columns[part.column] ?? null)) return { kind: 'none' };
  }
  if (rule.cleared.length > 0 && rule.cleared.every(one => isCleared(one, columns))) return { kind: 'none' };
  let path = '';
  let doubt: string | null = null;
  for (const part of parts) {
    if (part.kind === 'text') path += part.text;
    else if (part.kind === 'column') {
      const value = columns[part.column] ?? '';
      if (value === '') doubt = `column ${part.column} is empty`;
      path += value;
    } else if (start.kind === 'at') path += DateTime.fromMillis(start.ms, { zone }).toFormat(part.format);
    else doubt = 'its date is not known';
  }
  if (doubt !== null) return { kind: 'doubt', why: doubt };
  const unsafe = unsafePath(path);
  if (unsafe !== null) return { kind: 'doubt', why: unsafe };
  return { kind: 'named', paths: possibleNames(path, rule.converted) };
}

/** A path itself, and then the same with each of the other endings in the place of its own. */
export function possibleNames(path: string, converted: readonly string[]): readonly string[] {
  if (converted.length === 0) return [path];
  const stem = stemOf(path);
  return [...new Set([path, ...converted.map(ending => `${stem}${ending}`)])];
}

/** A path without its ending: what follows the last dot of its last part, unless the part begins with that dot. */
export function stemOf(path: string): string {
  const dot = path.lastIndexOf('.');
  return dot > path.lastIndexOf('/') + 1 ? path.slice(0, dot) : path;
}

function isCleared(
  { column, to }: FileRule['cleared'][number],
  columns: Readonly<Record<string, string | null>>,
): boolean {
  const value = columns[column] ?? null;
  return value === null || value === '' || value === to;
}

/** Why a relative path must not be followed, or null when it may be. */
export function unsafePath(path: string): string | null {
  if (path.includes('\0')) return 'its path holds a NUL';
  if (path.startsWith('/') || /^[a-z][a-z0-9+.-]*:/i.test(path))
    return 'its path is not relative to the root';
  const parts = path.split('/');
  if (parts.includes('..') || parts.includes('.')) return 'its path steps out of its folder';
  return parts.includes('') ? 'its path has an empty part' : null;
}
