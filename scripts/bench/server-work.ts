// What a server did between two moments, from its own counters, less what asking for them counts itself.
import type { BenchServer } from './bench-server.ts';
import type { ServerWork } from './result.ts';

const ROW_READS = ['first', 'key', 'last', 'next', 'prev', 'rnd', 'rnd_next'].map(
  name => `handler_read_${name}`,
);
const NAMES = [
  ...ROW_READS,
  // Rows that an index condition turned away inside the engine are in no handler counter: they were read all the same.
  'handler_icp_attempts',
  'handler_icp_match',
  'handler_delete',
  'questions',
  'binlog_bytes_written',
  'innodb_os_log_written',
] as const;

type Counters = Readonly<Record<string, number>>;

/** Begins to count; the function that it gives says what was done since. */
export async function watchServer(server: BenchServer): Promise<() => Promise<ServerWork>> {
  const first = await readCounters(server);
  const before = await readCounters(server);
  return async () => {
    const after = await readCounters(server);
    const did = (name: string): number =>
      (after[name] ?? 0) - (before[name] ?? 0) - ((before[name] ?? 0) - (first[name] ?? 0));
    return {
      rowsRead:
        ROW_READS.reduce((sum, name) => sum + did(name), 0) +
        did('handler_icp_attempts') -
        did('handler_icp_match'),
      rowsDeleted: did('handler_delete'),
      statements: did('questions'),
      binlogBytes: did('binlog_bytes_written'),
      redoBytes: did('innodb_os_log_written'),
    };
  };
}

/** Rows deleted so far, for watching a run go on. */
export async function rowsDeleted(server: BenchServer): Promise<number> {
  const [row] = await server.query("SHOW GLOBAL STATUS LIKE 'Handler_delete'");
  return Number(row?.Value ?? 0);
}

async function readCounters(server: BenchServer): Promise<Counters> {
  const rows = await server.query('SHOW GLOBAL STATUS');
  const all = rows.map(row => [String(row.Variable_name).toLowerCase(), Number(row.Value)] as const);
  return Object.fromEntries(all.filter(([name]) => (NAMES as readonly string[]).includes(name)));
}
