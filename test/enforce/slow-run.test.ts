// A run at a slow pace, as a process of its own: killed between two writes of a batch, told to pause and to go on, and
// stopped by its critical threshold. What has gone and what the log tells of are the same each time.
import { setTimeout as wait } from 'node:timers/promises';
import type { Knex } from 'knex';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { idIn, retention } from '../support/cli.ts';
import { auditEntries, auditEvents, countKind, disposedKeys, spyOn } from '../support/small-ledger.ts';
import { addCalls, countOf, nightlyJob, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import { lapseLease, openIntents, plannedNightly, signalWhen } from './killing.ts';

const DUE = 2000;
const KEPT = 50;
const FAST = { niceRatio: 0, writeMs: 500, reason: 'A test does not wait' };

let telecom: SmallTelecom;
let ledger: Knex;

beforeEach(async () => {
  telecom = await smallTelecom({ kind: 'mysql' });
  await addCalls(telecom, DUE, KEPT);
  ledger = spyOn(telecom.ledger);
});

afterEach(async () => {
  await ledger.destroy();
  await telecom.drop();
});

/** Says how large the job's batches are and how it writes; gives the plan. */
async function planned(batch: number, pace: unknown): Promise<string> {
  telecom.write('jobs/nightly.yaml', nightlyJob({ batch, pace }));
  return plannedNightly(telecom);
}

async function goneKeys(): Promise<string[]> {
  const left = new Set((await telecom.database('cdr').select('id')).map(row => Number(row.id)));
  return [...Array(DUE).keys()].flatMap(index => (left.has(index + 1) ? [] : [`["${index + 1}"]`]));
}

async function expectTold(): Promise<void> {
  expect((await disposedKeys(ledger, 'calls')).sort()).toEqual((await goneKeys()).sort());
  const verified = await telecom.cli('audit', 'verify', '--format', 'json');
  expect(verified.code, verified.stdout).toBe(0);
}

/** Transactions that are open on the telecom's database. */
async function openTransactions(): Promise<number> {
  const [rows] = await telecom.database.raw(
    'SELECT COUNT(*) AS n FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id WHERE p.DB = DATABASE() AND p.ID <> CONNECTION_ID()',
  );
  return Number(rows[0].n);
}

test.each([1, 2])(
  'killed between two writes of a batch, on %i connections: some of its keys are gone, some are there, and the log tells which',
  async connections => {
    // Rests of a second: the kill falls into one.
    const plan = await planned(1000, { writeMs: 0.001, niceRatio: 1000, connections, reason: 'A test' });
    const killed = await signalWhen(
      telecom,
      ['enforce', plan],
      'SIGKILL',
      async () => (await countOf(telecom.database, 'cdr')) <= DUE + KEPT - 50 * connections,
    );
    expect(killed.signal).toBe('SIGKILL');
    const gone = (await goneKeys()).length;
    expect(gone).toBeGreaterThanOrEqual(50 * connections);
    expect(gone).toBeLessThan(DUE);
    expect(gone % 50).toBe(0);
    expect(await countKind(ledger, 'done')).toBe(0);

    telecom.write('jobs/nightly.yaml', nightlyJob({ batch: 1000, pace: FAST }));
    await lapseLease(telecom);
    const resumed = await telecom.cli('enforce', plan);
    expect(resumed.code, resumed.stderr).toBe(4);
    const settled = (await auditEvents(ledger, 'done')).filter(event => event.settled);
    expect(settled.reduce((sum, { counts }) => sum + counts.purged, 0)).toBe(gone);
    expect(settled.reduce((sum, { reasons }) => sum + (reasons.interrupted ?? 0), 0)).toBe(
      settled.length * 1000 - gone,
    );
    await expectTold();

    const last = await telecom.cli('run', 'nightly', '--quiet');
    expect(last.code, last.stderr).toBe(0);
    expect(await countOf(telecom.database, 'cdr')).toBe(KEPT);
    await expectTold();
  },
  120_000,
);

test('told to pause it holds nothing open and keeps its lease, told to go on it ends; both are in the log', async () => {
  const plan = await planned(100, { writeMs: 1, niceRatio: 60 });
  let said = (): string => '';
  const running = retention(['enforce', plan], telecom.env, (_pid, saying) => {
    said = saying;
  });
  while ((await countKind(ledger, 'done')) < 2) await wait(20);
  expect((await telecom.cli('pause', '--reason', 'Black Friday')).code).toBe(0);
  while (!/paused .*Black Friday/.test(said())) await wait(20);
  // The batch that another connection has in hand is finished.
  while ((await openIntents(ledger)) > 0) await wait(20);
  const left = await countOf(telecom.database, 'cdr');
  expect(left).toBeGreaterThan(KEPT);
  const lease = async (): Promise<number> => Number((await ledger('leases').first()).expires_at);
  const expiresAtMs = await lease();
  while ((await lease()) <= expiresAtMs) {
    expect(await openTransactions()).toBe(0);
    await wait(250);
  }
  expect(await countOf(telecom.database, 'cdr')).toBe(left);
  // Others may lock and write what is due meanwhile.
  await telecom.database('cdr').update({ account: '1' });

  telecom.write('jobs/nightly.yaml', nightlyJob({ batch: 100, pace: FAST }));
  expect((await telecom.cli('resume')).code).toBe(0);
  const ended = await running;
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stderr).toMatch(/paused .*Black Friday/);
  expect(ended.stderr).toMatch(/going on/);
  expect(await countOf(telecom.database, 'cdr')).toBe(KEPT);
  await expectTold();
}, 120_000);

