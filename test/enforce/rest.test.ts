// Rests of a millisecond or two, paid with timers that know whole milliseconds and are late: right on average.
import { describe, expect, test } from 'vitest';
import { sleep, stopwatch } from '../../src/clock.ts';
import { restBetween } from '../../src/enforce/rest.ts';
import { fakeTime } from '../support/fake-time.ts';

const never = new AbortController().signal;

describe.each([0, 0.1, 1.1])('with timers that are %s ms late', lateMs => {
  test.each([0.3, 1, 1.7, 4.5])('rests of %s ms are right on average', async restMs => {
    const time = fakeTime(0, lateMs);
    const rest = restBetween(time.clock, time.sleep);
    for (let write = 0; write < 1000; write += 1) {
      rest.owe(restMs);
      await rest.pay(never);
    }
    const restedMs = time.clock.nowMs();
    expect(Math.abs(restedMs - restMs * 1000)).toBeLessThan(5);
  });
});

test('time that is spent on something else counts as rest, and no more of it than was owed', async () => {
  const time = fakeTime(0);
  const rest = restBetween(time.clock, time.sleep);
  rest.owe(10);
  time.pass(4);
  await rest.pay(never);
  expect(time.slept).toEqual([6]);
  rest.owe(10);
  time.pass(1000);
  await rest.pay(never);
  rest.owe(3);
  await rest.pay(never);
  expect(time.slept).toEqual([6, 3]);
});

test('a machine that slept for an hour does not write without rest when it wakes', async () => {
  const time = fakeTime(0, 3_600_000);
  const rest = restBetween(time.clock, time.sleep);
  for (let write = 0; write < 10; write += 1) {
    rest.owe(10);
    await rest.pay(never);
  }
  expect(time.slept.length).toBeGreaterThanOrEqual(9);
  expect(Math.min(...time.slept)).toBeGreaterThanOrEqual(5);
});

test('a stop ends a rest', async () => {
  const stop = new AbortController();
  const rest = restBetween(stopwatch, sleep);
  rest.owe(60_000);
  const paid = rest.pay(stop.signal);
  stop.abort();
  await paid;
});

test('on the real clock, rests of two milliseconds take two on average', async () => {
  const rest = restBetween(stopwatch, sleep);
  const fromMs = stopwatch.nowMs();
  for (let write = 0; write < 200; write += 1) {
    rest.owe(2);
    await rest.pay(never);
  }
  const eachMs = (stopwatch.nowMs() - fromMs) / 200;
  expect(eachMs).toBeGreaterThan(1.9);
  expect(eachMs).toBeLessThan(6);
});
