// When a run may write: while nobody has paused it, its windows are open and the store's server has time. Time is the
// test's own; what the servers say is given, and `pace-mysql.test.ts` asks real ones.
import { describe, expect, test } from 'vitest';
import { openPace, type Pace, type PaceEvent, type PaceInput } from '../../src/enforce/pace.ts';
import { RetentionError } from '../../src/errors.ts';
import { DEFAULT_PACE, type PaceRules } from '../../src/plan/job.ts';
import { readWindow } from '../../src/plan/window.ts';
import type { Load } from '../../src/stores/load.ts';
import { type FakeTime, fakeTime } from '../support/fake-time.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const IDLE: Load = { threadsRunning: 2, replicaLagSeconds: null, replica: null, query: null };

interface Opened {
  readonly pace: Pace;
  readonly time: FakeTime;
  readonly events: PaceEvent[];
  readonly stop: AbortController;
}

/** A pace whose server says `loadAt` of the seconds since noon. */
function opened(
  loadAt: ((second: number, query: string | null) => Load | Promise<Load>) | null,
  rules: Partial<PaceRules> = {},
  input: Partial<PaceInput> = {},
): Opened {
  const time = fakeTime(NOON);
  const events: PaceEvent[] = [];
  const stop = new AbortController();
  const pace = openPace({
    store: {
      name: 'telecom',
      load: loadAt === null ? null : async query => loadAt((time.clock.nowMs() - NOON) / 1000, query),
    },
    rules: { ...DEFAULT_PACE, niceRatio: 0, ...rules },
    zone: 'UTC',
    batchKeys: 1000,
    pauses: { current: async () => null },
    expiresAtMs: null,
    clock: time.clock,
    time: { stopwatch: time.clock, sleep: time.sleep },
    signal: stop.signal,
    onEvent: event => {
      if (event.kind !== 'wrote') events.push(event);
    },
    ...input,
  });
  return { pace, time, events, stop };
}

const busyUntil =
  (second: number, busy: Partial<Load>) =>
  (now: number): Load =>
    now < second ? { ...IDLE, ...busy } : IDLE;

describe('a write goes at once', () => {
  test('where there is no server to ask', async () => {
    const { pace, time, events } = opened(null);
    expect(await pace.ready()).toEqual({ go: true });
    expect([time.clock.nowMs(), events]).toEqual([NOON, []]);
  });

  test('while the server has time', async () => {
    const { pace, time } = opened(() => ({ ...IDLE, threadsRunning: 25 }));
    expect(await pace.ready()).toEqual({ go: true });
    expect(time.clock.nowMs()).toBe(NOON);
  });

  test('and the server is asked once a poll, however many writes there are', async () => {
    let asked = 0;
    const { pace, time } = opened(() => {
      asked += 1;
      return IDLE;
    });
    for (let write = 0; write < 1000; write += 1) {
      await pace.ready();
      time.pass(10);
    }
    expect(asked).toBe(10);
  });

  test('without waiting for the answer, once there is a fresh one', async () => {
    let answer: (load: Load) => void = () => undefined;
    let asked = 0;
    const { pace, time } = opened(() => {
      asked += 1;
      return asked === 1
        ? IDLE
        : new Promise<Load>(resolve => {
            answer = resolve;
          });
    });
    await pace.ready();
    time.pass(1500);
    expect(await pace.ready()).toEqual({ go: true });
    expect([asked, time.clock.nowMs()]).toEqual([2, NOON + 1500]);
    answer(IDLE);
    await pace.close();
  });
});

