// What a SIGKILL leaves behind when it comes between the intents of a partition and its drop, or between the drop and the
// outcomes: the next run tells the one from the other, and every record is in the evidence exactly once.
import { setTimeout as wait } from 'node:timers/promises';
import type { Knex } from 'knex';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type MysqlServer, startServer } from '../support/mysql-server.ts';
import { auditEvents, countKind, spyOn } from '../support/small-ledger.ts';
import { countOf, daysAgo, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import { BACKUP_LOCK } from '../support/sql-spelling.ts';
import { thisFamily, thisFlavour } from '../support/this-server.ts';
import { expectSettled, lapseLease, openIntents, plannedNightly, signalWhen } from './killing.ts';

const ROWS = 200;
let server: MysqlServer;
let telecom: SmallTelecom;
let ledger: Knex;

/** Of its own: MySQL bars drops for a whole server. */
beforeAll(async () => {
  server = await startServer(thisFlavour());
});

afterAll(() => server.stop());

/** Three partitions of calls that are due and one of others, and no other dataset. */
beforeEach(async () => {
  telecom = await smallTelecom({ kind: 'mysql', server });
  ledger = spyOn(telecom.ledger);
  const { database } = telecom;
  const bounds = [90, 60, 40].map(
    (days, index) => `PARTITION p${index + 1} VALUES LESS THAN ('${daysAgo(days).slice(0, 10)}')`,
  );
  await database.schema.dropTable('cdr');
  await database.raw(
    `CREATE TABLE cdr (id BIGINT NOT NULL, at DATETIME NOT NULL, account VARCHAR(20), PRIMARY KEY (id, at), KEY at (at))
     PARTITION BY RANGE COLUMNS (at) (${bounds.join(', ')}, PARTITION p4 VALUES LESS THAN (MAXVALUE))`,
  );
  const starts = [100, 70, 50, 5];
  await database.batchInsert(
    'cdr',
    [...Array(ROWS * starts.length).keys()].map(index => ({
      id: index,
      at: daysAgo(starts[Math.floor(index / ROWS)] ?? 0),
      account: String(1000 + (index % 10)),
    })),
    300,
  );
  telecom.map([
    {
      dataset: 'calls',
      table: 'cdr',
      key: ['id', 'at'],
      class: 'call-detail-record',
      customer: 'account',
      partitions: 'drop',
      start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
    },
  ]);
});

afterEach(async () => {
  await ledger.destroy();
  await telecom.drop();
});

async function expectPartitionsSettled(): Promise<void> {
  await expectSettled(telecom, ledger, 'calls', 3 * ROWS);
  expect(await countOf(telecom.database, 'cdr')).toBe(ROWS);
}

async function settledCounts(): Promise<(readonly [number, number])[]> {
  const events = (await auditEvents(ledger, 'done')).filter(event => event.settled);
  return events.map(event => [event.counts.spared, event.counts.purged] as const);
}

async function isDropping(): Promise<boolean> {
  const [rows] = await telecom.database.raw('SHOW PROCESSLIST');
  return rows.some((row: { Info: string | null }) => row.Info?.startsWith('alter table') === true);
}

/** A backup lets the table be locked and bars its drop, for the second that the drop waits. */
async function barringDrops<T>(use: (letGo: () => Promise<void>) => Promise<T>): Promise<T> {
  const backup = await telecom.database.client.acquireConnection();
  const ask = (sql: string) => telecom.database.raw(sql).connection(backup);
  const lock = BACKUP_LOCK[thisFamily()];
  try {
    await ask(lock.on('cdr'));
    return await use(async () => {
      await ask(lock.off);
    });
  } finally {
    await ask(lock.off);
    await telecom.database.client.releaseConnection(backup);
  }
}

test('a drop that is barred after its intents: its rows go one by one', async () => {
  const plan = await plannedNightly(telecom);
  const run = await barringDrops(() => telecom.cli('enforce', plan));
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toContain('a backup or another statement kept it from being dropped');
  await expectPartitionsSettled();
}, 60_000);

test('killed between the intents and the drop: nothing is gone, and the next run says so', async () => {
  const plan = await plannedNightly(telecom);
  await barringDrops(async () => {
    await signalWhen(telecom, ['enforce', plan], 'SIGKILL', async () => (await openIntents(ledger)) > 0);
    // The server waits for what nobody asks for any more.
    while (await isDropping()) await wait(50);
  });
  expect(await openIntents(ledger)).toBe(1);
  expect(await countOf(telecom.database, 'cdr')).toBe(4 * ROWS);
  await lapseLease(telecom);
  const resumed = await telecom.cli('enforce', plan);
  expect(resumed.code, resumed.stderr).toBe(4);
  expect(resumed.stdout).toContain(`interrupted ${ROWS}`);
  expect(await settledCounts()).toEqual([[ROWS, 0]]);
  expect(await countOf(telecom.database, 'cdr')).toBe(2 * ROWS);
  await expectPartitionsSettled();
}, 60_000);

test('killed between the drop and the outcomes: the partition is gone, and the next run says so', async () => {
  const plan = await plannedNightly(telecom);
  const writer = spyOn(telecom.ledger);
  await barringDrops(async letGo => {
    let isLocked = false;
    await signalWhen(telecom, ['enforce', plan], 'SIGKILL', async () => {
      if ((await openIntents(ledger)) === 0) return false;
      // The drop waits. Now the ledger is made to wait, and the drop is let go.
      if (!isLocked) {
        isLocked = true;
        await writer.raw('BEGIN IMMEDIATE');
        await letGo();
      }
      return (await countOf(telecom.database, 'cdr')) === 3 * ROWS;
    });
  });
  await writer.raw('ROLLBACK');
  await writer.destroy();
  expect(await openIntents(ledger)).toBe(1);
  await lapseLease(telecom);
  const resumed = await telecom.cli('enforce', plan);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(await settledCounts()).toEqual([[0, ROWS]]);
  expect(await countKind(ledger, 'done')).toBe(3);
  await expectPartitionsSettled();
}, 60_000);
