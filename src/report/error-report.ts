// An error as a person reads it: what happened, what to do; for configuration, every mistake with its place.
import pc from 'picocolors';
import { ConfigurationError, RetentionError, reasonOf } from '../errors.ts';

export function errorReport(error: unknown): string {
  const err = pc.createColors(pc.isColorSupported && process.stderr.isTTY === true);
  if (error instanceof ConfigurationError) {
    const lines = error.problems.map(({ file, line, column, path, message, hint }) =>
      [
        `${file}:${line}:${column}  ${message}`,
        ...(path === '' ? [] : [`    at ${path}`]),
        `    ${hint}`,
      ].join('\n'),
    );
    return `${lines.join('\n')}\n${err.red(error.message)}. ${error.hint}\n`;
  }
  if (error instanceof RetentionError) return `${err.red(`error: ${error.message}`)}\n  ${error.hint}\n`;
  const trouble = troubleOf(error);
  if (trouble !== null) return `${err.red(`error: ${reasonOf(error)}`)}\n  ${trouble}\n`;
  const stack = error instanceof Error ? `\n${error.stack ?? ''}` : '';
  return `${err.red(`unexpected error: ${reasonOf(error)}`)}\n  This is a mistake in the program; please report it with the lines below${stack}\n`;
}

/** What the machine does not let us do, by the codes of its system calls. */
const TROUBLES: Readonly<Record<string, string>> = {
  ENOSPC: 'There is no room on the disk: make some, and run again',
  EDQUOT: 'The disk quota is used up: raise it or make room, and run again',
  EROFS: 'The disk is mounted read-only: mount it so that it can be written, or choose another place',
  EACCES: 'This user may not: see who may read and write there',
  EPERM: 'This user may not: see who may read and write there, and whether it is marked immutable',
  EMFILE: 'The process has too many files open: raise its limit (ulimit -n)',
  ENFILE: 'The machine has too many files open',
  EIO: 'The disk failed: see the log of the machine',
  ENOMEM: 'There is no memory left: give the process more',
};

function troubleOf(error: unknown): string | null {
  const { code = '', syscall } = (error ?? {}) as { code?: string; syscall?: string };
  return syscall === undefined ? null : (TROUBLES[code] ?? null);
}
