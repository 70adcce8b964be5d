// A run is told to pause and to go on by another process, through the ledger: within a second or two, with who and why in
// the audit log, which still verifies.
import { setTimeout as wait } from 'node:timers/promises';
import type { Knex } from 'knex';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { openPace, type Pace, type PaceEvent } from '../../src/enforce/pace.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { verifyAudit } from '../../src/ledger/verify-audit.ts';
import { DEFAULT_PACE } from '../../src/plan/job.ts';
import { auditEntries, spyOn } from '../support/small-ledger.ts';
import { type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';

const PATIENCE = { timeout: 20_000, interval: 20 } as const;

let telecom: SmallTelecom;
let ledger: Ledger;
let spy: Knex;
let events: PaceEvent[];

beforeEach(async () => {
  telecom = await smallTelecom({ kind: 'sqlite' });
  ledger = await openLedger(telecom.ledger, systemClock, 'runner');
  spy = spyOn(telecom.ledger);
  events = [];
});

afterEach(async () => {
  await spy.destroy();
  await ledger.close();
  await telecom.drop();
});

function openOne(): Pace {
  return openPace({
    store: { name: 'telecom', load: null },
    rules: DEFAULT_PACE,
    zone: 'UTC',
    batchKeys: 100,
    pauses: ledger.pauses,
    expiresAtMs: null,
    clock: systemClock,
    signal: new AbortController().signal,
    onEvent: event => {
      if (event.kind !== 'wrote') events.push(event);
    },
  });
}

test('a run that goes on stops writing when it is told, and writes again when it is told', async () => {
  const pace = openOne();
  let writes = 0;
  let over = false;
  const running = (async () => {
    while (!over) {
      await pace.ready();
      writes += 1;
      await wait(2);
      pace.wrote(50, 1);
    }
  })();
  await expect.poll(() => writes, PATIENCE).toBeGreaterThan(10);
  const paused = await telecom.cli('pause', '--reason', 'Black Friday');
  expect(paused.code, paused.stderr).toBe(0);
  expect(paused.stdout).toContain('retention resume');
  await expect.poll(() => events.length, PATIENCE).toBe(1);
  const atPause = writes;
  // Nothing can be waited for that must not come.
  await wait(700);
  expect(writes).toBe(atPause);
  expect(events).toMatchObject([
    {
      kind: 'throttled',
      why: 'told',
      reason: expect.stringMatching(/^paused by tester at .*: Black Friday$/),
    },
  ]);
  expect((await telecom.cli('resume', '--reason', 'Over')).code).toBe(0);
  await expect.poll(() => writes, PATIENCE).toBeGreaterThan(atPause);
  expect(events[1]).toMatchObject({ kind: 'going-on', why: 'told' });
  over = true;
  await running;
  const acts = (await auditEntries(spy)).filter(
    ({ event }) => event.kind === 'paused' || event.kind === 'resumed',
  );
  expect(acts.map(({ actor, event }) => ({ actor, ...event }))).toEqual([
    { actor: 'tester', kind: 'paused', reason: 'Black Friday' },
    { actor: 'tester', kind: 'resumed', reason: 'Over' },
  ]);
  const verified = await telecom.cli('audit', 'verify');
  expect(verified.code, verified.stdout).toBe(0);
});

test('a pause keeps a later run from its first write', async () => {
  await telecom.cli('pause');
  const pace = openOne();
  let gone = false;
  const ready = pace.ready().then(() => {
    gone = true;
  });
  await expect.poll(() => events.length, PATIENCE).toBe(1);
  expect(gone).toBe(false);
  await telecom.cli('resume');
  await ready;
});

test('to pause what is paused and to resume what is not is done already, and says so', async () => {
  expect((await telecom.cli('resume')).stdout).toBe('Nothing was paused.\n');
  await telecom.cli('pause', '--reason', 'First');
  const again = await telecom.cli('pause', '--reason', 'Second');
  expect([again.code, again.stdout]).toEqual([
    0,
    expect.stringMatching(/^It was paused before, by tester at /),
  ]);
  expect((await telecom.cli('resume')).stdout).toMatch(/^The pause of tester at .* is over/);
  expect((await auditEntries(spy)).map(({ event }) => event.kind)).toEqual([
    'ledger-made',
    'paused',
    'resumed',
  ]);
});

test('a misspelt ledger is not taken for one without runs', async () => {
  const missed = await telecom.cli('pause', '--ledger', `${telecom.folder}/none.db`);
  expect(missed.code).toBe(2);
  expect(missed.stderr).toContain('there is no ledger');
});

describe('a pause that another hand', () => {
  test.each<[string, (database: Knex) => Promise<unknown>, string]>([
    ['took out', database => database('pauses').delete(), 'a pause that the ledger does not know of'],
    [
      'changed',
      database => database('pauses').update({ reason: 'Another' }),
      'is not the one that the log tells of',
    ],
  ])('%s is found by verification', async (_, spoil, why) => {
    await ledger.pauses.pause({ by: 'runner', atMs: Date.now(), reason: 'A reason' });
    expect((await verifyAudit(ledger)).broken).toBeNull();
    await spoil(spy);
    expect((await verifyAudit(ledger)).broken?.why).toContain(why);
  });

  test('put in is found by verification', async () => {
    await spy('pauses').insert({ id: 1, paused_by: 'nobody', paused_at: 1, reason: null });
    expect((await verifyAudit(ledger)).broken?.why).toContain('a pause that the log does not tell of');
  });
});
