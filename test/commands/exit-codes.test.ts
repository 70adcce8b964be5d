// The exit codes are a contract with cron, Kubernetes and people's scripts: each of them, through the real program, and
// for every refusal that nothing was touched.
import { existsSync, rmSync } from 'node:fs';
import type { Knex } from 'knex';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Finished, idIn, retention } from '../support/cli.ts';
import { auditEvents, spyOn } from '../support/small-ledger.ts';
import {
  addCalls,
  countOf,
  daysAgo,
  nightlyJob,
  policy,
  type SmallTelecom,
  smallTelecom,
} from '../support/small-telecom.ts';

const TOTAL = 60;
let telecom: SmallTelecom;
let ledger: Knex;

beforeEach(async () => {
  telecom = await smallTelecom({ kind: 'sqlite' });
  await addCalls(telecom, 50, 10);
  ledger = spyOn(telecom.ledger);
});

afterEach(async () => {
  await ledger.destroy();
  await telecom.drop();
});

async function planned(...more: string[]): Promise<string> {
  const { code, stdout, stderr } = await telecom.cli('plan', 'nightly', '--quiet', ...more);
  expect(code, stderr).toBe(0);
  return idIn(stdout, 'plan');
}

async function expectRefused(finished: Finished, why: string, code = 'plan-not-enforceable'): Promise<void> {
  expect(finished.code, finished.stderr).toBe(3);
  expect(finished.stderr).toContain(why);
  expect(await countOf(telecom.database, 'cdr')).toBe(TOTAL);
  const refusals = await auditEvents(ledger, 'refused');
  expect(refusals.at(-1)).toMatchObject({ code });
  expect(refusals.at(-1)?.reason).toContain(why);
  expect(await auditEvents(ledger, 'intended')).toEqual([]);
}

test('0: done', async () => {
  const { code, stdout, stderr } = await telecom.cli('run', 'nightly');
  expect(code, stderr).toBe(0);
  expect(stdout).toContain('PLAN');
  expect(stdout).toContain('ENFORCED');
  expect(await countOf(telecom.database, 'cdr')).toBe(10);
});

describe('1: failed', () => {
  test('a store cannot be reached', async () => {
    const gone = await retention(['run', 'nightly'], {
      ...telecom.env,
      TELECOM_AT: `${telecom.folder}/none.db`,
    });
    expect(gone.code).toBe(1);
    expect(gone.stderr).toMatch(/error: store telecom cannot be reached/);
    telecom.map([CALLS]);
    const refused = await retention(['run', 'nightly'], {
      ...telecom.env,
      TELECOM_AT: 'mysql://a:b@127.0.0.1:1/c',
    });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/error: store telecom cannot be reached/);
    expect(refused.stderr).not.toContain('mistake in the program');
  });

  test('the folder of files is not mounted', async () => {
    rmSync(`${telecom.folder}/audio/.canary`);
    await telecom.database('recordings').insert({ at: daysAgo(90), filename: 'a.wav', account: '1000' });
    const { code, stdout } = await telecom.cli('run', 'nightly');
    expect(stdout).toContain('its canary file is missing');
    expect(code).toBe(4);
    expect(await countOf(telecom.database, 'recordings')).toBe(1);
  });
});

const CALLS = {
  dataset: 'calls',
  table: 'cdr',
  key: ['id'],
  class: 'call-detail-record',
  start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
};

