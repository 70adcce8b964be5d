// The name of the file that goes with a record: an exact template over the record's own columns. No globs, no
// prefixes, no guesses: an empty name or a path that could leave the root is a doubt, and doubt keeps the record.
import { DateTime } from 'luxon';
import type { StartReading } from './start.ts';

/** `{column}` stands for a column's text; `{start|yyyy/MM/dd}` for the record's start in luxon's format, local time. */
export interface FileRule {
  readonly store: string;
  readonly template: string;
  /** Values of any named column that mean "there is no file". */
  readonly absent: readonly (string | null)[];
  /**
   * For a part of a row: columns of the template, with what they hold once the part is masked. Where all of them hold
   * that, or nothing, no file is named any more. Empty: the rule names its file for as long as the row stands.
   */
  readonly cleared: readonly { readonly column: string; readonly to: string | null }[];
  /** What to do when files are missing in numbers: refuse, or believe that they went before their records. */
  readonly missing: 'refuse' | 'purge-record';
}

export type ResolvedFile =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'doubt'; readonly why: string };

const PLACE = /\{([^{}|]+)(?:\|([^{}]+))?\}/g;

/** The columns that a template reads; `start` is the record's start and not a column. */
export function templateColumns(template: string): string[] {
  return [...template.matchAll(PLACE)].filter(place => place[2] === undefined).map(place => place[1] ?? '');
}

/** The file of a record whose template columns are `columns`, relative to the root of the rule's store. */
export function resolveFile(
  rule: FileRule,
  columns: Readonly<Record<string, string | null>>,
  start: StartReading,
  zone: string,
): ResolvedFile {
  for (const column of templateColumns(rule.template)) {
    if (rule.absent.includes(columns[column] ?? null)) return { kind: 'none' };
  }
  if (rule.cleared.length > 0 && rule.cleared.every(one => isCleared(one, columns))) return { kind: 'none' };
  let doubt: string | null = null;
  const path = rule.template.replace(PLACE, (_, name: string, format: string | undefined) => {
    if (format !== undefined) {
      if (start.kind === 'at') return DateTime.fromMillis(start.ms, { zone }).toFormat(format);
      doubt = 'its date is not known';
      return '';
    }
    const value = columns[name] ?? '';
    if (value === '') doubt = `column ${name} is empty`;
    return value;
  });
  if (doubt !== null) return { kind: 'doubt', why: doubt };
  const unsafe = unsafePath(path);
  return unsafe === null ? { kind: 'path', path } : { kind: 'doubt', why: unsafe };
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
