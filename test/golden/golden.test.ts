// Golden folders: what an earlier program left behind, opened by today's. Each test works on a copy.
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Env, type Finished, idIn, retention } from '../support/cli.ts';
import { freshFolder } from '../support/databases.ts';
import { auditEntries, auditEvents, spyOn } from '../support/small-ledger.ts';

const drops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const drop of drops.splice(0).reverse()) await drop();
});

interface Golden {
  readonly folder: string;
  readonly ledger: string;
  readonly cli: (...args: string[]) => Promise<Finished>;
}

async function golden(name: string): Promise<Golden> {
  const { path, remove } = await freshFolder();
  drops.push(remove);
  cpSync(join('test/golden', name), path, { recursive: true });
  const ledger = join(path, 'ledger.sqlite');
  const env: Env = {
    RETENTION_POLICIES: join(path, 'policies'),
    RETENTION_JOBS: join(path, 'jobs'),
    RETENTION_LEDGER: ledger,
    RETENTION_ACTOR: 'today',
    RETENTION_HASH_KEY: 'the secret of the golden folders',
    GOLDEN_STORE: join(path, 'store.sqlite'),
    GOLDEN_FILES: join(path, 'files'),
  };
  return { folder: path, ledger, cli: (...args) => retention(args, env) };
}

async function done(finished: Promise<Finished>): Promise<string> {
  const { code, stderr, stdout } = await finished;
  expect(code, stderr).toBe(0);
  return stdout;
}

/** Every file with its bytes, to see that nothing was touched. */
function bytesOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(one => one.isFile());
  return Object.fromEntries(
    files.map(one => {
      const path = join(one.parentPath, one.name);
      return [path, readFileSync(path).toString('base64')];
    }),
  );
}

/** Nobody knows when the tests run: for the ledger it is long after its last entry. */
const CONFIRM = ['ledger', 'confirm-clock', '--reason', 'It is kept in a drawer'];

describe('before ledgers had names', () => {
  const NAME = 'before-known-ledgers';

  test('upgrade --check says what will be, and touches nothing', async () => {
    const { folder, cli } = await golden(NAME);
    const before = bytesOf(folder);
    expect(await done(cli('upgrade', '--check'))).toMatch(
      /^know {5}ledger: it has no name\. The next run .*RETENTION_STATE[\s\S]*3 of its plans were not enforced[\s\S]*Nothing has to be written or confirmed\. Nothing was touched\.\n$/,
    );
    expect(bytesOf(folder)).toEqual(before);
  });

  test('it is read, verified, explained and shown', async () => {
    const { ledger, cli } = await golden(NAME);
    expect(await done(cli('validate'))).toContain('No mistakes');
    expect(await done(cli('audit', 'verify'))).toMatch(
      /The audit log verifies[\s\S]*1 batches have no outcome yet/,
    );
    const holds = await done(cli('hold', 'list'));
    expect(holds).toMatch(/ended .*cooling|ended .*released/);
    expect(holds).toMatch(/stands .*in force/);
    const spy = spyOn(ledger);
    drops.push(() => spy.destroy());
    const [started] = await auditEvents(spy, 'run-started');
    const run = (await auditEntries(spy)).find(entry => entry.event.kind === 'run-started')?.run ?? '';
    expect(await done(cli('report', run))).toContain('ENFORCED');
    expect(await done(cli('report', String(started?.plan)))).toContain('DRY RUN');
    expect(await done(cli('explain', 'golden', 'calls', '1'))).toMatch(/purged/);
    expect(await done(cli('ledger', 'show'))).toContain('The next run takes it over if its log verifies');
  });

  test('the next run takes it over, settles what was open, and enforces; what it disposed of then can be replayed', async () => {
    const { folder, ledger, cli } = await golden(NAME);
    const spy = spyOn(ledger);
    drops.push(() => spy.destroy());
    const first = (await auditEntries(spy)).find(entry => entry.event.kind === 'run-started')?.run ?? '';
    await done(cli('resume'));
    await done(cli(...CONFIRM));
    const ran = await cli('run', 'nightly', '--verify');
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).toContain('took over the ledger of before');
    expect(ran.stdout).toContain('The audit log verifies');
    expect((await auditEvents(spy, 'done')).some(event => event.settled)).toBe(true);
    expect(await auditEvents(spy, 'ledger-taken-over')).toHaveLength(1);
    expect(readdirSync(folder)).toContain('retention-ledger.mark');
    // Once: a second time there is nothing to take over, and a mark that is lost is not made anew.
    const again = await cli('run', 'nightly');
    expect([again.code, again.stderr.includes('took over')]).toEqual([0, false]);
    rmSync(join(folder, 'retention-ledger.mark'));
    expect((await cli('run', 'nightly')).code).toBe(3);
    await done(cli('ledger', 'accept', '--reason', 'R'));
    const store = spyOn(join(folder, 'store.sqlite'));
    drops.push(() => store.destroy());
    await store('cdr').insert({ id: 1, at: '2026-09-01 00:00:00', account: '1001' });
    const replayed = await cli('replay', first, '--enforce');
    expect(replayed.code, replayed.stderr).toBe(0);
    expect(await store('cdr').where({ id: 1 })).toEqual([]);
    expect(await done(cli('upgrade', '--check'))).toContain('Nothing has to be written or confirmed');
  });

  test('a plan of then that still waits is enforced, or told to be made anew, and then enforced', async () => {
    const { ledger, cli } = await golden(NAME);
    const spy = spyOn(ledger);
    drops.push(() => spy.destroy());
    const plan = (await auditEvents(spy, 'plan-made')).at(-1)?.plan ?? '';
    await done(cli('resume'));
    await done(cli(...CONFIRM));
    const enforced = await cli('enforce', plan);
    if (enforced.code === 0) return;
    expect([enforced.code, enforced.stderr]).toEqual([
      3,
      expect.stringMatching(
        /was made under (other policies|another job or data map)[\s\S]*retention plan nightly/,
      ),
    ]);
    const anew = idIn(await done(cli('plan', 'nightly', '--quiet')), 'plan');
    await done(cli('enforce', anew));
  });

  test('one that never ran, or whose log was altered, is not taken over', async () => {
    for (const harm of [
      'DELETE FROM audit_log WHERE seq > 2',
      "UPDATE audit_log SET body = replace(body, 'golden', 'olden') WHERE seq = 3",
    ]) {
      const { ledger, cli } = await golden(NAME);
      const spy = spyOn(ledger);
      await spy.raw(harm);
      if (harm.startsWith('DELETE'))
        await spy.raw('UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit_log WHERE seq = 2)');
      await spy.destroy();
      const check = await cli('upgrade', '--check');
      expect([check.code, check.stdout]).toEqual([
        3,
        expect.stringMatching(/^confirm {2}ledger: it has no name/),
      ]);
      const { code, stderr } = await cli('run', 'nightly');
      expect([code, stderr]).toEqual([3, expect.stringMatching(/this ledger is new|does not verify/)]);
    }
  });
});