describe('2: wrong usage or configuration', () => {
  test.each([
    [['purge-everything'], /unknown command/],
    [['plan', 'nightly', '--force'], /unknown option '--force'/],
    [['plan', 'nightly', '--format', 'xml'], /Allowed choices are text, json, csv/],
    [['plan', 'nightly', '--as-of', 'tomorrow'], /"tomorrow" is not an instant/],
    [['plan'], /missing required argument 'job'/],
    [['plan', 'weekly'], /there is no job "weekly"[\s\S]*Known jobs: nightly/],
    [['enforce', 'plan-none'], /there is no plan "plan-none"/],
    [['report', 'run-none'], /there is no run "run-none"/],
    [['hold', 'place', '--matter', 'a', '--reason', 'b'], /covers nothing in particular/],
    [['hold', 'place', '--matter', 'a', '--reason', 'b', '--kind', 'other', '--customer', '1'], /kind/],
    [['hold', 'release', 'none', '--reason', 'b'], /there is no hold none/],
    [['explain', 'telecom', 'nothing', '1'], /store telecom has no dataset "nothing"/],
    [['audit', 'verify', '--head', '12'], /"12" is not a head/],
  ])('%j', async (args, says) => {
    const { code, stderr } = await telecom.cli(...args);
    expect(stderr).toMatch(says);
    expect(code).toBe(2);
  });

  test('every mistake of the configuration at once, each with file and line', async () => {
    telecom.write(
      'policies/call-detail-record.yaml',
      policy('call-detail-record', '30 days', { bound: 'at-best' }),
    );
    telecom.write(
      'jobs/nightly.yaml',
      'job: nightly\ntitle: T\npolicies: all\nstores: [telecom]\nschedule: often\nzone: Mars/Base\nmode: enforce\n',
    );
    telecom.write('policies/holds/broken.yaml', 'hold: [\n');
    for (const command of [['validate'], ['run', 'nightly']]) {
      const { code, stderr } = await telecom.cli(...command);
      expect(code).toBe(2);
      expect(stderr).toMatch(/call-detail-record\.yaml:5:\d+ {2}"30 days" is not a retention period/);
      expect(stderr).toMatch(/call-detail-record\.yaml:7:\d+ {2}/);
      expect(stderr).toMatch(/nightly\.yaml:6:\d+ {2}"Mars\/Base"/);
      expect(stderr).toMatch(/broken\.yaml:\d+:\d+ {2}/);
    }
    expect(await countOf(telecom.database, 'cdr')).toBe(TOTAL);
  });
});

