// A ledger is known, not assumed: what is new, another, older or lost enforces nothing until a person has said that it is
// right. Real processes, as a scheduler starts them.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { ledgerPlace } from '../../src/ledger/place.ts';
import { verifyAudit } from '../../src/ledger/verify-audit.ts';
import { errorReport } from '../../src/report/error-report.ts';
import { type Env, type Finished, idIn, retention } from '../support/cli.ts';
import { freshFolder, freshMysql } from '../support/databases.ts';
import { auditEvents, spyOn } from '../support/small-ledger.ts';
import { addCalls, countOf, daysAgo, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';

const DUE = 20;
const KEPT = 3;
const drops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const drop of drops.splice(0).reverse()) await drop();
});

/** Calls of a customer that are due, and none of them may go: a hold says so. */
async function heldTelecom(kind: 'sqlite' | 'mysql' = 'sqlite'): Promise<SmallTelecom> {
  const telecom = await smallTelecom({ kind });
  drops.push(telecom.drop);
  await addCalls(telecom, 0, KEPT);
  await telecom.database.batchInsert(
    'cdr',
    Array.from({ length: DUE }, () => ({ at: daysAgo(90), account: 'held' })),
    100,
  );
  await done(
    telecom.cli('hold', 'place', '--id', 'court', '--matter', 'M', '--reason', 'R', '--customer', 'held'),
  );
  await done(telecom.cli('run', 'nightly'));
  await expectKept(telecom);
  return telecom;
}

async function done(finished: Promise<Finished>): Promise<string> {
  const { code, stderr, stdout } = await finished;
  expect(code, stderr).toBe(0);
  return stdout;
}

async function expectKept(telecom: SmallTelecom): Promise<void> {
  expect(await countOf(telecom.database, 'cdr')).toBe(DUE + KEPT);
}

async function refused(telecom: SmallTelecom, args: string[], says: RegExp, more: Env = {}): Promise<void> {
  const { code, stderr } = await retention(args, { ...telecom.env, ...more });
  expect(stderr).toMatch(says);
  expect(code).toBe(3);
  await expectKept(telecom);
}

