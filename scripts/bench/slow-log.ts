// How long a server worked on the product's statements, from its own slow log with a threshold of nothing.
import { readFileSync } from 'node:fs';
import type { BenchServer } from './bench-server.ts';

export interface LoggedTime {
  readonly statements: number;
  readonly totalMs: number;
  readonly slowestMs: number;
}

/** Sessions opened from now on are logged to `file`; the function that it gives ends that and adds up the product's. */
export async function slowLog(server: BenchServer, file: string): Promise<() => Promise<LoggedTime>> {
  await server.query(`SET GLOBAL slow_query_log_file = '${file}'`);
  // Without this only what the server thinks badly of would be logged.
  await server.query("SET GLOBAL log_slow_filter = ''");
  await server.query('SET GLOBAL long_query_time = 0');
  await server.query('SET GLOBAL slow_query_log = ON');
  return async () => {
    await server.query('SET GLOBAL slow_query_log = OFF');
    await server.query('SET GLOBAL long_query_time = DEFAULT');
    return timesIn(readFileSync(file, 'utf8'));
  };
}

function timesIn(log: string): LoggedTime {
  const times = log
    .split(/^# User@Host: /m)
    .filter(entry => entry.startsWith('retention_'))
    .map(entry => 1000 * Number(/^# Query_time: ([\d.]+)/m.exec(entry)?.[1] ?? Number.NaN));
  if (times.length === 0 || times.some(Number.isNaN))
    throw new Error(`the slow log has nothing of the product, or cannot be read:\n${log.slice(0, 1000)}`);
  return {
    statements: times.length,
    totalMs: times.reduce((sum, ms) => sum + ms, 0),
    slowestMs: Math.max(...times),
  };
}
