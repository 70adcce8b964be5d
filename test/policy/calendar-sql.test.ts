// The same forty years against the database's own interval arithmetic, which knows dates and no zones: the local date
// on which a period is over is DATE_ADD of the period, and a day. Where months are clamped both clamp alike.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expiry } from '../../src/policy/expiry.ts';
import { type FreshMysql, freshMysql } from '../support/databases.ts';
import { stated } from './temporal-calendar.ts';

let database: FreshMysql;

beforeAll(async () => {
  database = await freshMysql();
});

afterAll(async () => {
  await database.drop();
});

const HOUR_MS = 3_600_000;
const digits =
  '(SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)';

describe.each([
  ['P30D', 'INTERVAL 30 DAY'],
  ['P90D', 'INTERVAL 90 DAY'],
  ['P1M', 'INTERVAL 1 MONTH'],
  ['P18M', 'INTERVAL 18 MONTH'],
  ['P24M', 'INTERVAL 24 MONTH'],
  ['P2Y', 'INTERVAL 2 YEAR'],
  ['P7Y', 'INTERVAL 7 YEAR'],
  ['P6W', 'INTERVAL 6 WEEK'],
])('%s and %s', (iso, interval) => {
  test('end on the same day, for every day of forty years', async () => {
    const [rows] = (await database.knex.raw(
      `SELECT DATE_FORMAT(d, '%Y-%m-%d') AS began,
              DATE_FORMAT(DATE_ADD(DATE_ADD(d, ${interval}), INTERVAL 1 DAY), '%Y-%m-%d') AS ended
         FROM (SELECT DATE_ADD('1995-01-01', INTERVAL a.n + 10 * b.n + 100 * c.n + 1000 * e.n + 10000 * f.n DAY) d
                 FROM ${digits} a, ${digits} b, ${digits} c, ${digits} e, (SELECT 0 n UNION SELECT 1) f) days
        WHERE d < '2035-01-01'`,
    )) as [{ began: string; ended: string }[]];
    expect(rows).toHaveLength(14_610);
    const period = stated(iso);
    const wrong = rows.filter(({ began, ended }, index) => {
      const startMs = Date.parse(`${began}T00:00:00Z`) + (index % 24) * HOUR_MS + 1;
      return expiry(startMs, period, 'UTC') !== Date.parse(`${ended}T00:00:00Z`);
    });
    expect(wrong).toEqual([]);
  });
});

test('in a zone: the local date of the end is the database date', async () => {
  const [rows] = (await database.knex.raw(
    `SELECT DATE_FORMAT(d, '%Y-%m-%d') AS began,
            DATE_FORMAT(DATE_ADD(DATE_ADD(d, INTERVAL 24 MONTH), INTERVAL 1 DAY), '%Y-%m-%d') AS ended
       FROM (SELECT DATE_ADD('2019-01-01', INTERVAL a.n + 10 * b.n + 100 * c.n DAY) d
               FROM ${digits} a, ${digits} b, ${digits} c) days`,
  )) as [{ began: string; ended: string }[]];
  const local = new Intl.DateTimeFormat('en-CA', { timeZone: 'Pacific/Auckland', dateStyle: 'short' });
  const wrong = rows.filter(({ began, ended }) => {
    // Noon of that day in Auckland, with or without summer time.
    const endMs = expiry(Date.parse(`${began}T00:00:00Z`), stated('P24M'), 'Pacific/Auckland');
    return local.format(endMs) !== ended || local.format(endMs - 1) === ended;
  });
  expect(rows).toHaveLength(1000);
  expect(wrong).toEqual([]);
});
