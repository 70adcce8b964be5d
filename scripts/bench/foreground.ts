// The others on the database, as a process of its own: 300 times a second two look-ups by index, a point read and an
// insert on the purged table. Events start when they are due whatever became of those before, and each counts from then.
//   tsx scripts/bench/foreground.ts '{"url": ..., "out": FILE, ...}'   says "ready" once it has begun; SIGTERM ends it
import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import mysql, { type Connection } from 'mysql2/promise';
import type { ForegroundInput, ForegroundSamples } from './foreground-load.ts';
import { ACCOUNTS, FOREGROUND_ACCOUNT, TABLE } from './layout.ts';

const CONNECTIONS = 8;
const WARM_EVENTS = 300;

const input = JSON.parse(process.argv[2] ?? '{}') as ForegroundInput;
const connections = await Promise.all(
  [...Array(CONNECTIONS).keys()].map(() => mysql.createConnection({ uri: input.url, dateStrings: true })),
);
const free = [...connections];
const waiting: ((connection: Connection) => void)[] = [];
const samples: (readonly [atMs: number, latencyMs: number])[] = [];
const underWay = new Set<Promise<void>>();
let drawn = 1;

/** The same events each time (a linear congruential generator, the constants of Numerical Recipes). */
function draw(below: number): number {
  drawn = (Math.imul(drawn, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((drawn / 2 ** 32) * below);
}

async function event(): Promise<void> {
  const connection = free.pop() ?? (await new Promise<Connection>(resolve => waiting.push(resolve)));
  try {
    await connection.execute(
      `SELECT id, started_at, duration FROM ${TABLE} WHERE account_id = ? ORDER BY started_at DESC LIMIT 10`,
      [draw(ACCOUNTS)],
    );
    await connection.execute(
      `SELECT id, account_id FROM ${TABLE} WHERE recorded_at >= ? + INTERVAL ? MINUTE ORDER BY recorded_at LIMIT 10`,
      [input.pivot, draw(1_000_000)],
    );
    await connection.execute(`SELECT * FROM ${TABLE} WHERE id = ?`, [
      Math.floor(input.rows / 3) + draw(Math.floor((input.rows * 2) / 3)),
    ]);
    await connection.execute(
      `INSERT INTO ${TABLE} (recorded_at, account_id, started_at, src, dst, duration, disposition, channel, uniqueid)
       VALUES (UTC_TIMESTAMP(), ?, UTC_TIMESTAMP(), '+442079460000', '+442079460001', 5, 'ANSWERED', 'PJSIP/bench', 'bench')`,
      [FOREGROUND_ACCOUNT + draw(ACCOUNTS)],
    );
  } finally {
    const next = waiting.shift();
    if (next === undefined) free.push(connection);
    else next(connection);
  }
}

function begin(atMs: number): void {
  const one: Promise<void> = event().then(() => {
    underWay.delete(one);
    samples.push([atMs, nowMs() - atMs]);
  });
  // A foreground that fails is no foreground: the process ends, and the benchmark says so.
  one.catch(error => {
    process.stderr.write(`${error}\n`);
    process.exit(1);
  });
  underWay.add(one);
}

/** The same clock in every thread and, near enough, in every process of this machine. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

// Timers fire up to a millisecond late, as long as an event takes: a thread that sleeps to the microsecond ticks.
const ticker = `
  const { parentPort, workerData } = require('node:worker_threads');
  const cell = new Int32Array(new SharedArrayBuffer(4));
  for (let index = 0; ; index += 1) {
    const atMs = workerData.startMs + (index * 1000) / workerData.perSecond;
    const leftMs = atMs - performance.timeOrigin - performance.now();
    if (leftMs > 0) Atomics.wait(cell, 0, 0, leftMs);
    parentPort.postMessage(atMs);
  }`;

for (let index = 0; index < WARM_EVENTS; index += 1) await event();
const worker = new Worker(ticker, {
  eval: true,
  workerData: { startMs: nowMs() + 200, perSecond: input.perSecond },
});
let ended = false;
worker.on('message', (atMs: number) => {
  if (!ended) begin(atMs);
});
process.stdout.write('ready\n');
process.once('SIGTERM', async () => {
  ended = true;
  await Promise.all(underWay);
  const result: ForegroundSamples = { samples };
  writeFileSync(input.out, JSON.stringify(result));
  process.exit(0);
});
