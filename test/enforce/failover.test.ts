// A server that is exchanged for another in the middle of a run: the run ends before its next write and names it, nothing
// goes there, and what the other server never had is not told as purged.

import { setTimeout as wait } from 'node:timers/promises';
import type { Knex } from 'knex';
import knex from 'knex';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Finished, idIn, retention } from '../support/cli.ts';
import { type MysqlServer, startServer } from '../support/mysql-server.ts';
import { auditEvents, countKind, disposedKeys, spyOn } from '../support/small-ledger.ts';
import { addCalls, countOf, nightlyJob, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import { type SwitchingProxy, switchingProxy } from '../support/switching-proxy.ts';
import { thisFlavour } from '../support/this-server.ts';
import { lapseLease } from './killing.ts';

// Several runs of the program in each test, beside whatever else the machine does.
vi.setConfig({ testTimeout: 240_000 });

const [DUE, KEPT] = [1000, 50];

let first: MysqlServer;
let second: MysqlServer;
let proxy: SwitchingProxy;
let telecom: SmallTelecom;
/** The same database on the second server, from before the run. */
let other: Knex;
let ledger: Knex;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  first = await startServer(thisFlavour());
  second = await startServer(thisFlavour());
});

afterAll(async () => {
  await second.stop();
  await first.stop().catch(() => undefined);
});

beforeEach(async () => {
  telecom = await smallTelecom({
    kind: 'mysql',
    server: first,
    // Two writes a batch, and after each a rest of a second, into which a switch falls.
    job: { batch: 100, pace: { writeMs: 0.001, niceRatio: 500, reason: 'A test' } },
  });
  await addCalls(telecom, DUE, KEPT);
  proxy = await switchingProxy(first.url);
  env = { ...telecom.env, TELECOM_AT: proxy.through(telecom.env.TELECOM_AT ?? '') };
  ledger = spyOn(telecom.ledger);
  other = await copyOn(second.url);
});

afterEach(async () => {
  await proxy.close();
  await other.destroy();
  await ledger.destroy();
  await telecom.drop().catch(() => undefined);
});

async function copyOn(server: string): Promise<Knex> {
  const name = new URL(telecom.env.TELECOM_AT ?? '').pathname.slice(1);
  const place = new URL(server);
  place.pathname = `/${name}`;
  const root = knex({ client: 'mysql2', connection: server, pool: { min: 0, max: 1 } });
  await root.raw('CREATE DATABASE ?? CHARACTER SET utf8mb4', [name]);
  await root.destroy();
  const copy = knex({
    client: 'mysql2',
    connection: { uri: place.href, dateStrings: true } as Knex.MySql2ConnectionConfig,
    pool: { min: 0, max: 2 },
  });
  for (const table of ['cdr', 'recordings', 'prospects', 'accounts']) {
    const [[made]] = await telecom.database.raw(`SHOW CREATE TABLE ${table}`);
    await copy.raw(String(made['Create Table']));
  }
  await copy.batchInsert('cdr', await telecom.database('cdr').select(), 300);
  return copy;
}

async function planned(): Promise<string> {
  const { code, stdout, stderr } = await retention(['plan', 'nightly', '--quiet'], env);
  expect(code, stderr).toBe(0);
  return idIn(stdout, 'plan');
}

/** Waits for so many batches, and then for a write that the run rests after. */
async function afterAWrite(batches: number): Promise<void> {
  while ((await countKind(ledger, 'done')) < batches) await wait(10);
  const before = await countOf(telecom.database, 'cdr');
  while ((await countOf(telecom.database, 'cdr')) === before) await wait(2);
}

function expectNamed(ended: Finished, words: RegExp): void {
  expect(ended.code, ended.stderr).toBe(1);
  expect(ended.stderr).toMatch(words);
  expect(ended.stderr).not.toMatch(/unexpected/);
}

test('between two writes: the run ends, nothing goes at the other server, and what that never had is no deed of ours', async () => {
  const running = retention(['enforce', await planned()], env);
  await afterAWrite(2);
  proxy.switchTo(second.url);
  expectNamed(await running, /a new connection leads to .*: the server was changed/);
  expect(await countOf(other, 'cdr')).toBe(DUE + KEPT);
  const gone = new Set(await disposedKeys(ledger, 'calls'));
  const left = new Set((await telecom.database('cdr').select('id')).map(({ id }) => `["${id}"]`));
  for (const key of gone) expect(left.has(key), key).toBe(false);

  // The plan was made at the server that is not there any more.
  const again = await retention(['enforce', (await lastPlan()) ?? ''], env);
  expect(again.code, again.stderr).toBe(3);
  expect(again.stderr).toMatch(/leads to another server now/);

  // Records that the run had begun with, and that the other server has lost by itself.
  const [batch] = await ledger('plan_batches').where({ state: 'intended' }).orderBy('seq').limit(1);
  const from = Number(batch?.seq) * 100 + 1;
  await other('cdr')
    .whereBetween('id', [from, from + 6])
    .delete();
  telecom.write('jobs/nightly.yaml', nightlyJob({ batch: 100 }));
  const plan = await retention(['plan', 'nightly'], env);
  expect(plan.stdout).toMatch(/records looked at that run run-\S+ purged are there again/);
  const run = await retention(['enforce', idIn(plan.stdout, 'plan')], env);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toMatch(/purged and there again/);
  const settled = (await auditEvents(ledger, 'done')).filter(event => event.settled);
  expect(settled.length).toBeGreaterThan(0);
  expect(settled.map(({ counts }) => counts.purged)).toEqual(settled.map(() => 0));
  expect(settled.reduce((sum, { reasons }) => sum + (reasons['gone: at another server'] ?? 0), 0)).toBe(7);
  expect(await countOf(other, 'cdr')).toBe(KEPT);
  const verified = await retention(['audit', 'verify'], env);
  expect(verified.code, verified.stdout).toBe(0);
});

