// Time that passes only when everything waits for it: sleeping until the next timer takes no time at all, and always ends
// when it says.
import { setImmediate } from 'node:timers/promises';
import type { Clock, Sleep } from '../../src/clock.ts';

export interface FakeTime {
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** How long each sleep was asked to be, in ms. */
  readonly slept: readonly number[];
  /** Lets time pass without anybody sleeping; sleeps that end in it end now. */
  readonly pass: (ms: number) => void;
}

/** `lateMs`: how much later than asked each sleep ends, as timers do. */
export function fakeTime(startMs: number, lateMs = 0): FakeTime {
  let nowMs = startMs;
  const slept: number[] = [];
  const timers = new Set<{ readonly atMs: number; readonly wake: () => void }>();
  let moving = false;
  const move = async (): Promise<void> => {
    if (moving) return;
    moving = true;
    while (timers.size > 0) {
      // Whatever can be done without time is done first: several turns, for those who wait for each other.
      for (let turn = 0; turn < 5; turn += 1) await setImmediate();
      const [next] = [...timers].sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) continue;
      nowMs = Math.max(nowMs, next.atMs);
      next.wake();
    }
    moving = false;
  };
  return {
    clock: { nowMs: () => nowMs },
    slept,
    sleep: (ms, signal) =>
      new Promise(resolve => {
        if (signal?.aborted === true) {
          resolve();
          return;
        }
        slept.push(ms);
        const timer = {
          atMs: nowMs + ms + lateMs,
          wake: () => {
            timers.delete(timer);
            signal?.removeEventListener('abort', timer.wake);
            resolve();
          },
        };
        timers.add(timer);
        signal?.addEventListener('abort', timer.wake, { once: true });
        void move();
      }),
    pass: ms => {
      nowMs += ms;
    },
  };
}
