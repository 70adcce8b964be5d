// Trap 27: local time without a zone (Kamailio acc.time, Asterisk calldate, every DATETIME), Kill Bill's DATE in the zone of
// the account, TIMESTAMP in the zone of the session, servers without zone tables. The hour that comes twice is read as the
// later one, the one that never was as the moment of the jump, and a DATE is due when all of its day is.
import { DateTime } from 'luxon';
import { afterEach, expect, test } from 'vitest';
import { policyOf } from '../ledger/sample-log.ts';
import {
  CALLS,
  type CaseRow,
  type CaseRun,
  DAY_MS,
  expectFates,
  openCase,
  usualRows,
} from '../support/case-rows.ts';

let run: CaseRun;
afterEach(() => run.drop());

const NOW = Date.now();

interface Local {
  readonly type: string;
  readonly unit: 'datetime' | 'date' | 'timestamp';
  readonly zone: string;
  readonly policy?: typeof CALLS;
}

async function open({ type, unit, zone, policy }: Local): Promise<void> {
  run = await openCase({
    ddl: [`CREATE TABLE acc (id INT PRIMARY KEY, time ${type}, account VARCHAR(20), KEY (time))`],
    datasets: [
      {
        dataset: 'acc',
        table: 'acc',
        key: ['id'],
        class: 'call',
        customer: 'account',
        start: {
          ...{ event: 'recorded', column: 'time', unit },
          ...(unit === 'timestamp' ? {} : { zone }),
        },
      },
    ],
    policies: [policy ?? { ...CALLS, zone }],
    nowMs: NOW,
  });
}

/** The last local day that is due by the next run: its 30 days end with the day before it. */
const lastDue = (zone: string): DateTime =>
  DateTime.fromMillis(NOW + DAY_MS, { zone })
    .startOf('day')
    .minus({ days: 31 });
const rows = (fate: 'goes' | 'stays', ...times: string[]): CaseRow[] =>
  times.map(time => ({ what: `${time}, which ${fate}`, fate, values: { time, account: 'plain' } }));
const wall = (at: DateTime): string => at.toFormat('yyyy-MM-dd HH:mm:ss');

const ZONES = [
  'Australia/Sydney',
  'Europe/London',
  'America/Los_Angeles',
  'Pacific/Kiritimati',
  'Asia/Kathmandu',
];

test.each(ZONES)('DATETIME in %s: the boundary is a local midnight', async zone => {
  await open({ type: 'DATETIME', unit: 'datetime', zone });
  const next = lastDue(zone).plus({ days: 1 });
  const write = (ms: number) => ({ time: wall(DateTime.fromMillis(ms, { zone })) });
  await expectFates(run, 'acc', [
    ...usualRows(write, 'account', next.toMillis()),
    ...rows('goes', wall(lastDue(zone)), wall(next.minus({ seconds: 1 }))),
    ...rows('stays', wall(next), wall(next.plus({ seconds: 1 }))),
  ]);
});

test.each(ZONES)('DATE in %s: due with its whole day and not before', async zone => {
  await open({ type: 'DATE', unit: 'date', zone });
  const day = (shift: number): string => lastDue(zone).plus({ days: shift }).toFormat('yyyy-MM-dd');
  await expectFates(run, 'acc', [
    ...rows('goes', day(-300), day(-1), day(0)),
    ...rows('stays', day(1), day(2), day(20)),
    { what: 'NULL', fate: 'undated: not there (NULL)', values: { time: null, account: 'plain' } },
    { what: 'zero', fate: 'undated: a zero date', values: { time: '0000-00-00', account: 'plain' } },
  ]);
});

/** A period of exact hours that ends at the next run for what started at an instant: the boundary lies where it is put. */
function until(iso: string): typeof CALLS {
  const ms = NOW + DAY_MS - Date.parse(iso);
  return { ...policyOf('call', 'PT1H', 'purge'), period: { kind: 'exact', iso: `PT${ms / 1000}S`, ms } };
}

const london = { type: 'DATETIME(3)', unit: 'datetime', zone: 'Europe/London' } as const;

test('the hour that comes twice, boundary in the first of the two: nothing of it is due yet', async () => {
  await open({ ...london, policy: until('2025-10-26T00:30:00Z') });
  await expectFates(run, 'acc', [
    ...rows('goes', '2025-10-25 23:59:59', '2025-10-26 00:59:59'),
    ...rows('stays', '2025-10-26 01:00:00', '2025-10-26 01:29:59', '2025-10-26 01:30:00'),
    ...rows('stays', '2025-10-26 01:59:59', '2025-10-26 02:00:00'),
  ]);
});

test('the hour that comes twice, boundary in the second: it is read as that one', async () => {
  await open({ ...london, policy: until('2025-10-26T01:30:00Z') });
  await expectFates(run, 'acc', [
    ...rows(
      'goes',
      '2025-10-26 00:59:59',
      '2025-10-26 01:00:00',
      '2025-10-26 01:29:59',
      '2025-10-26 01:30:00',
    ),
    ...rows('stays', '2025-10-26 01:30:01', '2025-10-26 01:59:59', '2025-10-26 02:00:00'),
  ]);
});

test('the hour that never was is the moment of the jump, one second either way', async () => {
  await open({ ...london, policy: until('2025-03-30T00:59:59Z') });
  await expectFates(run, 'acc', [
    ...rows('goes', '2025-03-30 00:59:59'),
    ...rows('stays', '2025-03-30 01:00:00', '2025-03-30 01:30:00', '2025-03-30 02:00:00'),
  ]);
  await run.drop();
  await open({ ...london, policy: until('2025-03-30T01:00:00Z') });
  await expectFates(run, 'acc', [
    ...rows(
      'goes',
      '2025-03-30 00:59:59',
      '2025-03-30 01:00:00',
      '2025-03-30 01:59:59',
      '2025-03-30 02:00:00',
    ),
    ...rows('stays', '2025-03-30 02:00:01'),
  ]);
});

test('TIMESTAMP is an instant, whatever zone the session of the writer was in', async () => {
  await open({ type: 'TIMESTAMP NULL', unit: 'timestamp', zone: 'UTC' });
  const cutoff = lastDue('UTC').plus({ days: 1 });
  const write = (at: DateTime, offset: string) => wall(at.setZone(`UTC${offset}`));
  await run.knex.transaction(async session => {
    let id = 0;
    for (const offset of ['+05:30', '-08:00', '+00:00']) {
      await session.raw('SET time_zone = ?', [offset]);
      for (const seconds of [-1, 0, 1]) {
        id += 1;
        await session('acc').insert({ id, time: write(cutoff.plus({ seconds }), offset), account: 'plain' });
      }
    }
    await session.raw("SET time_zone = '+00:00'");
  });
  const { plan, part } = await run.plan();
  expect(part.counts.due).toBe(3);
  await run.enforce(plan);
  expect(await run.knex('acc').orderBy('id').pluck('id')).toEqual([2, 3, 5, 6, 8, 9]);
});

test('the server needs no zone tables: it is never asked to convert', async () => {
  await open({ ...london, type: 'DATETIME' });
  const [[{ converted }]] = await run.knex.raw(
    "SELECT CONVERT_TZ('2025-07-01 12:00:00', 'Europe/London', 'UTC') AS converted",
  );
  // A fresh server: what relies on it compares with NULL, and finds nothing due for ever.
  expect(converted).toBeNull();
  const next = lastDue('Europe/London').plus({ days: 1 });
  await expectFates(run, 'acc', [
    ...rows('goes', wall(next.minus({ seconds: 1 }))),
    ...rows('stays', wall(next)),
  ]);
});
