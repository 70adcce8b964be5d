// Whether a run did the right thing, by SQL of the harness's own: what was due is gone, and every other row is the same
// to the last byte. A benchmark of a program that deletes the wrong rows measures nothing.
import type { BenchServer } from './bench-server.ts';
import { FOREGROUND_ACCOUNT, TABLE } from './layout.ts';
import type { Cutoff } from './period.ts';

/** What a table holds, seen from one cutoff; rows of the foreground load do not count. */
export interface Contents {
  readonly due: number;
  /** Number and checksums of the rows that are not due: any change to any of them changes it. */
  readonly rest: string;
}

export class WrongRun extends Error {}

export async function contentsOf(server: Pick<BenchServer, 'query'>, cutoff: Cutoff): Promise<Contents> {
  const columns = await server.query(`SHOW COLUMNS FROM ${TABLE}`);
  const row = `CONCAT_WS('|', ${columns.map(column => `\`${column.Field}\``).join(', ')})`;
  const isDue = `recorded_at < '${cutoff.before}'`;
  const [found] = await server.query(
    `SELECT COALESCE(SUM(${isDue}), 0) AS due, CONCAT_WS(' ', SUM(NOT ${isDue}),
       SUM(IF(${isDue}, 0, CRC32(${row}))), BIT_XOR(IF(${isDue}, 0, CRC32(REVERSE(${row}))))) AS rest
     FROM ${TABLE} WHERE account_id < ${FOREGROUND_ACCOUNT}`,
  );
  return { due: Number(found?.due ?? 0), rest: String(found?.rest) };
}

/**
 * Compares a table with what it held before; gives the rows that are gone. `unfinished` allows due rows to be left,
 * and nothing else. Throws `WrongRun` with what is wrong.
 */
export async function checkRows(
  server: Pick<BenchServer, 'query'>,
  cutoff: Cutoff,
  before: Contents,
  unfinished = false,
): Promise<number> {
  const after = await contentsOf(server, cutoff);
  if (after.rest !== before.rest)
    throw new WrongRun(`rows that were not due changed: "${before.rest}" before, "${after.rest}" after`);
  if (after.due > 0 && !unfinished) throw new WrongRun(`${after.due} of ${before.due} due rows are left`);
  return before.due - after.due;
}
