// Being asked to stop is no failure: the batch in hand is finished, the run says `interrupted`, and goes on later as
// itself. And two runs never overlap under one ledger.
import { setTimeout as wait } from 'node:timers/promises';
import type { Knex } from 'knex';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { idIn } from '../support/cli.ts';
import { auditEntries, auditEvents, countKind, spyOn } from '../support/small-ledger.ts';
import { addCalls, countOf, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import { openIntents, signalWhen } from './killing.ts';

const DUE = 5000;
let telecom: SmallTelecom;
let ledger: Knex;
let plan: string;

beforeEach(async () => {
  telecom = await smallTelecom({ kind: 'sqlite' });
  await addCalls(telecom, DUE, 20);
  const made = await telecom.cli('plan', 'nightly', '--quiet');
  plan = idIn(made.stdout, 'plan');
  ledger = spyOn(telecom.ledger);
});

afterEach(async () => {
  await ledger.destroy();
  await telecom.drop();
});

test('SIGTERM ends the batch in hand; the plan goes on as the same run', async () => {
  const stopped = await signalWhen(
    telecom,
    ['enforce', plan],
    'SIGTERM',
    async () => (await countKind(ledger, 'done')) >= 3,
  );
  expect(stopped.code, stopped.stderr).toBe(4);
  expect(stopped.signal).toBeNull();
  expect(stopped.stdout).toContain('interrupted');
  expect(stopped.stdout).toContain(`Go on with it:  retention enforce ${plan}`);
  const run = idIn(stopped.stdout, 'run');
  expect(await ledger('runs').select('id', 'state')).toEqual([{ id: run, state: 'interrupted' }]);
  const done = await countKind(ledger, 'done');
  expect(done).toBeLessThan(DUE / 100);
  expect(await openIntents(ledger)).toBe(0);
  expect(await countOf(telecom.database, 'cdr')).toBe(DUE + 20 - done * 100);
  // It gave the lease back: the next one need not wait.
  expect(await countOf(ledger, 'leases')).toBe(0);

  const resumed = await telecom.cli('enforce', plan);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stderr).not.toContain('waiting');
  expect(idIn(resumed.stdout, 'run')).toBe(run);
  expect(await ledger('runs').select('id', 'state')).toEqual([{ id: run, state: 'done' }]);
  expect((await auditEvents(ledger, 'run-started')).map(event => event.resumed)).toEqual([false, true]);
  const ended = await auditEvents(ledger, 'run-ended');
  expect(ended.map(event => [event.state, event.counts.purged])).toEqual([
    ['interrupted', done * 100],
    ['done', DUE],
  ]);
  expect(await countOf(telecom.database, 'cdr')).toBe(20);
  expect((await telecom.cli('audit', 'verify')).code).toBe(0);
});

test('a second run waits for a live one, and then refuses without touching anything', async () => {
  const other = await openLedger(telecom.ledger, systemClock, 'other');
  expect(await other.leases.take('other-host:1', Date.now())).toBe(true);
  const renewal = setInterval(() => void other.leases.take('other-host:1', Date.now()), 5000);
  try {
    const refused = await telecom.cli('enforce', plan);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('waiting for another run to end');
    expect(refused.stderr).toContain('another run is going on: other-host:1');
    expect(await countOf(telecom.database, 'cdr')).toBe(DUE + 20);
    expect(await countKind(ledger, 'intended')).toBe(0);
  } finally {
    clearInterval(renewal);
    await other.leases.giveUp('other-host:1');
    await other.close();
  }
}, 60_000);

test('two runs at once: one after the other, and the second finds the plan enforced', async () => {
  const both = await Promise.all([
    telecom.cli('enforce', plan),
    wait(200).then(() => telecom.cli('enforce', plan)),
  ]);
  const codes = both.map(one => one.code).sort();
  expect(codes, both.map(one => one.stderr).join('\n')).toEqual([0, 3]);
  expect(both.find(one => one.code === 3)?.stderr).toContain('was enforced already');
  expect(await countOf(telecom.database, 'cdr')).toBe(20);
  // The entries of the two never mix: no second start before the first end.
  const order = (await auditEntries(ledger)).map(entry => entry.event.kind);
  expect(order.filter(kind => kind === 'run-started')).toHaveLength(1);
  expect(order.at(-1)).toBe('refused');
  expect((await telecom.cli('audit', 'verify')).code).toBe(0);
});