describe('a write waits', () => {
  test.each<[string, Partial<Load>, Partial<PaceRules>, string]>([
    ['threads-running', { threadsRunning: 26 }, {}, 'Threads_running is 26, above 25'],
    ['replica-lag', { replicaLagSeconds: 11, replica: 'replica R1' }, {}, 'replica R1 lags 11 s, above 10'],
    [
      'replica-lag',
      { replicaLagSeconds: Number.POSITIVE_INFINITY, replica: 'the replication of replica R1 is stopped' },
      {
        stopAbove: { ...DEFAULT_PACE.stopAbove, replicaLagSeconds: 600 },
      },
      'the replication of replica R1 is stopped',
    ],
    [
      'query',
      { query: 31_415 },
      { pauseAbove: { ...DEFAULT_PACE.pauseAbove, query: { sql: 'SELECT 1', above: 5 } } },
      "the job's query gives more than 5",
    ],
  ])('for %s, and says why', async (why, busy, rules, reason) => {
    const { pace, time, events } = opened(busyUntil(3.5, busy), rules);
    expect(await pace.ready()).toEqual({ go: true });
    expect(time.clock.nowMs()).toBe(NOON + 4000);
    expect(events).toEqual([
      { kind: 'throttled', store: 'telecom', why, reason, sinceMs: NOON },
      { kind: 'going-on', store: 'telecom', why, pausedMs: 4000 },
    ]);
  });

  test('for as long as nothing can be told, and says what the matter is without what the server said', async () => {
    const failure = Object.assign(new Error("Duplicate entry '+44 20 7946 0018'"), { code: 'ECONNREFUSED' });
    const { pace, time, events } = opened(now => {
      if (now < 2) throw failure;
      return IDLE;
    });
    expect(await pace.ready()).toEqual({ go: true });
    expect(time.clock.nowMs()).toBe(NOON + 2000);
    expect(events[0]).toMatchObject({
      why: 'unanswered',
      reason: 'how busy the server is cannot be told: ECONNREFUSED',
    });
  });

  test('for a server that hangs, which is not asked again before it answers', async () => {
    let asked = 0;
    let answer: (load: Load) => void = () => undefined;
    const { pace, time, events } = opened(() => {
      asked += 1;
      return new Promise<Load>(resolve => {
        answer = resolve;
      });
    });
    const ready = pace.ready();
    while (time.clock.nowMs() < NOON + 30_000) await new Promise(resolve => setImmediate(resolve));
    expect(asked).toBe(1);
    expect(events).toMatchObject([{ reason: 'how busy the server is cannot be told: no answer for 5 s' }]);
    answer(IDLE);
    expect(await ready).toEqual({ go: true });
  });

  test('when the last answer is too old to be one', async () => {
    let threadsRunning = 2;
    const { pace, time, events } = opened(() => ({ ...IDLE, threadsRunning }));
    await pace.ready();
    threadsRunning = 100;
    time.pass(3_600_000);
    setTimeout(() => {
      threadsRunning = 2;
    }, 50);
    await pace.ready();
    expect(events).toMatchObject([{ kind: 'throttled', sinceMs: NOON + 3_600_000 }, { kind: 'going-on' }]);
  });

  test('for one reason after another, each told once, with the time that it took', async () => {
    const { pace, events } = opened(now => {
      if (now < 2) return { ...IDLE, threadsRunning: 40 };
      if (now < 4) return { ...IDLE, threadsRunning: 50 };
      return now < 7 ? { ...IDLE, replicaLagSeconds: 60, replica: 'replica R1' } : IDLE;
    });
    await pace.ready();
    expect(events.map(event => [event.kind, 'why' in event ? event.why : ''])).toEqual([
      ['throttled', 'threads-running'],
      ['throttled', 'threads-running'],
      ['going-on', 'threads-running'],
      ['throttled', 'replica-lag'],
      ['going-on', 'replica-lag'],
    ]);
    expect(events.flatMap(event => (event.kind === 'going-on' ? event.pausedMs : []))).toEqual([4000, 3000]);
  });

  test('on every connection, and is told of once', async () => {
    const { pace, events } = opened(busyUntil(3, { threadsRunning: 99 }));
    const all = await Promise.all([pace, pace.beside(), pace.beside()].map(one => one.ready()));
    expect(all).toEqual([{ go: true }, { go: true }, { go: true }]);
    expect(events.map(event => event.kind)).toEqual(['throttled', 'going-on']);
  });

  test('as long as it is told to pause, whatever the load is: even a critical one ends nothing then', async () => {
    let asked = 0;
    const { pace, time, events } = opened(
      now => {
        asked += 1;
        return busyUntil(3, { threadsRunning: 1000 })(now);
      },
      { stopAbove: { ...DEFAULT_PACE.stopAbove, threadsRunning: 500 } },
      {
        pauses: {
          current: async () =>
            time.clock.nowMs() < NOON + 5000
              ? { by: 'ops', atMs: NOON - 1000, reason: 'Black Friday' }
              : null,
        },
      },
    );
    expect(await pace.ready()).toEqual({ go: true });
    expect(asked).toBe(1);
    expect(events).toEqual([
      {
        kind: 'throttled',
        store: 'telecom',
        why: 'told',
        reason: 'paused by ops at 2026-11-22T11:59:59.000Z: Black Friday',
        sinceMs: NOON,
      },
      { kind: 'going-on', store: 'telecom', why: 'told', pausedMs: 5000 },
    ]);
  });
});

