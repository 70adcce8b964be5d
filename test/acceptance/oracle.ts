// What should go and what should stay, by SQL written for the check alone: the database's own interval arithmetic, and
// none of the product's code.
import type { Knex } from 'knex';
import { HELD, london, NINETY_DAYS, SEVEN_YEARS } from './telecom.ts';

/** For each dataset the condition, in SQL, of a row that must be disposed of. */
export function dueConditions(nowMs: number, nextRunMs: number): Readonly<Record<string, string>> {
  const today = `'${london(nowMs).slice(0, 10)}'`;
  const nextDay = `'${london(nextRunMs).slice(0, 10)}'`;
  const dated = (column: string): string => `${column} >= '1995-01-01'`;
  const atMost = (column: string, period: string): string =>
    `${dated(column)} AND DATE(${column}) + INTERVAL ${period} < ${nextDay}`;
  const closed = `status = 'closed' AND id <> ${HELD} AND ${dated('closed_at')} AND DATE(closed_at) + INTERVAL 24 MONTH < ${today}`;
  return {
    cdr: `accountcode <> '${HELD}' AND accountcode <> '${SEVEN_YEARS}' AND (${atMost('calldate', '2 YEAR')} OR (accountcode = '${NINETY_DAYS}' AND ${atMost('calldate', '90 DAY')}))`,
    recordings: `account_number <> '${HELD}' AND ${atMost('recorded_at', '30 DAY')}`,
    billing_records: `account_number <> '${HELD}' AND ${atMost('recorded_at', '2 YEAR')}`,
    correspondence: `account_id IN (SELECT id FROM accounts WHERE ${closed})`,
    accounts: closed,
    invoices: `account_number <> '${HELD}' AND ${dated('issued_on')} AND issued_on + INTERVAL 7 YEAR < ${today}`,
  };
}

/** How many rows a condition fits. */
export async function countWhere(database: Knex, table: string, condition: string): Promise<number> {
  const [[row]] = await database.raw(`SELECT COUNT(*) AS n FROM ${table} WHERE ${condition}`);
  return Number(row.n);
}

/** A checksum over every column of the rows that fit a condition; any change to any of them changes it. */
export async function checksum(database: Knex, table: string, condition: string): Promise<string> {
  const [columns] = await database.raw(`SHOW COLUMNS FROM ${table}`);
  const all = columns.map((column: { Field: string }) => `COALESCE(HEX(${column.Field}), 'null')`).join(', ');
  const row = `SHA2(CONCAT_WS('|', ${all}), 256)`;
  const [[sum]] = await database.raw(
    `SELECT COUNT(*) AS n, BIT_XOR(CAST(CONV(LEFT(${row}, 15), 16, 10) AS UNSIGNED)) AS a, SUM(CAST(CONV(RIGHT(${row}, 12), 16, 10) AS UNSIGNED)) AS b FROM ${table} WHERE ${condition}`,
  );
  return `${sum.n} ${sum.a} ${sum.b}`;
}