describe('3: refused, with nothing touched', () => {
  test('over a limit', async () => {
    telecom.write('jobs/nightly.yaml', nightlyJob({ limits: { percent: 50, reason: 'A test' } }));
    await expectRefused(
      await telecom.cli('run', 'nightly'),
      '83.3 % of the records are due',
      'limit-exceeded',
    );
    telecom.write(
      'jobs/nightly.yaml',
      nightlyJob({ limits: { records: 49, percent: 100, reason: 'A test' } }),
    );
    await expectRefused(await telecom.cli('run', 'nightly'), '50 records are due', 'limit-exceeded');
  });

  test('a plan of a job that only reports', async () => {
    telecom.write('jobs/nightly.yaml', nightlyJob({ mode: 'report' }));
    const plan = await planned();
    await expectRefused(await telecom.cli('enforce', plan), 'which only reports');
    telecom.write('jobs/nightly.yaml', nightlyJob({}));
    await expectRefused(await telecom.cli('enforce', plan), 'which only reports');
    telecom.write('jobs/nightly.yaml', nightlyJob({ mode: 'report' }));
    expect((await telecom.cli('run', 'nightly')).code).toBe(0);
    expect(await countOf(telecom.database, 'cdr')).toBe(TOTAL);
  });

  test('an expired plan', async () => {
    telecom.write('jobs/nightly.yaml', nightlyJob({ planValidFor: 'PT1S' }));
    const plan = await planned();
    await new Promise(resolve => setTimeout(resolve, 1100));
    await expectRefused(await telecom.cli('enforce', plan), 'expired at');
  });

  test('a plan for a day to come', async () => {
    const plan = await planned('--as-of', '2100-01-01');
    await expectRefused(
      await telecom.cli('enforce', plan),
      'is for 2100-01-01T00:00:00.000Z, which is still to come',
    );
  });

  test('policies, jobs or maps that have changed since', async () => {
    const plan = await planned();
    telecom.write('policies/call-detail-record.yaml', policy('call-detail-record', 'P31D', {}));
    await expectRefused(await telecom.cli('enforce', plan), "other policies than today's");
    telecom.write('policies/call-detail-record.yaml', policy('call-detail-record', 'P30D', {}));
    telecom.write('jobs/nightly.yaml', nightlyJob({ batch: 7 }));
    await expectRefused(await telecom.cli('enforce', plan), "another job or data map than today's");
  });

  test('a plan that was changed in the ledger, in whatever way', async () => {
    const plan = await planned();
    const other = await planned();
    const [row] = await ledger('plans').where({ id: plan });
    const batch = { plan, seq: 0 };
    const [mine] = await ledger('plan_batches').where(batch);
    const [theirs] = await ledger('plan_batches').where({ plan: other, seq: 0 });
    expect(mine.keys_digest).toBe(theirs.keys_digest);
    await telecom.database('cdr').insert({ id: 900, at: daysAgo(90), account: '1000' });
    const third = await planned();
    await telecom.database('cdr').where({ id: 900 }).delete();
    const [more] = await ledger('plan_batches').where({ plan: third, seq: 0 });
    const tampers: [() => Promise<unknown>, string][] = [
      [
        () =>
          ledger('plans')
            .where({ id: plan })
            .update({ body: String(row.body).replace('"due":50', '"due":5') }),
        'is not as it was when it was made',
      ],
      [
        () => ledger('plan_batches').where(batch).update({ keys_digest: more.keys_digest }),
        'lists other keys than when it was made',
      ],
      [
        () =>
          ledger('plan_batches')
            .where(batch)
            .update({ batch_keys: Buffer.from(more.batch_keys) }),
        'lists other keys in batch 0',
      ],
      [
        () => ledger('plan_batches').where(batch).update({ part: 1 }),
        'lists other keys than when it was made',
      ],
    ];
    for (const [tamper, why] of tampers) {
      await tamper();
      await expectRefused(await telecom.cli('enforce', plan), why);
      await ledger('plans').where({ id: plan }).update({ body: row.body });
      await ledger('plan_batches')
        .where(batch)
        .update({ ...mine, batch_keys: Buffer.from(mine.batch_keys) });
    }
    expect((await telecom.cli('enforce', plan)).code).toBe(0);
  });

  test('a plan that was enforced already, and a clock that stands before the log', async () => {
    const plan = await planned();
    expect((await telecom.cli('enforce', plan)).code).toBe(0);
    const again = await telecom.cli('enforce', plan);
    expect(again.code).toBe(3);
    expect(again.stderr).toContain('was enforced already');
    const next = await planned();
    const [last] = await ledger('audit_log').orderBy('seq', 'desc').limit(1);
    const ahead = new Date(Date.now() + 3_600_000).toISOString();
    await ledger('audit_log')
      .where({ seq: last.seq })
      .update({ body: String(last.body).replace(/"at":"[^"]+"/, `"at":"${ahead}"`) });
    const refused = await telecom.cli('enforce', next);
    expect(refused.code, refused.stderr).toBe(3);
    expect(refused.stderr).toContain('clock stands before the last entry of the audit log');
  });
});

test('4: done, but a foreign key holds a record back', async () => {
  await telecom.database.raw('CREATE TABLE notes (id INTEGER PRIMARY KEY, call INTEGER REFERENCES cdr (id))');
  await telecom.database('notes').insert([{ call: 7 }, { call: 20 }]);
  const { code, stdout, stderr } = await telecom.cli('run', 'nightly');
  expect(code, stderr).toBe(4);
  expect(stdout).toMatch(/blocked: .+ 2/);
  expect(await telecom.database('cdr').where('id', '<=', 50).pluck('id')).toEqual([7, 20]);
});

test('5: the audit log does not verify', async () => {
  const run = await telecom.cli('run', 'nightly', '--verify');
  expect([run.code, run.stdout.includes('The audit log verifies')], run.stderr).toEqual([0, true]);
  const noted = /head (\d+:[0-9a-f]{64})/.exec((await telecom.cli('audit', 'verify')).stdout)?.[1] ?? '';
  expect((await telecom.cli('audit', 'verify', '--head', noted)).code).toBe(0);
  await ledger('audit_log')
    .where({ seq: 3 })
    .update({ body: ledger.raw("REPLACE(body, 'tester', 'taster')") });
  const { code, stdout } = await telecom.cli('audit', 'verify');
  expect(code).toBe(5);
  expect(stdout).toContain('The audit log does not verify: entry 3,');
  const next = await telecom.cli('run', 'nightly', '--verify', '--format', 'json');
  expect(next.code).toBe(5);
  expect(next.stderr).toContain('the audit log does not verify');
  expect(JSON.parse(next.stdout)).toMatchObject({ state: 'done' });
});

test('a run under a ledger that is not there disposes of nothing and makes none, however often it is called', async () => {
  const elsewhere = { ...telecom.env, RETENTION_LEDGER: `${telecom.folder}/typo/ledger.db` };
  const nowhere = await retention(['report', 'run-none'], elsewhere);
  expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringMatching(/there is no ledger at/)]);
  for (const night of [1, 2]) {
    const refused = await retention(['run', 'nightly'], elsewhere);
    expect([night, refused.code, refused.stderr]).toEqual([
      night,
      3,
      expect.stringMatching(/there is no ledger at/),
    ]);
  }
  expect(existsSync(`${telecom.folder}/typo`)).toBe(false);
  expect(await countOf(telecom.database, 'cdr')).toBe(TOTAL);
});
