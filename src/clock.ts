// Time as an input: the only file that asks the system what time it is. Everything else is handed a `Clock`,
// or an instant, so that a decision can be repeated on another day and come out the same.
import { setTimeout } from 'node:timers/promises';

/** Instants are milliseconds since 1970-01-01T00:00:00Z, everywhere in this code. */
export interface Clock {
  readonly nowMs: () => number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

/**
 * For how long something takes, to fractions of a millisecond: it never jumps, and says nothing about the day. It shows the
 * same in every thread of the process, which `performance.now()` does not.
 */
export const stopwatch: Clock = {
  nowMs: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1000 + nanoseconds / 1e6;
  },
};

/** Waits so many ms, or until the signal is aborted; timers are late by up to a few ms, never early by more than one. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export const sleep: Sleep = async (ms, signal) => {
  if (signal?.aborted === true) return;
  try {
    await setTimeout(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    // To be woken by the signal is what was asked for.
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
  }
};

/** An instant as people and logs read it: `2026-11-22T02:15:00.000Z`. */
export function isoInstant(ms: number): string {
  return new Date(ms).toISOString();
}
