// The nightly job from end to end on a real server and real files, through the command line, with the shipped policies and
// data maps, against what SQL written for the check says. RETENTION_PROVE_ROWS sets the number of calls.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nextRun } from '../../src/schedule.ts';
import { type Env, type Finished, idIn, retention } from '../support/cli.ts';
import { type FreshFolder, type FreshMysql, freshFolder, freshMysql } from '../support/databases.ts';
import { checksum, countWhere, dueConditions } from './oracle.ts';
import { HELD, makeTelecom, NINETY_DAYS, REOPENED, SEVEN_YEARS } from './telecom.ts';

const CALLS = Number(process.env.RETENTION_PROVE_ROWS ?? 30_000);
const TABLES = ['cdr', 'recordings', 'billing_records', 'correspondence', 'accounts', 'invoices'] as const;
const DATASETS: Readonly<Record<(typeof TABLES)[number], string>> = {
  cdr: 'call-detail-records',
  recordings: 'call-recordings',
  billing_records: 'billing-records',
  correspondence: 'correspondence',
  accounts: 'accounts',
  invoices: 'invoices',
};

let mysql: FreshMysql;
let backup = '';
let folder: FreshFolder;
let env: Env;
let due: Readonly<Record<string, string>>;
const expected = new Map<string, { due: number; rest: string }>();
let planned: Finished;
let enforced: Finished;

interface PlanJson {
  readonly parts: {
    dataset: string;
    counts: Record<string, number>;
    findings: { code: string; message: string; count: number }[];
  }[];
}

beforeAll(async () => {
  mysql = await freshMysql();
  folder = await freshFolder();
  const nowMs = Date.now();
  mkdirSync(join(folder.path, 'recordings'));
  await makeTelecom(mysql.knex, join(folder.path, 'recordings'), CALLS, nowMs);
  env = await configure();
  due = dueConditions(nowMs, nextRun('15 2 * * *', 'Europe/London', nowMs) ?? nowMs);
  for (const table of TABLES) {
    expected.set(table, {
      due: await countWhere(mysql.knex, table, due[table] ?? ''),
      rest: await checksum(mysql.knex, table, `NOT COALESCE((${due[table]}), FALSE)`),
    });
  }
  await backUp();
  const made = await retention(['ledger', 'new', '--reason', 'A test'], env);
  expect(made.code, made.stderr).toBe(0);
  const placed = await retention(
    ['hold', 'place', '--id', 'case-1', '--matter', 'Case 1', '--reason', 'Preservation', '--customer', HELD],
    env,
  );
  expect(placed.code, placed.stderr).toBe(0);
}, 600_000);

afterAll(async () => {
  await mysql?.knex.raw('DROP DATABASE IF EXISTS ??', [backup]);
  await mysql?.drop();
  await folder?.remove();
});

/** The shipped folders, with two instructions and with limits for a first purge. */
async function configure(): Promise<Env> {
  const [policies, jobs] = [join(folder.path, 'policies'), join(folder.path, 'jobs')];
  cpSync('policies', policies, { recursive: true });
  cpSync('jobs', jobs, { recursive: true });
  const instruction = (customer: string, period: string): string =>
    `instruction: i-${customer}\nclass: call-detail-record\ncustomer: '${customer}'\nperiod: ${period}\nfrom: 2020-01-01\nreference: Contract\n`;
  writeFileSync(join(policies, 'instructions/a.yaml'), instruction(NINETY_DAYS, 'P90D'));
  writeFileSync(join(policies, 'instructions/b.yaml'), instruction(SEVEN_YEARS, 'P7Y'));
  const nightly = readFileSync(join(jobs, 'nightly.yaml'), 'utf8');
  writeFileSync(
    join(jobs, 'nightly.yaml'),
    `${nightly}limits: { records: 2000000, percent: 90, reason: The first purge }\n`,
  );
  return {
    RETENTION_POLICIES: policies,
    RETENTION_JOBS: jobs,
    RETENTION_LEDGER: join(folder.path, 'ledger.db'),
    RETENTION_TELECOM_URL: mysql.url,
    RETENTION_TELECOM_READ_URL: await mysql.readOnlyUrl(),
    RETENTION_RECORDINGS_ROOT: join(folder.path, 'recordings'),
  };
}

/** A backup of the calls, and the whole table as it comes back from there. */
async function backUp(): Promise<void> {
  backup = `${new URL(mysql.url).pathname.slice(1)}_backup`;
  await mysql.knex.raw('CREATE DATABASE ??', [backup]);
  await mysql.knex.raw('CREATE TABLE ??.cdr LIKE cdr', [backup]);
  await mysql.knex.raw('INSERT INTO ??.cdr SELECT * FROM cdr', [backup]);
}