describe('the run ends', () => {
  test.each<[string, Partial<Load>, Partial<PaceRules['stopAbove']>, string]>([
    ['threads', { threadsRunning: 101 }, { threadsRunning: 100 }, 'Threads_running is 101, above 100'],
    [
      'lag',
      { replicaLagSeconds: 700, replica: 'replica R1' },
      { replicaLagSeconds: 600 },
      'replica R1 lags 700 s',
    ],
    ['a query', { query: 9 }, { query: { sql: 'SELECT 9', above: 8 } }, "the job's query gives more than 8"],
  ])(
    'above the critical threshold of %s, at once and while it is paused',
    async (_, busy, stopAbove, reason) => {
      const rules = { stopAbove: { ...DEFAULT_PACE.stopAbove, ...stopAbove } };
      const atOnce = await opened(busyUntil(1, busy), rules)
        .pace.ready()
        .catch(error => error);
      expect(atOnce).toMatchObject({
        code: 'load-critical',
        exitCode: 4,
        message: expect.stringContaining(reason),
      });
      const later = opened(now => (now < 3 ? { ...IDLE, threadsRunning: 26 } : { ...IDLE, ...busy }), rules);
      await expect(later.pace.ready()).rejects.toMatchObject({ code: 'load-critical' });
      expect(later.events.map(event => event.kind)).toEqual(['throttled', 'going-on']);
    },
  );

  test('when it is asked to stop: before a write, while it rests, and while it is paused', async () => {
    const before = opened(null);
    before.stop.abort();
    expect(await before.pace.ready()).toEqual({ go: false, reason: 'it was asked to stop' });
    const paused = opened(busyUntil(1e6, { threadsRunning: 99 }));
    const ready = paused.pace.ready();
    setTimeout(() => {
      paused.stop.abort();
    }, 50);
    expect(await ready).toEqual({ go: false, reason: 'it was asked to stop' });
    expect(paused.events.at(-1)?.kind).toBe('going-on');
  });

  const evening = readWindow('22:00-05:00');
  const windows = 'window' in evening ? [evening.window] : [];
  test('outside its windows, before the first write', async () => {
    const { pace } = opened(null, { windows });
    expect(await pace.ready()).toEqual({ go: false, reason: 'it may write at 22:00-05:00 (UTC) only' });
  });

  test('when its window closes, between two writes and while it is paused', async () => {
    const { pace, time } = opened(null, { windows });
    time.pass(Date.parse('2026-11-23T04:59:59Z') - NOON);
    expect(await pace.ready()).toEqual({ go: true });
    time.pass(1000);
    expect(await pace.ready()).toEqual({ go: false, reason: 'it may write at 22:00-05:00 (UTC) only' });
    const paused = opened(busyUntil(1e6, { threadsRunning: 99 }), { windows });
    paused.time.pass(Date.parse('2026-11-23T04:59:00Z') - NOON);
    expect(await paused.pace.ready()).toMatchObject({ go: false });
    expect(paused.time.clock.nowMs()).toBe(Date.parse('2026-11-23T05:00:00Z'));
  });

  test('when its plan expires while it is paused, and not while it is not', async () => {
    const expiresAtMs = NOON + 10_000;
    const paused = opened(busyUntil(1e6, { threadsRunning: 99 }), {}, { expiresAtMs });
    expect(await paused.pace.ready()).toEqual({ go: false, reason: 'its plan expired while it was paused' });
    const working = opened(null, {}, { expiresAtMs });
    working.time.pass(20_000);
    expect(await working.pace.ready()).toEqual({ go: true });
  });

  test('by an error, before the first write, when what is to be watched cannot be; later it pauses', async () => {
    const mistake = new RetentionError(
      'configuration-invalid',
      'R1 is a server that replicates nothing',
      'Mend it',
    );
    const first = opened(() => {
      throw mistake;
    });
    await expect(first.pace.ready()).rejects.toBe(mistake);
    const later = opened(now => {
      if (now >= 1 && now < 3) throw mistake;
      return IDLE;
    });
    await later.pace.ready();
    later.time.pass(1000);
    await later.pace.ready();
    later.time.pass(1);
    expect(await later.pace.ready()).toEqual({ go: true });
    expect(later.events).toMatchObject([
      {
        why: 'unanswered',
        reason: 'how busy the server is cannot be told: R1 is a server that replicates nothing',
      },
      { kind: 'going-on' },
    ]);
  });
});

test('it rests as long as it wrote, times the ratio; each connection for itself', async () => {
  const { pace, time } = opened(null, { niceRatio: 3 });
  const other = pace.beside();
  pace.wrote(50, 4);
  await other.rest();
  expect(time.clock.nowMs()).toBe(NOON);
  await pace.rest();
  expect(time.clock.nowMs()).toBe(NOON + 12);
});

test('its connections learn the size of writes together', () => {
  const { pace } = opened(null, { writeMs: 5 });
  const other = pace.beside();
  expect(pace.writeKeys()).toBe(50);
  pace.wrote(50, 1);
  other.wrote(100, 1);
  expect([pace.writeKeys(), other.writeKeys()]).toEqual([200, 200]);
});
