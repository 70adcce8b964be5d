// A ledger that takes nothing any more is the world's doing: it is told as that, whatever was being done, and not hidden by what
// is tried with it afterwards.
import { afterEach, expect, test } from 'vitest';
import { idIn } from '../support/cli.ts';
import { spyOn } from '../support/small-ledger.ts';
import { addCalls, countOf, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';

const drops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const drop of drops.splice(0).reverse()) await drop();
});

async function telecomWith(
  ...triggers: string[]
): Promise<{ telecom: SmallTelecom; fill: () => Promise<void> }> {
  const telecom = await smallTelecom({ kind: 'sqlite' });
  drops.push(telecom.drop);
  await addCalls(telecom, 500, 50);
  const fill = async (): Promise<void> => {
    const ledger = spyOn(telecom.ledger);
    for (const [at, when] of triggers.entries())
      await ledger.raw(
        `CREATE TRIGGER full_${at} BEFORE ${when} BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
      );
    await ledger.destroy();
  };
  return { telecom, fill };
}

test('while a plan is made', async () => {
  const { telecom, fill } = await telecomWith('INSERT ON plan_batches');
  await fill();
  const { code, stderr } = await telecom.cli('plan', 'nightly');
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining('the ledger cannot be read or written: database or disk is full'),
  ]);
  expect(stderr).not.toContain('mistake in the program');
});

test('while a run goes on: that its lease cannot be given up either does not hide why it ended', async () => {
  const { telecom, fill } = await telecomWith(
    "INSERT ON audit_log WHEN NEW.kind IN ('done', 'run-ended')",
    'DELETE ON leases',
  );
  const plan = idIn((await telecom.cli('plan', 'nightly', '--quiet')).stdout, 'plan');
  await fill();
  const { code, stderr } = await telecom.cli('enforce', plan);
  expect([code, stderr]).toEqual([1, expect.stringContaining('the audit log cannot be written')]);
  expect(stderr).not.toContain('mistake in the program');
  expect(await countOf(telecom.database, 'cdr')).toBeGreaterThanOrEqual(350);
});

test('ids and words of a hold are as long in every ledger', async () => {
  const { telecom } = await telecomWith();
  const place = ['hold', 'place', '--customer', '1', '--reason', 'R'];
  const long = await telecom.cli(...place, '--matter', 'M', '--id', 'x'.repeat(65));
  expect([long.code, long.stderr]).toEqual([
    2,
    expect.stringContaining('the id of a hold is 65 characters long'),
  ]);
  const wordy = await telecom.cli(...place, '--matter', 'M'.repeat(2001));
  expect([wordy.code, wordy.stderr]).toEqual([
    2,
    expect.stringContaining('the matter of a hold is 2001 characters long'),
  ]);
  expect((await telecom.cli(...place, '--matter', 'M', '--id', 'x'.repeat(64))).code).toBe(0);
});