async function restore(): Promise<void> {
  await mysql.knex.raw('DROP TABLE cdr');
  await mysql.knex.raw('CREATE TABLE cdr LIKE ??.cdr', [backup]);
  await mysql.knex.raw('INSERT INTO cdr SELECT * FROM ??.cdr', [backup]);
}

function partOf(json: string, dataset: string): PlanJson['parts'][number] {
  const part = (JSON.parse(json) as PlanJson).parts.find(one => one.dataset === dataset);
  if (part === undefined) throw new Error(`no part ${dataset}`);
  return part;
}

describe.sequential(`the nightly job, ${CALLS} calls`, { timeout: 900_000 }, () => {
  test('plans exactly what the independent query finds, without a write', async () => {
    await mysql.knex.raw("SET GLOBAL log_output = 'TABLE'");
    await mysql.knex.raw('TRUNCATE mysql.general_log');
    await mysql.knex.raw('SET GLOBAL general_log = ON');
    planned = await retention(['plan', 'nightly', '--format', 'json', '--quiet'], env);
    await mysql.knex.raw('SET GLOBAL general_log = OFF');
    expect(planned.code, planned.stderr).toBe(0);
    for (const table of TABLES) {
      expect(partOf(planned.stdout, DATASETS[table]).counts.due, table).toBe(expected.get(table)?.due);
      expect(expected.get(table)?.due, table).toBeGreaterThan(0);
    }
    const reader = new URL(env.RETENTION_TELECOM_READ_URL ?? '').username;
    const [statements] = await mysql.knex.raw(
      `SELECT DISTINCT UPPER(SUBSTRING_INDEX(TRIM(CONVERT(argument USING utf8mb4)), ' ', 1)) AS verb FROM mysql.general_log WHERE user_host LIKE ? AND command_type IN ('Query', 'Execute')`,
      [`%${reader}%`],
    );
    const verbs = statements.map((row: { verb: string }) => row.verb).sort();
    expect(verbs).toEqual(['EXPLAIN', 'SELECT', 'SET', 'SHOW']);
  });

  test('finds every sort of undated row, and says how many', () => {
    const cdr = partOf(planned.stdout, 'call-detail-records');
    expect(cdr.counts.undated).toBe(4);
    expect(partOf(planned.stdout, 'call-recordings').counts.undated).toBe(1);
    expect(partOf(planned.stdout, 'invoices').counts.undated).toBe(1);
    expect(partOf(planned.stdout, 'accounts').counts.undated).toBe(2);
    const messages = cdr.findings
      .filter(finding => finding.code === 'undated')
      .map(finding => finding.message)
      .sort();
    expect(messages).toEqual([
      'the start is a zero date',
      'the start is in the future',
      'the start is too early to be real',
    ]);
    expect(cdr.counts.held).toBeGreaterThan(0);
    expect(cdr.counts.keptByInstruction).toBeGreaterThan(0);
  });

  test("enforces it: the counts are the query's, and nothing else is touched", async () => {
    enforced = await retention(
      ['enforce', (JSON.parse(planned.stdout) as { id: string }).id, '--format', 'json', '--quiet'],
      env,
    );
    expect(enforced.code, enforced.stderr).toBe(0);
    const report = JSON.parse(enforced.stdout) as {
      parts: { dataset: string; counts: Record<string, number> }[];
    };
    for (const table of TABLES) {
      const counts = report.parts.find(part => part.dataset === DATASETS[table])?.counts;
      const did = (counts?.purged ?? 0) + (counts?.anonymised ?? 0);
      expect(did, table).toBe(expected.get(table)?.due);
      const left =
        table === 'billing_records' || table === 'accounts' ? `NOT COALESCE((${due[table]}), FALSE)` : 'TRUE';
      expect(await checksum(mysql.knex, table, left), table).toBe(expected.get(table)?.rest);
    }
    expect(
      await countWhere(
        mysql.knex,
        'billing_records',
        `(${due.billing_records}) AND (call_lines <> '' OR caller NOT LIKE '%xxx' OR retention_state IS NULL)`,
      ),
    ).toBe(0);
    expect(
      await countWhere(
        mysql.knex,
        'accounts',
        `(${due.accounts}) AND (email IS NOT NULL OR contact_name IS NOT NULL)`,
      ),
    ).toBe(0);
  });

  test('took no more than 200 MB', context => {
    const [plan, enforce] = [planned.peakMb, enforced.peakMb].map(mb => Math.round(mb ?? 0));
    context.annotate(`peak memory: plan ${plan} MB, enforce ${enforce} MB`);
    expect(plan).toBeGreaterThan(20);
    expect(plan).toBeLessThan(200);
    expect(enforce).toBeLessThan(200);
  });

  test('leaves exactly the files whose rows are left', async () => {
    const files = readdirSync(join(folder.path, 'recordings'), { recursive: true })
      .map(String)
      .filter(name => name.endsWith('.wav'));
    const [rows] = await mysql.knex.raw(
      "SELECT CONCAT(DATE_FORMAT(recorded_at, '%Y/%m/%d/'), filename) AS path FROM recordings WHERE recorded_at IS NOT NULL",
    );
    expect(files.sort()).toEqual(rows.map((row: { path: string }) => row.path).sort());
  });

  test('explains each record that is where it should be', async () => {
    const explain = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await retention(['explain', 'telecom', ...args, '--quiet'], env);
      expect(code, stderr).toBe(0);
      return stdout;
    };
    const one = async (condition: string): Promise<string> => {
      const [[row]] = await mysql.knex.raw(`SELECT id FROM cdr WHERE ${condition} ORDER BY calldate LIMIT 1`);
      return String(row.id);
    };
    expect(await explain('call-detail-records', await one(`accountcode = '${HELD}'`))).toContain(
      'It is kept by hold case-1 (Case 1).',
    );
    expect(await explain('call-detail-records', await one(`accountcode = '${SEVEN_YEARS}'`))).toMatch(
      /It is kept until .* by the customer's instruction i-1002/,
    );
    expect(await explain('call-detail-records', await one(`accountcode = '${NINETY_DAYS}'`))).toMatch(
      /It is kept until .* by the customer's instruction i-1001/,
    );
    expect(await explain('accounts', REOPENED)).toContain('its period has not started: the account is open');
    for (const [uniqueid, why] of Object.entries({
      zero: 'a zero date',
      sentinel: 'too early to be real',
      implausible: 'too early to be real',
      future: 'in the future',
    })) {
      expect(await explain('call-detail-records', await one(`uniqueid = '${uniqueid}'`)), uniqueid).toContain(
        why,
      );
    }
    const gone = String(CALLS);
    const history = await explain('call-detail-records', gone);
    expect(history).toContain('There is no such record now.');
    expect(history).toMatch(/purged {2}by run-\S+, plan plan-\S+, entry \d+/);
  });

  test('proves it: the audit log verifies', async () => {
    const verified = await retention(['audit', 'verify', '--format', 'json'], env);
    expect(verified.code, verified.stdout).toBe(0);
    const total = [...expected.values()].reduce((sum, one) => sum + one.due, 0);
    expect(JSON.parse(verified.stdout)).toMatchObject({ verified: true, records: total, open: 0 });
  });

  test('replays after a restore: exactly what had come back goes, and a hold placed since wins', async () => {
    await restore();
    const [[held]] = await mysql.knex.raw(
      `SELECT id, accountcode FROM cdr WHERE ${due.cdr} AND accountcode = '1020' LIMIT 1`,
    );
    const placed = await retention(
      [
        'hold',
        'place',
        '--id',
        'case-2',
        '--matter',
        'Case 2',
        '--reason',
        'Dispute',
        '--record',
        `telecom/call-detail-records/${held.id}`,
      ],
      env,
    );
    expect(placed.code, placed.stderr).toBe(0);
    const run = idIn(enforced.stdout, 'run');
    const dry = await retention(['replay', run, '--format', 'json', '--quiet'], env);
    expect(dry.code, dry.stderr).toBe(0);
    const back = partOf(dry.stdout, 'call-detail-records').counts;
    expect(back).toMatchObject({ due: (expected.get('cdr')?.due ?? 0) - 1, held: 1 });
    const others = (JSON.parse(dry.stdout) as PlanJson).parts.filter(
      part => part.dataset !== 'call-detail-records',
    );
    expect(others.map(part => part.counts.due)).toEqual(others.map(() => 0));
    const again = await retention(['replay', run, '--enforce', '--format', 'json', '--quiet'], env);
    expect(again.code, again.stderr).toBe(0);
    expect(await checksum(mysql.knex, 'cdr', `id <> ${held.id}`)).toBe(expected.get('cdr')?.rest);
    expect(await countWhere(mysql.knex, 'cdr', `id = ${held.id}`)).toBe(1);
    const verified = await retention(['audit', 'verify'], env);
    expect(verified.code, verified.stdout).toBe(0);
  });
});
