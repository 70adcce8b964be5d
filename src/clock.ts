// Time as an input: the only file that asks the system what time it is. Everything else is handed a `Clock`,
// or an instant, so that a decision can be repeated on another day and come out the same.
import { readFileSync } from 'node:fs';
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

/** System clocks that are kept by NTP agree far closer than this; further apart, one of them is wrong. */
export const CLOCK_TOLERANCE_MS = 120_000;

/**
 * How long the machine has been up, in ms: the system's clock and this one go the same way unless somebody sets the first.
 * Asked of Linux itself, which counts the time that a machine is asleep; elsewhere the stopwatch, which does not.
 */
export const uptime: Clock = {
  nowMs: () => {
    try {
      return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
    } catch {
      return stopwatch.nowMs();
    }
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
