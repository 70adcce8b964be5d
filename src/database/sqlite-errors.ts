// Errors of SQLite that are the machine's or another program's, by the driver's codes.
import type { Explained } from './explained.ts';

const TROUBLES: readonly (readonly [code: RegExp, message: string, hint: string])[] = [
  [/^SQLITE_FULL/, 'there is no room on its disk', 'Make room; what was begun has been undone'],
  [
    /^SQLITE_READONLY/,
    'it can only be read',
    'See who may write the file and its folder, and how the disk is mounted',
  ],
  [/^SQLITE_IOERR/, 'its disk failed', 'See the log of the machine: the disk may be full, broken, or gone'],
  [
    /^SQLITE_CORRUPT/,
    'the file is damaged',
    'Restore it from a backup, or see what PRAGMA integrity_check says of it',
  ],
  [/^SQLITE_NOMEM/, 'there is no memory left', 'Give the process more memory'],
  [/^SQLITE_(PERM|AUTH)/, 'this user may not', 'See who may read and write the file'],
];

/** The driver leaves a code out now and then, and says it in words. */
export function explainSqliteTrouble(code: string, words = ''): Explained | null {
  const named = code === '' && /database or disk is full/.test(words) ? 'SQLITE_FULL' : code;
  const trouble = TROUBLES.find(([pattern]) => pattern.test(named));
  return trouble === undefined ? null : { kind: 'world', by: named, message: trouble[1], hint: trouble[2] };
}
