// Time as an input: the only file that asks the system what time it is. Everything else is handed a `Clock`,
// or an instant, so that a decision can be repeated on another day and come out the same.

/** Instants are milliseconds since 1970-01-01T00:00:00Z, everywhere in this code. */
export interface Clock {
  readonly nowMs: () => number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };

/** A stopwatch, in ms: it tells how long something took in any thread of the process, and never what time it is. */
export function stopwatchMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** An instant as people and logs read it: `2026-11-22T02:15:00.000Z`. */
export function isoInstant(ms: number): string {
  return new Date(ms).toISOString();
}
