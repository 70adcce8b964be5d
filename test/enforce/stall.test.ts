// A process that sleeps through its lease (a paused machine, a live migration) wakes up to find its batch taken over: it
// touches nothing, the log stays whole, and every record that was due has gone once in the end.
import { afterEach, expect, test } from 'vitest';
import { idIn, retention } from '../support/cli.ts';
import { auditEvents, countKind, spyOn } from '../support/small-ledger.ts';
import { addCalls, countOf, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import { lapseLease } from './killing.ts';

let telecom: SmallTelecom;

afterEach(async () => {
  await telecom.drop();
});

test('a stalled run finds its batch taken over, and the log still verifies', async () => {
  telecom = await smallTelecom({ kind: 'mysql' });
  await addCalls(telecom, 300, 20);
  const ledger = spyOn(telecom.ledger);
  const made = await telecom.cli('plan', 'nightly', '--quiet');
  const [row] = await telecom.database('cdr').orderBy('id').offset(150).limit(1);
  const lock = await telecom.database.transaction();
  await lock('cdr').where({ id: row.id }).forUpdate();
  let pid = 0;
  const stalled = retention(['enforce', idIn(made.stdout, 'plan')], telecom.env, started => {
    pid = started;
  });
  // Its second batch waits for the row, and the third is intended; there it falls asleep, and the row is let go to it.
  while ((await countKind(ledger, 'intended')) < 3) await new Promise(resolve => setTimeout(resolve, 20));
  process.kill(pid, 'SIGSTOP');
  await lock.rollback();
  await lapseLease(telecom);
  const second = await telecom.cli('run', 'nightly');
  expect([0, 4], second.stderr).toContain(second.code);
  process.kill(pid, 'SIGCONT');
  const woken = await stalled;
  expect(woken.code, woken.stderr).not.toBe(0);
  const third = await telecom.cli('run', 'nightly');
  expect(third.code, third.stderr).toBe(0);
  expect(await countOf(telecom.database, 'cdr')).toBe(20);
  const purged = (await auditEvents(ledger, 'done')).reduce((sum, event) => sum + event.counts.purged, 0);
  expect(purged).toBe(300);
  const verified = await telecom.cli('audit', 'verify');
  expect(verified.code, verified.stdout).toBe(0);
  await ledger.destroy();
}, 240_000);
