// Runs the program with a clock that stands off.
import { pathToFileURL } from 'node:url';
import type { Env } from './cli.ts';

export const DAY_MS = 86_400_000;

/** `by`: ms, or a file that has them, which may change while the program runs. */
export function shiftedBy(by: number | string): Env {
  return {
    NODE_OPTIONS: `--import ${pathToFileURL('test/support/shifted-clock.mjs').href}`,
    SHIFTED_CLOCK: String(by),
  };
}