test('asked to stop while it is paused, it ends as interrupted, and goes on as the same run', async () => {
  const plan = await planned(100, { writeMs: 1, niceRatio: 60 });
  let isTold = false;
  const stopped = await signalWhen(telecom, ['enforce', plan], 'SIGTERM', async (_ledger, said) => {
    if ((await countKind(ledger, 'done')) < 2) return false;
    if (!isTold) await telecom.cli('pause');
    isTold = true;
    return said().includes('paused');
  });
  expect(stopped.code, stopped.stderr).toBe(4);
  await telecom.cli('resume');
  telecom.write('jobs/nightly.yaml', nightlyJob({ batch: 100, pace: FAST }));
  const resumed = await telecom.cli('enforce', plan);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(idIn(resumed.stdout, 'run')).toBe(idIn(stopped.stdout, 'run'));
  expect(await countOf(telecom.database, 'cdr')).toBe(KEPT);
  await expectTold();
}, 120_000);

test('above its critical threshold a run ends as interrupted, says why, and can be gone on with', async () => {
  await telecom.database.schema.createTable('load_now', table => {
    table.integer('value');
  });
  await telecom.database('load_now').insert({ value: 1 });
  const query = { sql: 'SELECT value FROM load_now', above: 10 };
  const plan = await planned(100, { writeMs: 1, niceRatio: 60, stopAbove: { query } });
  const running = retention(['enforce', plan], telecom.env);
  while ((await countKind(ledger, 'done')) < 2) await wait(20);
  await telecom.database('load_now').update({ value: 11 });
  const ended = await running;
  expect(ended.code, ended.stdout).toBe(4);
  expect(ended.stderr).toContain("the job's query gives more than 10");
  expect(ended.stderr).toContain('retention enforce');
  const entry = (await auditEntries(ledger)).at(-1)?.event;
  expect(entry).toMatchObject({ kind: 'run-ended', state: 'interrupted' });
  expect(JSON.stringify(entry)).toContain("the job's query gives more than 10");
  expect(await countOf(telecom.database, 'cdr')).toBeGreaterThan(KEPT);
  await expectTold();

  await telecom.database('load_now').update({ value: 1 });
  telecom.write('jobs/nightly.yaml', nightlyJob({ batch: 100, pace: FAST }));
  const resumed = await telecom.cli('enforce', plan);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(await countOf(telecom.database, 'cdr')).toBe(KEPT);
  await expectTold();
}, 120_000);
