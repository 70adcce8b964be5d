// Waits until a server has nothing left to do: a delete only marks rows, and InnoDB's purge takes them out later. A run
// that is measured before then has left half of its work to whoever comes next.
import { setTimeout as wait } from 'node:timers/promises';
import type { BenchServer } from './bench-server.ts';

const LOOK_EVERY_MS = 50;
// Purge looks for work about once a second.
const QUIET_MS = 1300;
// The list does not always go back to its very last entry: no page touched for this long is rest as well.
const SURELY_QUIET_MS = 4000;
/** Pages that an idle server touches between two looks. */
const IDLE_PAGES = 20;
const PATIENCE_MS = 900_000;

interface Activity {
  /** Transactions whose old row versions are still there. */
  readonly history: number;
  /** Pages that were asked for, ever: purge asks for them, an idle server does not. */
  readonly pages: number;
}

/** The length of the history list of a server at rest; waits for it. */
export async function atRest(server: BenchServer): Promise<number> {
  await quietSince(server, 0);
  return (await activityOf(server)).history;
}

/** When the server last did something, in `performance.now()`, never before `sinceMs`; waits until it is known. */
export async function settledAt(server: BenchServer, restingHistory: number): Promise<number> {
  return quietSince(server, restingHistory);
}

async function quietSince(server: BenchServer, restingHistory: number): Promise<number> {
  const startedMs = performance.now();
  let busyMs = startedMs;
  let last = await activityOf(server);
  for (;;) {
    await wait(LOOK_EVERY_MS);
    const now = await activityOf(server);
    const nowMs = performance.now();
    if (now.pages - last.pages > IDLE_PAGES || now.history < last.history) busyMs = nowMs;
    last = now;
    const quietMs = nowMs - busyMs;
    if (quietMs >= (now.history <= restingHistory ? QUIET_MS : SURELY_QUIET_MS)) return busyMs;
    if (nowMs - startedMs > PATIENCE_MS)
      throw new Error(`the server has not settled: history list length ${now.history}`);
  }
}

async function activityOf(server: BenchServer): Promise<Activity> {
  const rows = await server.query(
    "SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_history_list_length', 'Innodb_buffer_pool_read_requests')",
  );
  const value = (name: string): number => Number(rows.find(row => row.Variable_name === name)?.Value ?? 0);
  return { history: value('Innodb_history_list_length'), pages: value('Innodb_buffer_pool_read_requests') };
}
