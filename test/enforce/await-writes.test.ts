// A hold is told to be in force once no write that was ruled on before it can still act: batches under way have come to
// their outcomes, or the time for which a ruling may be acted on is over.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sleep, stopwatch, systemClock } from '../../src/clock.ts';
import { awaitWrites, WAIT_MS } from '../../src/enforce/await-writes.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { WORD_HOLDS_MS } from '../../src/policy/hold.ts';
import { type FreshFolder, freshFolder } from '../support/databases.ts';
import { spyOn } from '../support/small-ledger.ts';

let folder: FreshFolder;
let ledger: Ledger;
beforeEach(async () => {
  folder = await freshFolder();
  ledger = await openLedger(`${folder.path}/ledger.db`, systemClock, 'tester');
});
afterEach(async () => {
  await ledger.close();
  await folder.remove();
});

async function batch(state: string): Promise<void> {
  const spy = spyOn(`${folder.path}/ledger.db`);
  await spy('plan_batches').delete();
  await spy('plan_batches').insert({
    plan: 'p',
    seq: 1,
    part: 0,
    records: 1,
    keys_digest: '',
    state,
    run: 'r',
  });
  await spy.destroy();
}

test('nothing is waited for where nothing is under way', async () => {
  await batch('done');
  expect(await awaitWrites(ledger, 0, () => Promise.reject(new Error('it waited')))).toBe(false);
});

test('a batch under way is waited for until its outcome', async () => {
  await batch('intended');
  let waits = 0;
  const wait = async (ms: number): Promise<void> => {
    waits += 1;
    if (waits === 3) await batch('done');
    await sleep(ms / 100);
  };
  expect(await awaitWrites(ledger, 0, wait)).toBe(true);
  expect(waits).toBe(3);
});

test('one that comes to none is waited for longer than its ruling may be acted on', async () => {
  await batch('intended');
  const beganMs = stopwatch.nowMs();
  expect(await awaitWrites(ledger, WAIT_MS - 300, sleep)).toBe(true);
  expect(stopwatch.nowMs() - beganMs).toBeGreaterThan(290);
  expect(WAIT_MS).toBeGreaterThan(WORD_HOLDS_MS);
});
