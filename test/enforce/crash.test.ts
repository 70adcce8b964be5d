// What a SIGKILL leaves behind, at any moment: never more gone than was planned, and a next run that finds out what
// had become of the batch in hand, says so, and disposes of the rest.
import { setTimeout as wait } from 'node:timers/promises';
import type { Knex } from 'knex';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { auditEvents, countKind, disposedKeys, spyOn } from '../support/small-ledger.ts';
import {
  addCalls,
  addRecordings,
  countOf,
  type SmallTelecom,
  smallTelecom,
} from '../support/small-telecom.ts';
import { expectSettled, lapseLease, openIntents, plannedNightly, signalWhen } from './killing.ts';

let telecom: SmallTelecom;
let ledger: Knex;

async function open(kind: 'sqlite' | 'mysql', batch: number): Promise<void> {
  telecom = await smallTelecom({ kind, job: { batch } });
  ledger = spyOn(telecom.ledger);
}

afterEach(async () => {
  await ledger.destroy();
  await telecom.drop();
});

describe('calls in MariaDB', () => {
  const DUE = 20_000;
  const KEPT = 500;

  test('killed over and over, at moments of chance', async () => {
    await open('mysql', 100);
    await addCalls(telecom, DUE, KEPT);
    const before = await telecom.database('cdr').where('id', '>', DUE).orderBy('id');
    const plan = await plannedNightly(telecom);
    let done = 0;
    for (const more of [0, 1, 12, 40, 25]) {
      const moment = done + more;
      const finished = await signalWhen(telecom, ['enforce', plan], 'SIGKILL', async () => {
        if ((await countKind(ledger, 'run-started')) === 0 || (await countKind(ledger, 'done')) < moment)
          return false;
        await wait(Math.random() * 8);
        return true;
      });
      expect(finished.signal).toBe('SIGKILL');
      done = await countKind(ledger, 'done');
      const left = await countOf(telecom.database, 'cdr');
      const gone = DUE + KEPT - left;
      // At most two batches have gone that the log does not tell of yet: one is told of while the next one goes.
      const told = (await disposedKeys(ledger, 'calls')).length;
      expect(gone - told).toBeGreaterThanOrEqual(0);
      expect(gone - told).toBeLessThanOrEqual(200);
      expect(await openIntents(ledger)).toBeLessThanOrEqual(2);
      await lapseLease(telecom);
    }
    const last = await telecom.cli('enforce', plan, '--quiet');
    expect([0, 4], last.stderr).toContain(last.code);
    const events = await auditEvents(ledger, 'done');
    const settled = events.filter(event => event.settled);
    expect(last.stdout.includes('batches were settled after')).toBe(settled.length > 0);
    expect(last.code).toBe(settled.some(event => (event.reasons.interrupted ?? 0) > 0) ? 4 : 0);
    await expectSettled(telecom, ledger, 'calls', DUE);
    expect(await telecom.database('cdr').orderBy('id')).toEqual(before);
  }, 120_000);

  test('killed between the intent and the act: nothing of the batch is gone, and the next run says so', async () => {
    await open('mysql', 100);
    await addCalls(telecom, 1000, 50);
    const plan = await plannedNightly(telecom);
    const [row] = await telecom.database('cdr').orderBy('id').offset(200).limit(1);
    await telecom.database.transaction(async lock => {
      await lock('cdr').where({ id: row.id }).forUpdate();
      await signalWhen(
        telecom,
        ['enforce', plan],
        'SIGKILL',
        // The first write of the third batch waits for the row, and the fourth is intended meanwhile.
        async () => (await countKind(ledger, 'intended')) === 4,
      );
    });
    expect(await openIntents(ledger)).toBe(2);
    expect(await countOf(telecom.database, 'cdr')).toBe(850);
    const broken = await telecom.cli('audit', 'verify');
    expect(broken.code).toBe(0);
    expect(broken.stdout).toContain('2 batches have no outcome yet');

    // The end of the wait, for once: a dead process's lease lapses by itself.
    expect((await ledger('leases').first()).expires_at).toBeGreaterThan(Date.now() + 10_000);
    await lapseLease(telecom, 4000);
    const resumed = await telecom.cli('enforce', plan);
    expect(resumed.code, resumed.stderr).toBe(4);
    expect(resumed.stderr).toContain('waiting for another run to end');
    expect(resumed.stdout).toContain('interrupted 200');
    expect(resumed.stdout).toContain('2 batches were settled after the run had been cut off');
    const settled = (await auditEvents(ledger, 'done')).filter(event => event.settled);
    expect(settled.map(event => [event.batch, event.counts.spared, event.counts.purged])).toEqual([
      [2, 100, 0],
      [3, 100, 0],
    ]);
    expect(await countOf(telecom.database, 'cdr')).toBe(250);
    await expectSettled(telecom, ledger, 'calls', 1000);
    expect(await countOf(telecom.database, 'cdr')).toBe(50);
  }, 90_000);

  test('killed between the commit and the outcome: the batch is gone, and the next run says so', async () => {
    await open('mysql', 100);
    await addCalls(telecom, 1000, 50);
    const plan = await plannedNightly(telecom);
    const [row] = await telecom.database('cdr').orderBy('id').offset(200).limit(1);
    const rows = await telecom.database.transaction();
    await rows('cdr').where({ id: row.id }).forUpdate();
    const writer = spyOn(telecom.ledger);
    await signalWhen(telecom, ['enforce', plan], 'SIGKILL', async () => {
      if ((await countKind(ledger, 'intended')) < 4) return false;
      // The third batch waits for the row, and the fourth is intended. Now the ledger is made to wait, and the row is let
      // go: the third goes, nobody can be told, and the fourth waits for that.
      if (!rows.isCompleted()) {
        await writer.raw('BEGIN IMMEDIATE');
        await rows.rollback();
      }
      return (await countOf(telecom.database, 'cdr')) === 750;
    });
    await writer.raw('ROLLBACK');
    await writer.destroy();
    expect(await openIntents(ledger)).toBe(2);
    await lapseLease(telecom);
    const resumed = await telecom.cli('enforce', plan);
    expect(resumed.code, resumed.stderr).toBe(4);
    expect(resumed.stdout).toContain('2 batches were settled after the run had been cut off');
    const settled = (await auditEvents(ledger, 'done')).filter(event => event.settled);
    expect(settled.map(event => [event.batch, event.counts.spared, event.counts.purged])).toEqual([
      [2, 0, 100],
      [3, 100, 0],
    ]);
    expect(await countOf(telecom.database, 'cdr')).toBe(150);
    await expectSettled(telecom, ledger, 'calls', 1000);
    expect(await countOf(telecom.database, 'cdr')).toBe(50);
  }, 60_000);
});

