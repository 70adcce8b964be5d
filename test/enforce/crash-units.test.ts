// What a SIGKILL leaves behind of records that are more than one row, and of rows that have no key: never half a record, and
// never one copy too many.
import { setTimeout as wait } from 'node:timers/promises';
import type { Knex } from 'knex';
import { afterEach, expect, test } from 'vitest';
import { countKind, spyOn } from '../support/small-ledger.ts';
import { addCalls, countOf, daysAgo, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import { expectSettled, lapseLease, plannedNightly, signalWhen } from './killing.ts';

const DUE = 4000;
const KEPT = 200;
const calls = {
  ...{ dataset: 'calls', table: 'cdr', class: 'call-detail-record', customer: 'account' },
  start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
};

let telecom: SmallTelecom;
let ledger: Knex;
afterEach(async () => {
  await ledger.destroy();
  await telecom.drop();
});

async function open(dataset: object): Promise<void> {
  telecom = await smallTelecom({ kind: 'mysql', job: { batch: 100 } });
  ledger = spyOn(telecom.ledger);
  telecom.map([{ ...calls, ...dataset }]);
}

/** Kills the run of a plan again and again, and looks at what it has left each time. */
async function killOften(plan: string, look: () => Promise<void>): Promise<void> {
  let done = 0;
  for (const more of [0, 1, 3, 5]) {
    const moment = done + more;
    const finished = await signalWhen(telecom, ['enforce', plan], 'SIGKILL', async () => {
      if ((await countKind(ledger, 'run-started')) === 0 || (await countKind(ledger, 'done')) < moment)
        return false;
      await wait(Math.random() * 8);
      return true;
    });
    expect(finished.signal).toBe('SIGKILL');
    done = await countKind(ledger, 'done');
    await look();
    await lapseLease(telecom);
  }
}

test('calls with their legs: no call without its legs, no legs without their call', async () => {
  await open({ key: ['id'], children: [{ table: 'legs', on: { call_id: 'id' } }] });
  await telecom.database.raw(
    'CREATE TABLE legs (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, call_id BIGINT UNSIGNED, KEY (call_id))',
  );
  await addCalls(telecom, DUE, KEPT);
  for (const _ of [1, 2]) await telecom.database.raw('INSERT INTO legs (call_id) SELECT id FROM cdr');
  const plan = await plannedNightly(telecom);
  const whole = async (): Promise<void> => {
    const [[alone]] = await telecom.database.raw(
      'SELECT (SELECT COUNT(*) FROM legs l LEFT JOIN cdr c ON c.id = l.call_id WHERE c.id IS NULL) AS legs, (SELECT COUNT(*) FROM cdr c WHERE (SELECT COUNT(*) FROM legs l WHERE l.call_id = c.id) <> 2) AS calls',
    );
    expect({ legs: Number(alone.legs), calls: Number(alone.calls) }).toEqual({ legs: 0, calls: 0 });
  };
  await killOften(plan, whole);
  expect(await countOf(telecom.database, 'cdr')).toBeGreaterThan(KEPT);
  expect([0, 4]).toContain((await telecom.cli('enforce', plan, '--quiet')).code);
  await expectSettled(telecom, ledger, 'calls', DUE);
  await whole();
  expect(await countOf(telecom.database, 'legs')).toBe(2 * KEPT);
}, 120_000);

test('calls without a key: as many copies go as were planned', async () => {
  await open({ keyless: true });
  await telecom.database.raw('DROP TABLE cdr');
  await telecom.database.raw(
    'CREATE TABLE cdr (at DATETIME, account VARCHAR(20), dst VARCHAR(20), KEY (at))',
  );
  const at = (days: number): string => daysAgo(days);
  // Three copies of each, so that batches end between copies.
  const rows = Array.from({ length: DUE }, (_, index) => ({
    at: at(90 + Math.floor(index / 300)),
    account: String(1000 + (index % 10)),
    dst: String(Math.floor(index / 3)),
  }));
  const kept = Array.from({ length: KEPT }, (_, index) => ({
    at: at(5),
    account: '1000',
    dst: String(Math.floor(index / 2)),
  }));
  await telecom.database.batchInsert('cdr', [...rows, ...kept], 500);
  const plan = await plannedNightly(telecom);
  let before = DUE + KEPT;
  await killOften(plan, async () => {
    const left = await countOf(telecom.database, 'cdr');
    expect(left).toBeLessThanOrEqual(before);
    before = left;
    expect(await telecom.database('cdr').where('at', '>', at(30)).pluck('dst')).toHaveLength(KEPT);
  });
  expect(before).toBeGreaterThan(KEPT);
  expect([0, 4]).toContain((await telecom.cli('enforce', plan, '--quiet')).code);
  const run = await telecom.cli('run', 'nightly', '--quiet');
  expect(run.code, run.stderr).toBe(0);
  expect((await telecom.cli('audit', 'verify')).code).toBe(0);
  expect(await countOf(telecom.database, 'cdr')).toBe(KEPT);
}, 120_000);
