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
  const stack = error instanceof Error ? `\n${error.stack ?? ''}` : '';
  return `${err.red(`unexpected error: ${reasonOf(error)}`)}\n  This is a mistake in the program; please report it with the lines below${stack}\n`;
}
