// A clock that stands wrong enforces nothing: neither before what is known of the time nor far after it, nor one that is set
// while a run goes on. Real processes, whose clock alone stands off: on stores that have no clock of their own.
import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { isActive } from '../../src/policy/hold.ts';
import { retime } from '../ledger/retime.ts';
import { type Finished, retention } from '../support/cli.ts';
import { DAY_MS, shiftedBy } from '../support/shifted-clock.ts';
import { auditEntries, auditEvents, countKind, spyOn } from '../support/small-ledger.ts';
import { holdOn } from '../support/small-run.ts';
import {
  addCalls,
  addRecordings,
  countOf,
  daysAgo,
  type SmallTelecom,
  smallTelecom,
} from '../support/small-telecom.ts';

const drops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const drop of drops.splice(0).reverse()) await drop();
});

/** A night that was: the ledger has a run of today, and every call left is too young. Files are of a folder of their own. */
async function afterANight(kind: 'sqlite' | 'files'): Promise<SmallTelecom> {
  const telecom = await smallTelecom({ kind: 'sqlite' });
  drops.push(telecom.drop);
  if (kind === 'files') {
    telecom.write('jobs/stores/telecom.yaml', {
      store: 'telecom',
      kind: 'filesystem',
      root: `${telecom.folder}/calls`,
      canary: '.canary',
      datasets: [FILES],
    });
    telecom.write('calls/.canary', '');
    for (const days of [5, 90]) addFile(telecom, days);
  } else {
    await addCalls(telecom, 1, 5);
  }
  await done(telecom.cli('run', 'nightly'));
  expect(await leftIn(telecom, kind)).toBe(kind === 'files' ? 1 : 5);
  return telecom;
}

const FILES = {
  dataset: 'files',
  folder: 'mon',
  pattern: '.+\\.wav',
  class: 'call-recording',
  start: { event: 'recorded', column: 'mtime' },
};

function addFile(telecom: SmallTelecom, days: number): void {
  telecom.write(`calls/mon/call-${days}.wav`, 'RIFF');
  const at = new Date(Date.now() - days * DAY_MS);
  utimesSync(`${telecom.folder}/calls/mon/call-${days}.wav`, at, at);
}

async function leftIn(telecom: SmallTelecom, kind: 'sqlite' | 'files'): Promise<number> {
  if (kind === 'sqlite') return countOf(telecom.database, 'cdr');
  return readdirSync(`${telecom.folder}/calls/mon`).length;
}

async function done(finished: Promise<Finished>): Promise<void> {
  const { code, stderr } = await finished;
  expect(code, stderr).toBe(0);
}

const off = (telecom: SmallTelecom, days: number, ...args: string[]): Promise<Finished> =>
  retention(args, { ...telecom.env, ...shiftedBy(days * DAY_MS) });

async function untrusted(finished: Promise<Finished>, says: RegExp): Promise<void> {
  const { code, stderr } = await finished;
  expect(stderr).toMatch(says);
  expect(code, stderr).toBe(3);
}

