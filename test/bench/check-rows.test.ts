// The benchmark's own check of a run: every way to be wrong is found.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Contents, checkRows, contentsOf, WrongRun } from '../../scripts/bench/check-rows.ts';
import { FOREGROUND_ACCOUNT } from '../../scripts/bench/layout.ts';
import { calendarAt, twoYears, upTo } from '../../scripts/bench/period.ts';
import { type FreshMysql, freshMysql } from '../support/databases.ts';

const cutoff = { period: 'P2Y', before: '2024-03-01' };
let mysql: FreshMysql;
let before: Contents;
const server = {
  query: async (sql: string) => {
    const [rows] = await mysql.knex.raw(sql);
    return rows;
  },
};

beforeAll(async () => {
  mysql = await freshMysql();
  await mysql.knex.schema.createTable('cdr', table => {
    table.bigIncrements('id');
    table.dateTime('recorded_at').notNullable();
    table.bigInteger('account_id').unsigned().notNullable();
    table.string('src', 24).notNullable();
  });
});

beforeEach(async () => {
  await mysql.knex('cdr').truncate();
  const rows = ['2024-02-29 23:59:59', '2022-01-01', '2024-03-01', '2025-01-01', '2026-01-01'];
  await mysql
    .knex('cdr')
    .insert(rows.map((recorded_at, index) => ({ recorded_at, account_id: index, src: `+4420${index}` })));
  before = await contentsOf(server, cutoff);
});

afterAll(() => mysql?.drop());

test('right: what was due is gone, and rows of the foreground do not matter', async () => {
  await mysql.knex.raw("DELETE FROM cdr WHERE recorded_at < '2024-03-01'");
  await mysql.knex('cdr').insert({ recorded_at: '2026-02-01', account_id: FOREGROUND_ACCOUNT, src: 'x' });
  expect(await checkRows(server, cutoff, before)).toBe(2);
});

test('wrong: a due row is left', async () => {
  await mysql.knex.raw("DELETE FROM cdr WHERE recorded_at < '2024-01-01'");
  await expect(checkRows(server, cutoff, before)).rejects.toThrow('1 of 2 due rows are left');
  expect(await checkRows(server, cutoff, before, true)).toBe(1);
});

test.each([
  ['a row too many is gone', "DELETE FROM cdr WHERE recorded_at < '2024-03-02'"],
  ['another row has changed', "UPDATE cdr SET src = '+44209' WHERE recorded_at = '2026-01-01'"],
  ['a row has come', "INSERT INTO cdr (recorded_at, account_id, src) VALUES ('2026-01-01', 1, 'x')"],
])('wrong: %s', async (_, statement) => {
  await mysql.knex.raw("DELETE FROM cdr WHERE recorded_at < '2024-03-01'");
  await mysql.knex.raw(statement);
  await expect(checkRows(server, cutoff, before)).rejects.toThrow(WrongRun);
  await expect(checkRows(server, cutoff, before, true)).rejects.toThrow(WrongRun);
});

test('the calendar stands still for most of a day, and its cutoffs are calendar days', () => {
  const calendar = calendarAt(Date.parse('2026-11-25T06:30:20Z'));
  expect(calendar).toEqual({ schedule: '30 5 * * *', day: '2026-11-26' });
  expect(twoYears(calendar)).toEqual({ period: 'P2Y', before: '2024-11-26' });
  expect(upTo('2024-11-26', calendar)).toEqual({ period: 'P730D', before: '2024-11-26' });
  // 28 February 2026 plus two years ends before the 29th: due.
  expect(twoYears({ schedule: '0 0 * * *', day: '2028-02-29' }).before).toBe('2026-03-01');
});
