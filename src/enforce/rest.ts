// The rest between writes. What is owed is paid when it is a timer's worth, and what a timer was early or late is carried
// over, so that rests of a millisecond or two come out right on average.
import type { Clock, Sleep } from '../clock.ts';

export interface Rest {
  /** So much rest, in ms, counted from now: time in which nothing is written is rest, whatever it is spent on. */
  readonly owe: (ms: number) => void;
  /** Waits until the rest is over, or the signal is aborted. */
  readonly pay: (signal: AbortSignal) => Promise<void>;
}

/** Timers know no shorter time. */
const SHORTEST_MS = 1;

/** A timer that is very late (a busy processor, a machine that slept) is no reason to write on without any rest. */
const MOST_AHEAD_MS = 5;

export function restBetween(stopwatch: Clock, sleep: Sleep): Rest {
  let owedMs = 0;
  let sinceMs = stopwatch.nowMs();
  /** Takes the time gone by off what is owed; what is more than enough counts for as much as `aheadMs`. */
  const pass = (aheadMs: number): void => {
    const nowMs = stopwatch.nowMs();
    owedMs = Math.max(owedMs - (nowMs - sinceMs), Math.min(owedMs, -aheadMs));
    sinceMs = nowMs;
  };
  return {
    owe: ms => {
      owedMs += ms;
      sinceMs = stopwatch.nowMs();
    },
    pay: async signal => {
      pass(0);
      if (owedMs < SHORTEST_MS) return;
      await sleep(Math.floor(owedMs), signal);
      pass(MOST_AHEAD_MS);
    },
  };
}