describe.each(['sqlite', 'files'] as const)('on %s', kind => {
  test('years and months ahead, and days back: nothing goes, nothing is written down; the right clock goes on', async () => {
    const telecom = await afterANight(kind);
    const ledger = spyOn(telecom.ledger);
    drops.push(() => ledger.destroy());
    const before = (await auditEntries(ledger)).length;
    for (const days of [3 * 365, 60, 3])
      await untrusted(
        off(telecom, days, 'run', 'nightly'),
        /more than two of the job's schedules lie between/,
      );
    await untrusted(off(telecom, -10, 'run', 'nightly'), /clock stands before the last entry/);
    expect((await auditEntries(ledger)).length).toBe(before);
    expect(await leftIn(telecom, kind)).toBe(kind === 'files' ? 1 : 5);
    await done(telecom.cli('run', 'nightly'));
    await done(off(telecom, 1, 'run', 'nightly'));
    await done(telecom.cli('audit', 'verify'));
  });

  test('a plan by a wrong clock proves no time: neither that it is right, nor afterwards that the right one is', async () => {
    const telecom = await afterANight(kind);
    const planned = await off(telecom, 60, 'plan', 'nightly');
    expect(planned.code, planned.stderr).toBe(0);
    const plan = /plan-\d{8}T\S+/.exec(planned.stdout)?.[0] ?? '';
    await untrusted(off(telecom, 60, 'enforce', plan), /more than two of the job's schedules/);
    await untrusted(off(telecom, 61, 'run', 'nightly'), /more than two of the job's schedules/);
    expect(await leftIn(telecom, kind)).toBe(kind === 'files' ? 1 : 5);
    await untrusted(telecom.cli('run', 'nightly'), /clock stands before the last entry/);
    await done(telecom.cli('ledger', 'confirm-clock', '--reason', 'NTP was off'));
    await done(telecom.cli('run', 'nightly'));
    await done(telecom.cli('audit', 'verify'));
  });

  test('a first run under a new ledger has only its store to go by', async () => {
    const telecom = await afterANight(kind);
    for (const end of ['ledger.db', 'ledger.db-wal', 'ledger.db-shm', 'retention-ledger.mark'])
      rmSync(`${telecom.folder}/${end}`, { force: true });
    await done(off(telecom, 60, 'ledger', 'new', '--no-holds', '--reason', 'R'));
    await untrusted(off(telecom, 60, 'run', 'nightly'), /more than two of the job's schedules/);
    expect(await leftIn(telecom, kind)).toBe(kind === 'files' ? 1 : 5);
  });
});

describe('a gap that is none of the clock', () => {
  test('a machine that was down: records of yesterday say what time it is; without any a person does', async () => {
    const telecom = await smallTelecom({ kind: 'sqlite' });
    drops.push(telecom.drop);
    await addCalls(telecom, 10, 2);
    for (const end of ['ledger.db', 'ledger.db-wal', 'ledger.db-shm', 'retention-ledger.mark'])
      rmSync(`${telecom.folder}/${end}`, { force: true });
    await done(off(telecom, -40, 'ledger', 'new', '--no-holds', '--reason', 'R'));
    await done(off(telecom, -40, 'ledger', 'confirm-clock', '--reason', 'R'));
    await untrusted(telecom.cli('run', 'nightly'), /more than two of the job's schedules/);
    expect(await countOf(telecom.database, 'cdr')).toBe(12);
    await telecom.database('cdr').insert({ at: daysAgo(1), account: '1' });
    await done(telecom.cli('run', 'nightly'));
    expect(await countOf(telecom.database, 'cdr')).toBe(3);
    await telecom.database('cdr').where('at', '>', daysAgo(3)).delete();
    await untrusted(off(telecom, 30, 'run', 'nightly'), /more than two of the job's schedules/);
    await done(off(telecom, 30, 'ledger', 'confirm-clock', '--reason', 'Nobody ran it for a month'));
    await done(off(telecom, 30, 'run', 'nightly'));
  });

  test('a job that runs once a week may be a week late', async () => {
    const telecom = await smallTelecom({ kind: 'sqlite', job: { schedule: '15 2 * * 1' } });
    drops.push(telecom.drop);
    await addCalls(telecom, 1, 2);
    await done(telecom.cli('run', 'nightly'));
    await done(off(telecom, 12, 'run', 'nightly'));
    await untrusted(off(telecom, 42, 'run', 'nightly'), /more than two of the job's schedules/);
  });
});

describe('the release of a hold', () => {
  test('by a clock that stands back or far ahead is refused: its cooling period would be over, or begin at no time', async () => {
    const telecom = await afterANight('sqlite');
    await done(
      telecom.cli('hold', 'place', '--id', 'court', '--matter', 'M', '--reason', 'R', '--customer', '1000'),
    );
    await untrusted(off(telecom, -40, 'hold', 'release', 'court', '--reason', 'R'), /clock stands before/);
    await untrusted(
      off(telecom, 60, 'hold', 'release', 'court', '--reason', 'R'),
      /knows of nothing between/,
    );
    await done(telecom.cli('hold', 'release', 'court', '--reason', 'R'));
    const ledger = spyOn(telecom.ledger);
    drops.push(() => ledger.destroy());
    expect(await auditEvents(ledger, 'hold-released')).toHaveLength(1);
  });

  test('before it was placed releases nothing', () => {
    const hold = {
      ...holdOn('a', {}, 100 * DAY_MS),
      releasedBy: 'x',
      releaseReason: 'r',
      releasedAtMs: 60 * DAY_MS,
    };
    expect(isActive(hold, 1000 * DAY_MS)).toBe(true);
    expect(isActive({ ...hold, releasedAtMs: 101 * DAY_MS }, 1000 * DAY_MS)).toBe(false);
  });
});

describe('a clock that is set while a run goes on', () => {
  test.each([-1, 1])('by %d h: the run ends, and goes on when the clock is right', async hours => {
    const telecom = await smallTelecom({ kind: 'sqlite' });
    drops.push(telecom.drop);
    await addCalls(telecom, 3000, 10);
    telecom.write('jobs/nightly.yaml', {
      ...JSON.parse(readFileSync(`${telecom.folder}/jobs/nightly.yaml`, 'utf8')),
      batch: 10,
    });
    const by = `${telecom.folder}/shift`;
    writeFileSync(by, '0');
    const ledger = spyOn(telecom.ledger);
    drops.push(() => ledger.destroy());
    const running = retention(['run', 'nightly'], { ...telecom.env, ...shiftedBy(by) });
    while ((await countKind(ledger, 'done')) < 3) await new Promise(resolve => setTimeout(resolve, 5));
    writeFileSync(by, String(hours * 3_600_000));
    const { code, stderr } = await running;
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/clock was set (back|forward) by 3600 s while the run went on/),
    ]);
    const left = await countOf(telecom.database, 'cdr');
    expect(left).toBeGreaterThan(10);
    expect((await auditEvents(ledger, 'run-ended')).at(-1)).toMatchObject({ state: 'interrupted' });
    if (hours > 0) await done(telecom.cli('ledger', 'confirm-clock', '--reason', 'NTP was off'));
    await done(telecom.cli('run', 'nightly'));
    expect(await countOf(telecom.database, 'cdr')).toBe(10);
    await done(telecom.cli('audit', 'verify'));
  });
});

test('an audit log whose times go back does not verify; small steps do, and what somebody has told of', async () => {
  const telecom = await smallTelecom({ kind: 'sqlite' });
  drops.push(telecom.drop);
  await addRecordings(telecom, 1, 0);
  await done(telecom.cli('plan', 'nightly'));
  // As the program of before wrote it, which took any time.
  await retime(telecom.ledger, 2, -60_000);
  await done(telecom.cli('audit', 'verify'));
  await retime(telecom.ledger, 2, -10 * DAY_MS);
  const { code, stdout } = await telecom.cli('audit', 'verify');
  expect([code, stdout]).toEqual([
    5,
    expect.stringMatching(/entry 2, its time is .*, and an entry before it is of/),
  ]);
  await done(telecom.cli('ledger', 'confirm-clock', '--reason', 'It was off in those days'));
  await done(telecom.cli('audit', 'verify'));
});