/** Without what SQLite keeps beside it: what somebody copies who copies a file. */
function removeLedger(telecom: SmallTelecom): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${telecom.ledger}${end}`, { force: true });
}

describe('a ledger whose file was lost', () => {
  test('nothing goes, night after night, nor by a plan, nor by a hold; until somebody says that there are no holds', async () => {
    const telecom = await heldTelecom();
    removeLedger(telecom);
    for (const _night of [1, 2, 3]) await refused(telecom, ['run', 'nightly'], /there is no ledger at/);
    await refused(telecom, ['enforce', 'plan-x'], /there is no ledger at/);
    await refused(telecom, ['replay', 'run-x', '--enforce'], /there is no ledger at/);
    for (const look of [
      ['hold', 'list'],
      ['audit', 'verify'],
      ['report', 'run-x'],
    ])
      expect((await telecom.cli(...look)).code).toBe(2);
    expect(existsSync(telecom.ledger)).toBe(false);
    // A plan is for looking at: it makes one, and says so; under that one nothing goes either.
    const planned = await telecom.cli('plan', 'nightly');
    expect(planned.stderr).toContain('made a new, empty ledger, which knows of no holds');
    const plan = idIn(planned.stdout, 'plan');
    await refused(
      telecom,
      ['enforce', plan],
      /this ledger is new, and the last ledger that was used here is/,
    );
    await refused(telecom, ['run', 'nightly'], /this ledger is new/);
    await refused(
      telecom,
      ['hold', 'place', '--matter', 'M', '--reason', 'R', '--customer', 'x'],
      /this ledger is new/,
    );
    await refused(telecom, ['enforce', plan], /this ledger is new/);
    const made = await done(telecom.cli('ledger', 'new', '--reason', 'The disk failed'));
    expect(made).toContain('Holds of the last ledger that are not in this one: court');
    await refused(telecom, ['enforce', plan], /knows of no holds/);
    await done(telecom.cli('ledger', 'new', '--no-holds', '--reason', 'They are all released'));
    await done(telecom.cli('enforce', plan));
    expect(await countOf(telecom.database, 'cdr')).toBe(KEPT);
    const ledger = spyOn(telecom.ledger);
    drops.push(() => ledger.destroy());
    const [first, second] = await auditEvents(ledger, 'ledger-made');
    expect(first).toMatchObject({ noHolds: false, lostHolds: ['court'], reason: 'The disk failed' });
    expect(second).toMatchObject({ noHolds: true, instead: { ledger: first?.ledger } });
  });

  test('a job that only reports does not make it older', async () => {
    const telecom = await heldTelecom();
    removeLedger(telecom);
    telecom.write('jobs/report.yaml', {
      ...JSON.parse(read(telecom, 'jobs/nightly.yaml')),
      job: 'report',
      mode: 'report',
    });
    expect((await telecom.cli('run', 'report')).code).toBe(3);
    await done(telecom.cli('plan', 'report'));
    await done(telecom.cli('run', 'report'));
    await refused(telecom, ['run', 'nightly'], /this ledger is new/);
  });
});

function read(telecom: SmallTelecom, file: string): string {
  return readFileSync(`${telecom.folder}/${file}`, 'utf8');
}

describe('another ledger', () => {
  test('a misspelt path, whoever made the ledger that is there', async () => {
    const telecom = await heldTelecom();
    const typo = { RETENTION_LEDGER: `${telecom.folder}/legder.db` };
    await refused(telecom, ['run', 'nightly'], /there is no ledger at .*legder\.db/, typo);
    await done(retention(['plan', 'nightly'], { ...telecom.env, ...typo }));
    await refused(telecom, ['run', 'nightly'], /this ledger is new/, typo);
  });

  test('one that is in use elsewhere is refused under this state, and a hold in it too', async () => {
    const [telecom, other] = [await heldTelecom(), await smallTelecom({ kind: 'sqlite' })];
    drops.push(other.drop);
    const mixed = { RETENTION_LEDGER: other.ledger, RETENTION_STATE: telecom.folder };
    await refused(telecom, ['run', 'nightly'], /this ledger is another/, mixed);
    const plan = await retention(['plan', 'nightly', '--quiet'], { ...telecom.env, ...mixed });
    expect(plan.code).toBe(0);
    expect(plan.stderr).toContain('this ledger is another');
    await refused(telecom, ['enforce', idIn(plan.stdout, 'plan')], /this ledger is another/, mixed);
    await refused(
      telecom,
      ['hold', 'place', '--matter', 'M', '--reason', 'R', '--customer', 'x'],
      /is another/,
      mixed,
    );
    const show = await retention(['ledger', 'show'], { ...telecom.env, ...mixed });
    expect([show.code, show.stdout]).toEqual([
      3,
      expect.stringContaining('Holds of the last ledger that are not in this one: court'),
    ]);
    const accept = ['ledger', 'accept', '--reason', 'We moved'];
    const without = await retention(accept, { ...telecom.env, ...mixed });
    expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('court')]);
    await done(retention([...accept, '--lost-holds'], { ...telecom.env, ...mixed }));
    await done(retention(['run', 'nightly'], { ...telecom.env, ...mixed }));
    expect(await countOf(telecom.database, 'cdr')).toBe(KEPT);
  });

  test('the mark is gone, or cannot be read: nothing goes until somebody says that the ledger is right', async () => {
    const telecom = await heldTelecom();
    const mark = `${telecom.folder}/retention-ledger.mark`;
    writeFileSync(mark, 'not a mark');
    const broken = await telecom.cli('run', 'nightly');
    expect([broken.code, broken.stderr]).toEqual([
      1,
      expect.stringContaining('mark of the last ledger cannot be read'),
    ]);
    rmSync(mark);
    await refused(telecom, ['run', 'nightly'], /has never been used here, or its mark is lost/);
    await done(telecom.cli('ledger', 'accept', '--reason', 'A new machine'));
    await done(telecom.cli('run', 'nightly'));
    await expectKept(telecom);
  });

  test('a state folder that cannot be written to: nothing goes', async () => {
    const telecom = await heldTelecom();
    const file = `${telecom.folder}/a-file`;
    writeFileSync(file, '');
    const { code, stderr } = await retention(['ledger', 'accept', '--reason', 'R'], {
      ...telecom.env,
      RETENTION_STATE: `${file}/state`,
    });
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/mark of the ledger cannot be written[\s\S]*RETENTION_STATE/),
    ]);
    await expectKept(telecom);
  });
});

describe('an older copy', () => {
  test('is refused, with a new hold in it too, and by every later night; accepting says what is lost', async () => {
    const telecom = await smallTelecom({ kind: 'sqlite' });
    drops.push(telecom.drop);
    await addCalls(telecom, 0, KEPT);
    await telecom.database.batchInsert(
      'cdr',
      Array.from({ length: DUE }, () => ({ at: daysAgo(90), account: 'held' })),
      100,
    );
    const spy = spyOn(telecom.ledger);
    await spy.raw('PRAGMA wal_checkpoint(TRUNCATE)');
    await spy.destroy();
    // Of the file alone: what stands in its -wal is not in it.
    cpSync(telecom.ledger, `${telecom.folder}/copy.db`);
    await done(
      telecom.cli('hold', 'place', '--id', 'court', '--matter', 'M', '--reason', 'R', '--customer', 'held'),
    );
    removeLedger(telecom);
    cpSync(`${telecom.folder}/copy.db`, telecom.ledger);
    await refused(telecom, ['run', 'nightly'], /it is an older copy/);
    const placed = await telecom.cli('hold', 'place', '--matter', 'M', '--reason', 'R', '--customer', 'x');
    expect([placed.code, placed.stdout, placed.stderr]).toEqual([
      0,
      expect.stringContaining('is written down here, and is not in force.'),
      expect.stringContaining('Nothing is enforced under this ledger'),
    ]);
    await refused(telecom, ['run', 'nightly'], /went its own way|older copy/);
    for (const _more of [1, 2]) await telecom.cli('plan', 'nightly');
    await refused(telecom, ['run', 'nightly'], /went its own way/);
    expect((await telecom.cli('audit', 'verify')).code).toBe(5);
    const without = await telecom.cli('ledger', 'accept', '--reason', 'Restored');
    expect([without.code, without.stderr]).toEqual([2, expect.stringContaining('court')]);
    await done(
      telecom.cli('hold', 'place', '--id', 'court', '--matter', 'M', '--reason', 'R', '--customer', 'held'),
    );
    await done(telecom.cli('ledger', 'accept', '--reason', 'Restored'));
    await done(telecom.cli('run', 'nightly'));
    await expectKept(telecom);
    expect((await telecom.cli('audit', 'verify')).code).toBe(0);
  });

  test('of a ledger on a server: its mark is kept by the user, under the name of the server', async () => {
    const [telecom, server, home] = [
      await smallTelecom({ kind: 'sqlite' }),
      await freshMysql(),
      await freshFolder(),
    ];
    drops.push(telecom.drop, server.drop, home.remove);
    await addCalls(telecom, DUE, KEPT);
    const env = { RETENTION_LEDGER: server.url, HOME: home.path };
    const cli = (...args: string[]) => retention(args, { ...telecom.env, ...env });
    expect((await cli('hold', 'list')).code).toBe(2);
    expect(await server.knex.schema.hasTable('audit_head')).toBe(false);
    await refused(telecom, ['run', 'nightly'], /there is no ledger at 127\.0\.0\.1/, env);
    await done(cli('ledger', 'new', '--no-holds', '--reason', 'R'));
    const [, folder] = /mark: ([^)]+)\)/.exec((await cli('ledger', 'show')).stdout) ?? [];
    expect(folder).toContain(`${home.path}/.local/state/retention/`);
    rmSync(String(folder), { recursive: true });
    await refused(telecom, ['run', 'nightly'], /has never been used here/, env);
    await done(cli('ledger', 'accept', '--reason', 'R'));
    await server.knex('audit_head').update({ seq: 1 });
    await refused(telecom, ['run', 'nightly'], /it is an older copy/, env);
    await server.knex('audit_head').update({ seq: 2 });
    await done(cli('run', 'nightly'));
    expect(await countOf(telecom.database, 'cdr')).toBe(KEPT);
  });
});

describe('where a ledger is', () => {
  const elsewhere = [
    'postgres://u:TopSecretPw@h/db',
    'postgresql:u:TopSecretPw@h/db',
    'file:/tmp/TopSecretPw.db',
    'mysql:TopSecretPw',
    '//u:TopSecretPw@h/db',
    ' http://u:TopSecretPw@h/',
  ];

  test.each(elsewhere)('%s is no path, and its password is not repeated', at => {
    let said = '';
    try {
      ledgerPlace(at);
    } catch (error) {
      said = errorReport(error);
    }
    expect(said).toContain('the ledger is at no kind of URL that is known');
    expect(said).not.toContain('TopSecretPw');
  });

  test('and the program makes nothing of one', async () => {
    const telecom = await smallTelecom({ kind: 'sqlite' });
    drops.push(telecom.drop);
    const env = { ...telecom.env, RETENTION_LEDGER: elsewhere[0] ?? '' };
    const { code, stderr, stdout } = await retention(['plan', 'nightly'], env);
    expect([code, stderr + stdout]).toEqual([2, expect.not.stringContaining('TopSecretPw')]);
    expect(existsSync('postgres:')).toBe(false);
  });

  test('a link that leads nowhere is told in words', async () => {
    const telecom = await smallTelecom({ kind: 'sqlite' });
    drops.push(telecom.drop);
    symlinkSync(`${telecom.folder}/away/ledger.db`, `${telecom.folder}/link.db`);
    const env = { ...telecom.env, RETENTION_LEDGER: `${telecom.folder}/link.db` };
    for (const args of [
      ['ledger', 'new', '--no-holds', '--reason', 'R'],
      ['plan', 'nightly'],
    ]) {
      const { code, stderr } = await retention(args, env);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(
          /^error: the ledger cannot be opened: ENOENT[^\n]*\n {2}Check RETENTION_LEDGER[^\n]*\n$/m,
        ),
      ]);
    }
  });

  test('MYSQL:// is mysql://', async () => {
    const [telecom, server] = [await smallTelecom({ kind: 'sqlite' }), await freshMysql()];
    drops.push(telecom.drop, server.drop);
    const env = { RETENTION_LEDGER: server.url.replace('mysql:', 'MYSQL:'), RETENTION_STATE: telecom.folder };
    await done(retention(['plan', 'nightly'], { ...telecom.env, ...env }));
    expect(await server.knex.schema.hasTable('audit_head')).toBe(true);
  });

  test('its files are readable by their owner alone, those that were there before too', async () => {
    const telecom = await heldTelecom();
    const files = [telecom.ledger, `${telecom.folder}/retention-ledger.mark`];
    for (const file of files) expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o600]);
    chmodSync(telecom.ledger, 0o644);
    const ledger = await openLedger(telecom.ledger, systemClock, 'tester');
    await verifyAudit(ledger);
    for (const end of ['', '-wal', '-shm'])
      expect([end, statSync(`${telecom.ledger}${end}`).mode & 0o077]).toEqual([end, 0]);
    await ledger.close();
  });

  test('a ledger that a newer program has used is refused in our own words', async () => {
    const telecom = await heldTelecom();
    const ledger = spyOn(telecom.ledger);
    await ledger('ledger_migrations').insert({ name: '999-future', batch: 9, migration_time: new Date() });
    await ledger.destroy();
    const { code, stderr } = await telecom.cli('run', 'nightly');
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('used by a newer retention than this one: it has had 999-future'),
    ]);
  });

  test('looking makes nothing: doctor, coverage and orphans', async () => {
    const telecom = await smallTelecom({ kind: 'sqlite' });
    drops.push(telecom.drop);
    mkdirSync(`${telecom.folder}/here`);
    const env = { ...telecom.env, RETENTION_LEDGER: `${telecom.folder}/here/none/ledger.db` };
    for (const look of [['doctor', 'nightly'], ['coverage'], ['orphans', 'nightly']])
      await done(retention(look, env));
    expect(existsSync(`${telecom.folder}/here/none`)).toBe(false);
  });
});
