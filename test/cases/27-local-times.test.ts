// Trap 27: wall times without a zone (Asterisk calldate, Kamailio acc.time, every DATETIME), and days (Kill Bill DATE). The
// zone is declared, and reckoned with in the process: a fresh server's CONVERT_TZ knows no zones. An hour that comes twice
// is read as the later one, and one that never was as the moment the clocks jumped.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mysqlFixture, type SqlFixture } from '../support/sql-fixture.ts';
import { expectOnlyDueGo, type TrapRow } from '../support/trap-table.ts';

let fixture: SqlFixture;

beforeAll(async () => {
  fixture = await mysqlFixture();
});
afterAll(() => fixture.drop());

const row = (at: string, goes: boolean): TrapRow => ({ is: at, goes, row: { at } });
const london = { event: 'recorded', column: 'at', unit: 'datetime', zone: 'Europe/London' } as const;

async function table(type: string): Promise<void> {
  await fixture.knex.raw(
    `CREATE OR REPLACE TABLE calls (id INT AUTO_INCREMENT PRIMARY KEY, at ${type}, label VARCHAR(60), KEY (at))`,
  );
}

test('the server knows no zones, and none are needed', async () => {
  const [[zones]] = await fixture.knex.raw("SELECT CONVERT_TZ('2026-01-01', 'Europe/London', 'UTC') AS at");
  expect(zones.at).toBeNull();
});

test('in summer a day of UTC ends at one in the morning of London', async () => {
  await table('DATETIME');
  await expectOnlyDueGo(fixture, {
    table: 'calls',
    dataset: { key: ['id'], start: london },
    cutoff: '2025-07-01',
    rows: [
      row('2025-07-01 00:59:59', true),
      row('2025-07-01 01:00:00', false),
      row('2025-06-30 12:00:00', true),
    ],
  });
});

test('a day of the same zone ends at its midnight, in summer and in winter', async () => {
  for (const cutoff of ['2025-07-01', '2025-12-01']) {
    await table('DATETIME');
    await expectOnlyDueGo(fixture, {
      table: 'calls',
      dataset: { key: ['id'], start: london },
      cutoff,
      policy: { zone: 'Europe/London' },
      rows: [
        row(`${cutoff} 00:00:00`, false),
        row(`${cutoff.slice(0, 8)}02 00:00:00`, false),
        row('2025-05-31 23:59:59', true),
      ],
    });
  }
});

// Days of Cape Verde end at 01:00 UTC, the very moment at which London's clocks change.
const capeVerde = { zone: 'Atlantic/Cape_Verde' };

test('the hour that comes twice, when the clocks go back', async () => {
  await table('DATETIME');
  await expectOnlyDueGo(fixture, {
    table: 'calls',
    dataset: { key: ['id'], start: london },
    cutoff: '2025-10-26',
    policy: capeVerde,
    rows: [
      row('2025-10-26 00:59:59', true),
      row('2025-10-26 01:00:00', false),
      row('2025-10-26 01:30:00', false),
      row('2025-10-26 01:59:59', false),
      row('2025-10-26 02:00:00', false),
      row('2025-10-25 23:00:00', true),
    ],
  });
});

test('the hour that never was, when the clocks go forward', async () => {
  await table('DATETIME');
  await expectOnlyDueGo(fixture, {
    table: 'calls',
    dataset: { key: ['id'], start: london },
    cutoff: '2026-03-29',
    policy: capeVerde,
    rows: [
      row('2026-03-29 00:59:59', true),
      row('2026-03-29 01:30:00', false),
      row('2026-03-29 02:00:00', false),
      row('2026-03-28 12:00:00', true),
    ],
  });
});

test('a TIMESTAMP is an instant, whatever zone the server lives in', async () => {
  await table('TIMESTAMP NULL');
  await expectOnlyDueGo(fixture, {
    table: 'calls',
    dataset: { key: ['id'], start: { event: 'recorded', column: 'at', unit: 'timestamp' } },
    cutoff: '2025-07-01',
    rows: ['2025-06-30 23:59:59', '2025-07-01 00:00:00'].map((at, index) => ({
      is: at,
      goes: index === 0,
      row: { at: fixture.knex.raw('FROM_UNIXTIME(?)', [Date.parse(`${at.replace(' ', 'T')}Z`) / 1000]) },
    })),
  });
});

test('a day is over when it has ended in its zone', async () => {
  await table('DATE');
  await expectOnlyDueGo(fixture, {
    table: 'calls',
    dataset: { key: ['id'], start: { ...london, unit: 'date' } },
    cutoff: '2025-12-01',
    policy: { zone: 'Europe/London' },
    rows: [
      row('2025-11-29', true),
      row('2025-11-30', true),
      row('2025-12-01', false),
      row('2025-12-02', false),
    ],
  });
});
