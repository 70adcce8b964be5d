// Trap 4: starts ahead of now (Kill Bill effective_date, PBXs whose clock is wrong). None is due, by an instruction of no
// days either; two days ahead is skew and no finding, and beyond that the start is in doubt and told.
import { afterEach, test } from 'vitest';
import { type CaseRun, DAY_MS, expectFates, openCase, usualRows, wallUtc } from '../support/case-rows.ts';

let run: CaseRun;
afterEach(() => run.drop());

const HOUR_MS = DAY_MS / 24;

const units = {
  datetime: { type: 'DATETIME(3)', zone: 'UTC', write: wallUtc, last: '9999-12-31 23:59:59.999' },
  timestamp: { type: 'TIMESTAMP', zone: undefined, write: wallUtc, last: '2038-01-19 03:14:07' },
  'epoch-s': {
    type: 'INT UNSIGNED',
    zone: undefined,
    write: (ms: number) => Math.floor(ms / 1000),
    last: 4_294_967_295,
  },
  'epoch-ms': { type: 'BIGINT', zone: undefined, write: (ms: number) => ms, last: 8_640_000_000_000_000 },
} as const;

test.each(Object.keys(units) as (keyof typeof units)[])(
  '%s: what is ahead stays, and is told from two days on',
  async unit => {
    const { type, zone, write, last } = units[unit];
    run = await openCase({
      ddl: [
        `CREATE TABLE events (id INT PRIMARY KEY, effective_date ${type} NULL, account VARCHAR(20), KEY (effective_date))`,
      ],
      datasets: [
        {
          dataset: 'events',
          table: 'events',
          key: ['id'],
          class: 'call',
          customer: 'account',
          start: {
            ...{ event: 'recorded', column: 'effective_date', unit },
            ...(zone === undefined ? {} : { zone }),
          },
        },
      ],
    });
    const ahead = (what: string, fate: 'stays' | 'undated: in the future', effective_date: unknown) => ({
      what,
      fate,
      values: { effective_date, account: 'shorter-customer' },
    });
    const now = Date.now();
    await expectFates(run, 'events', [
      ...usualRows(ms => ({ effective_date: write(ms) }), 'account'),
      ahead('47 hours ahead', 'stays', write(now + 47 * HOUR_MS)),
      ahead('49 hours ahead', 'undated: in the future', write(now + 49 * HOUR_MS)),
      ahead('the last value that the column can hold', 'undated: in the future', last),
    ]);
  },
);