async function lastPlan(): Promise<string | undefined> {
  const [row] = await ledger('plans').select('id').orderBy('id', 'desc').limit(1);
  return row?.id;
}

test('a primary that may not be written any more ends the run at its next connection', async () => {
  const running = retention(['enforce', await planned()], env);
  await afterAWrite(1);
  await telecom.database.raw('SET GLOBAL read_only = 1');
  try {
    proxy.switchTo(first.url);
    expectNamed(await running, /may not be written any more: it is set to read_only/);
    const left = await countOf(telecom.database, 'cdr');
    expect(left).toBeGreaterThan(KEPT);
    await lapseLease(telecom);
    const again = await retention(['enforce', (await lastPlan()) ?? ''], env);
    expect(again.code, again.stderr).toBe(1);
    expect(again.stderr).toMatch(/store telecom: read_only is ON: nothing is written there/);
    expect(await countOf(telecom.database, 'cdr')).toBe(left);
  } finally {
    await telecom.database.raw('SET GLOBAL read_only = 0');
  }
});

test('a primary that may not be written any more ends the run, though its user may and its connections stay open', async () => {
  const running = retention(['enforce', await planned()], env);
  await afterAWrite(1);
  await telecom.database.raw('SET GLOBAL read_only = 1');
  try {
    expectNamed(await running, /may not be written any more: it is set to read_only/);
    expect(await countOf(telecom.database, 'cdr')).toBeGreaterThan(KEPT);
  } finally {
    await telecom.database.raw('SET GLOBAL read_only = 0');
  }
});

test('inside a write that comes to its end, as a balancer lets it: that is ours, and nothing goes at the other', async () => {
  await slowDeletes();
  telecom.write('jobs/nightly.yaml', nightlyJob({ batch: 100, pace: { niceRatio: 4, reason: 'A test' } }));
  let over = false;
  const running = retention(['enforce', await planned()], env).finally(() => {
    over = true;
  });
  while (!(await isDeleting())) {
    if (over) throw new Error(`it ended: ${JSON.stringify(await running)}`);
    await wait(5);
  }
  const before = await countOf(telecom.database, 'cdr');
  proxy.turnTo(second.url);
  while ((await countOf(telecom.database, 'cdr')) === before) await wait(2);
  // What the write took is committed, and its connection is closed.
  proxy.switchTo(second.url);
  expectNamed(await running, /a new connection leads to .*: the server was changed/);
  expect(await countOf(other, 'cdr')).toBe(DUE + KEPT);
  const left = new Set((await telecom.database('cdr').select('id')).map(({ id }) => `["${id}"]`));
  for (const key of await disposedKeys(ledger, 'calls')) expect(left.has(key), key).toBe(false);
  expect(left.size).toBeLessThan(DUE + KEPT);
});

test('inside a write, with the old server killed: the run stops and does not go on at the other', async () => {
  await slowDeletes();
  telecom.write('jobs/nightly.yaml', nightlyJob({ batch: 100 }));
  let over = false;
  const running = retention(['enforce', await planned()], env).finally(() => {
    over = true;
  });
  while ((await countKind(ledger, 'done')) < 1 || !(await isDeleting())) {
    if (over) throw new Error(`it ended: ${JSON.stringify(await running)}`);
    await wait(5);
  }
  proxy.switchTo(second.url);
  process.kill(first.pid, 'SIGKILL');
  expectNamed(await running, /cannot be reached|the server was changed/);
  expect(await countOf(other, 'cdr')).toBe(DUE + KEPT);
  const done = await auditEvents(ledger, 'done');
  expect(done.reduce((sum, { counts }) => sum + counts.failed, 0)).toBe(0);
  expect(done.reduce((sum, { counts }) => sum + counts.purged, 0)).toBe(done.length * 100);

  await lapseLease(telecom);
  const run = await retention(['run', 'nightly', '--quiet'], env);
  expect(run.code, run.stderr).toBe(0);
  const settled = (await auditEvents(ledger, 'done')).filter(event => event.settled);
  expect(settled.length).toBeGreaterThan(0);
  expect(settled.map(({ counts }) => counts.purged)).toEqual(settled.map(() => 0));
  expect(await countOf(other, 'cdr')).toBe(KEPT);
});

/** A write takes long enough to be met. */
async function slowDeletes(): Promise<void> {
  await telecom.database.raw('CREATE TRIGGER slowly BEFORE DELETE ON cdr FOR EACH ROW DO SLEEP(0.01)');
  telecom.map([
    {
      dataset: 'calls',
      table: 'cdr',
      key: ['id'],
      class: 'call-detail-record',
      start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
      acknowledged: { triggers: ['slowly'] },
    },
  ]);
}

async function isDeleting(): Promise<boolean> {
  const [rows] = await telecom.database.raw(
    "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE 'delete%'",
  );
  return Number(rows[0].n) > 0;
}
