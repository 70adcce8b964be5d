// Kills the real process in the middle of its work, at a moment that the test names, and stands in for the half minute
// after which a dead process's lease has lapsed.
import { setTimeout as wait } from 'node:timers/promises';
import type { Knex } from 'knex';
import { expect } from 'vitest';
import { type Finished, idIn, retention } from '../support/cli.ts';
import { disposedKeys, spyOn } from '../support/small-ledger.ts';
import type { SmallTelecom } from '../support/small-telecom.ts';

/** Plans the job `nightly` as it is written; gives the plan. */
export async function plannedNightly(telecom: SmallTelecom): Promise<string> {
  const { code, stdout, stderr } = await telecom.cli('plan', 'nightly', '--quiet');
  expect(code, stderr).toBe(0);
  return idIn(stdout, 'plan');
}

/** Starts a command and sends it a signal as soon as `moment` is true; fails when the process ends before. */
export async function signalWhen(
  telecom: SmallTelecom,
  args: readonly string[],
  signal: 'SIGKILL' | 'SIGTERM',
  moment: (ledger: Knex, said: () => string) => Promise<boolean>,
): Promise<Finished> {
  const ledger = spyOn(telecom.ledger);
  let [pid, over] = [0, false];
  let said = (): string => '';
  const finished = retention(args, telecom.env, (started, saying) => {
    pid = started;
    said = saying;
  }).finally(() => {
    over = true;
  });
  try {
    while (!(await moment(ledger, said))) {
      if (over) throw new Error(`it ended before the moment came: ${JSON.stringify(await finished)}`);
      await wait(2);
    }
    process.kill(pid, signal);
    return await finished;
  } finally {
    await ledger.destroy();
  }
}

/** The lease of a killed process lapses by itself; this is that half minute gone by, but for `leftMs` of it. */
export async function lapseLease(telecom: SmallTelecom, leftMs = 0): Promise<void> {
  const ledger = spyOn(telecom.ledger);
  await ledger('leases').update({ expires_at: Date.now() + leftMs });
  await ledger.destroy();
}

/** Batches with an intent and no outcome. */
export async function openIntents(ledger: Knex): Promise<number> {
  const [row] = await ledger('plan_batches').where({ state: 'intended' }).count({ n: '*' });
  return Number(row?.n ?? 0);
}

/** A new run finds nothing left to do, the log verifies with nothing open, and each due key is in it exactly once. */
export async function expectSettled(
  telecom: SmallTelecom,
  ledger: Knex,
  dataset: string,
  due: number,
): Promise<void> {
  const run = await telecom.cli('run', 'nightly', '--quiet');
  expect(run.code, run.stderr).toBe(0);
  const verified = await telecom.cli('audit', 'verify', '--format', 'json');
  expect(verified.code, verified.stdout).toBe(0);
  expect(JSON.parse(verified.stdout)).toMatchObject({ verified: true, open: 0, records: due });
  const keys = await disposedKeys(ledger, dataset);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toHaveLength(due);
}
