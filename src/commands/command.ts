// What a command is given and gives back: the flags every command has, and an exit code.
import { type Command, Option } from 'commander';
import type { ExitCode } from '../errors.ts';
import type { Format } from '../report/plan-report.ts';
import type { Flags } from '../settings.ts';

/** Adds one command to the program. `exit` is told the code that its act ended with. */
export type AddCommand = (program: Command, exit: (code: ExitCode) => void) => void;

/** Flags of the program, wherever on the line they were written. */
export function flagsOf(command: Command): Flags {
  return command.optsWithGlobals<Flags>();
}

export function formatOption(): Option {
  return new Option('--format <format>', 'how to print it').choices(['text', 'json', 'csv']).default('text');
}

export interface FormatFlag {
  readonly format: Format;
}

/** Examples at the end of a command's help, each with a comment. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map(line => `  ${line}`).join('\n')}\n`;
}