describe('recordings and their files, in SQLite', () => {
  const DUE = 600;
  const KEPT = 40;

  beforeEach(async () => {
    await open('sqlite', 20);
    await addRecordings(telecom, DUE, KEPT);
  });

  async function named(): Promise<string[]> {
    const rows = await telecom.database('recordings').orderBy('filename').select('filename');
    return rows.map((row: { filename: string }) => row.filename).sort();
  }

  test('killed over and over: no file is ever left that no row names, and in the end they are the same', async () => {
    const plan = await plannedNightly(telecom);
    let [done, kills] = [0, 0];
    for (const more of [0, 2, 7]) {
      const moment = done + more;
      await signalWhen(telecom, ['enforce', plan], 'SIGKILL', async () => {
        if ((await countKind(ledger, 'intended')) === 0 || (await countKind(ledger, 'done')) < moment)
          return false;
        await wait(Math.random() * 10);
        return true;
      });
      done = await countKind(ledger, 'done');
      const rows = new Set(await named());
      expect(telecom.files().filter(file => !rows.has(file))).toEqual([]);
      // Files go before their rows, so of one batch for each kill the rows may still name what is gone.
      kills += 1;
      expect(rows.size - telecom.files().length).toBeLessThanOrEqual(20 * kills);
      expect(rows.size).toBeGreaterThanOrEqual(KEPT);
      await lapseLease(telecom);
    }
    const last = await telecom.cli('enforce', plan, '--quiet');
    expect([0, 4], last.stderr).toContain(last.code);
    await expectSettled(telecom, ledger, 'recordings', DUE);
    expect(telecom.files()).toEqual(await named());
    expect(telecom.files()).toHaveLength(KEPT);
  }, 60_000);
});
