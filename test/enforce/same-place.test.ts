// A plan that was looked up in one place and would act in another is refused by name before the first delete: another
// database, another server, a copy with other records; a replica is right as long as it keeps up.
import type { Knex } from 'knex';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Finished, idIn, retention } from '../support/cli.ts';
import { freshMysql } from '../support/databases.ts';
import { type ReplicaPair, replicaPair } from '../support/replica-pair.ts';
import { addCalls, countOf, nightlyJob, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';
import { thisServerUrl } from '../support/this-server.ts';

// Several runs of the program in each test, beside whatever else the machine does.
vi.setConfig({ testTimeout: 240_000 });

const [DUE, KEPT] = [50, 150];
const LIMITS = { limits: { records: 1_000_000, percent: 30, reason: 'A test' } };

let pair: ReplicaPair;
let telecom: SmallTelecom;
let others: { readonly drop: () => Promise<void> }[];

beforeAll(async () => {
  pair = await replicaPair();
});

afterAll(() => pair.stop());

beforeEach(async () => {
  others = [];
  telecom = await smallTelecom({
    kind: 'mysql',
    server: pair.primary,
    readsElsewhere: true,
    job: LIMITS,
  });
  await addCalls(telecom, DUE, KEPT);
});

afterEach(async () => {
  await pair.apply(true);
  for (const other of others) await other.drop();
  await telecom.drop();
});

/** The same database, by its name, on another server. */
function at(server: string, url = telecom.env.TELECOM_AT ?? ''): string {
  const place = new URL(server);
  place.pathname = new URL(url).pathname;
  return place.href;
}

function cli(readAt: string, ...args: string[]): Promise<Finished> {
  return retention(args, { ...telecom.env, TELECOM_READ_AT: readAt });
}

/** A table of calls as the telecom's: `shift` days older, and numbered from `from` on. */
async function fillCopy(copy: Knex, rows: number, { from = 1, shift = 0 } = {}): Promise<void> {
  await copy.raw(
    'CREATE TABLE IF NOT EXISTS cdr (id BIGINT UNSIGNED PRIMARY KEY, at DATETIME, account VARCHAR(20), KEY cdr_at_index (at))',
  );
  for (const table of ['recordings', 'prospects', 'accounts']) {
    const [[made]] = await telecom.database.raw(`SHOW CREATE TABLE ${table}`);
    await copy.raw(String(made['Create Table']).replace('CREATE TABLE', 'CREATE TABLE IF NOT EXISTS'));
  }
  // The very times of the telecom's: a second may have passed since.
  const [times] = await telecom
    .database('cdr')
    .select(telecom.database.raw('cast(min(at) as char) as due, cast(max(at) as char) as kept'));
  const shifted = (at: string): string =>
    new Date(Date.parse(`${at}Z`) - shift * 86_400_000).toISOString().slice(0, 19).replace('T', ' ');
  const all = [...Array(rows).keys()].map(index => ({
    id: from + index,
    at: shifted(index < DUE ? times.due : times.kept),
    account: String(1000 + (index % 10)),
  }));
  await copy.batchInsert('cdr', all, 300);
}

/** Plans through one place, enforces at the other, and expects that nothing went. */
async function refused(readAt: string, planCode = 0): Promise<string> {
  const planned = await cli(readAt, 'plan', 'nightly', '--quiet');
  expect(planned.code, planned.stderr + planned.stdout).toBe(planCode);
  const enforced = await cli(readAt, 'enforce', idIn(planned.stdout, 'plan'));
  expect(enforced.code, enforced.stderr).toBe(3);
  expect(enforced.stderr).not.toMatch(/unexpected/);
  expect(await countOf(telecom.database, 'cdr')).toBe(DUE + KEPT);
  return enforced.stderr;
}

test('another database of the same server, six times as large, is refused by its name', async () => {
  const staging = await freshMysql(pair.primary.url);
  others.push(staging);
  await fillCopy(staging.knex, 6 * (DUE + KEPT));
  const said = await refused(staging.url);
  expect(said).toContain(new URL(staging.url).pathname.slice(1));
  expect(said).toMatch(/another database/);
});

test('another server that replicates nothing is refused, whatever it holds', async () => {
  const copy = await copyElsewhere();
  await fillCopy(copy.knex, DUE + KEPT);
  expect(await refused(copy.root)).toMatch(/does not replicate: it replicates from nothing/);
});

describe('a server whose user may not ask what it replicates from is looked at', () => {
  test('with the same records it is taken, and that it was not proved is told', async () => {
    const copy = await copyElsewhere();
    await fillCopy(copy.knex, DUE + KEPT);
    const run = await cli(copy.asReader, 'run', 'nightly');
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toMatch(/taken for one database by samples/);
    expect(await countOf(telecom.database, 'cdr')).toBe(KEPT);
  });

  test('with half of its records others, it is refused', async () => {
    const copy = await copyElsewhere();
    await fillCopy(copy.knex, DUE + KEPT, { from: 1 + DUE - 20 });
    expect(await refused(copy.asReader)).toMatch(/telecom\/calls: \d+ of \d+ /);
  });

  test('with the starts of its records years older, it is refused', async () => {
    const copy = await copyElsewhere();
    await fillCopy(copy.knex, DUE + KEPT, { shift: 20 });
    expect(await refused(copy.asReader)).toMatch(/50 of 50 planned records start at another time/);
  });

  test('six times as large, the limits hold where the deletion happens', async () => {
    telecom.write('jobs/nightly.yaml', nightlyJob({ limits: { records: 1000, percent: 10 } }));
    const copy = await copyElsewhere();
    await fillCopy(copy.knex, 6 * (DUE + KEPT));
    // The newest records of the smaller one are known to the larger.
    expect(await refused(copy.asReader)).toMatch(/over the limits .* where it is enforced[\s\S]*25.0 %/);
  });

  test('with another type in a column, it is refused', async () => {
    const copy = await copyElsewhere();
    await fillCopy(copy.knex, DUE + KEPT);
    await copy.knex.raw('ALTER TABLE cdr MODIFY account VARCHAR(30)');
    expect(await refused(copy.asReader)).toMatch(/"cdr.account" is varchar\(20\) .* varchar\(30\)/i);
  });
});

/** A database of the same name on the tests' own server, which replicates nothing. */
async function copyElsewhere() {
  const name = new URL(telecom.env.TELECOM_AT ?? '').pathname.slice(1);
  const made = await freshMysql();
  await made.knex.raw('CREATE DATABASE ??', [name]);
  await made.knex.raw("CREATE USER 'looks'@'%' IDENTIFIED BY 'looks'");
  await made.knex.raw("GRANT SELECT ON ??.* TO 'looks'@'%'", [name]);
  const own = await freshConnection(at(thisServerUrl()));
  others.push({
    drop: async () => {
      await own.destroy();
      await made.knex.raw('DROP DATABASE ??', [name]);
      await made.knex.raw("DROP USER 'looks'@'%'");
      await made.drop();
    },
  });
  const reader = new URL(at(thisServerUrl()));
  [reader.username, reader.password] = ['looks', 'looks'];
  return { knex: own, root: at(thisServerUrl()), asReader: reader.href };
}

async function freshConnection(url: string): Promise<Knex> {
  const { default: knex } = await import('knex');
  return knex({ client: 'mysql2', connection: url, pool: { min: 0, max: 2 } });
}

describe('a replica of the primary', () => {
  test('is right to plan by; where it stands still it is refused, and every command says so', async () => {
    await pair.caughtUp();
    const there = at(pair.replica.url);
    const plan = idIn((await cli(there, 'plan', 'nightly', '--quiet')).stdout, 'plan');
    await pair.apply(false);

    const late = await cli(there, 'enforce', plan);
    expect(late.code).toBe(3);
    expect(late.stderr).toMatch(/stands still/);
    expect(await countOf(telecom.database, 'cdr')).toBe(DUE + KEPT);

    const again = await cli(there, 'plan', 'nightly');
    expect(again.code).toBe(4);
    expect(again.stdout).toMatch(/stands still: its replication from 127.0.0.1:\d+ is stopped/);
    const doctor = await cli(there, 'doctor', 'nightly');
    expect(doctor.code).toBe(3);
    expect(doctor.stdout).toMatch(/refuses[\s\S]*stands still/);
    const explained = await cli(there, 'explain', 'telecom', 'calls', '1');
    expect(explained.stdout).toMatch(/stands still/);
    const coverage = await cli(there, 'coverage', 'nightly');
    expect(coverage.stdout).toMatch(/stands still/);
    const orphans = await cli(there, 'orphans', 'nightly');
    expect(orphans.stdout).toMatch(/stands still/);
    expect(orphans.code).toBe(1);

    await pair.apply(true);
    await pair.caughtUp();
    const run = await cli(there, 'enforce', plan);
    expect(run.code, run.stderr).toBe(0);
    expect(await countOf(telecom.database, 'cdr')).toBe(KEPT);

    await addCalls(telecom, 3, 0);
    await pair.caughtUp();
    const rehearsed = await cli(there, 'rehearse', 'nightly', '--this-is-a-copy');
    expect([rehearsed.code, rehearsed.stderr]).toEqual([3, expect.stringMatching(/it is no copy/)]);
    expect(await countOf(telecom.database, 'cdr')).toBe(KEPT + 3);

    await pair.apply(false);
    const replayed = await cli(there, 'replay', idIn(run.stdout, 'run'));
    expect(replayed.stdout).toMatch(/stands still/);
    expect(replayed.code).toBe(4);
  });

  test('is refused as the place to act, unless the data map says why it may be', async () => {
    await pair.caughtUp();
    telecom.write('jobs/stores/telecom.yaml', {
      ...JSON.parse(JSON.stringify(MAP)),
    });
    const there = { ...telecom.env, TELECOM_AT: at(pair.replica.url) };
    const planned = await retention(['plan', 'nightly', '--quiet'], there);
    const plan = idIn(planned.stdout, 'plan');
    const enforced = await retention(['enforce', plan], there);
    expect(enforced.code, enforced.stderr).toBe(3);
    expect(enforced.stderr).toMatch(/a replica of 127.0.0.1:\d+/);
    await pair.onReplica.raw('SET GLOBAL read_only = 1');
    try {
      const readOnly = await retention(['enforce', plan], there);
      expect(readOnly.code, readOnly.stderr).toBe(1);
      expect(readOnly.stderr).toMatch(/store telecom: read_only is ON: nothing is written there/);
    } finally {
      await pair.onReplica.raw('SET GLOBAL read_only = 0');
    }
    telecom.write('jobs/stores/telecom.yaml', { ...MAP, actsOnReplica: { reason: 'Both are primaries' } });
    const run = await retention(['enforce', plan], there);
    expect(run.code, run.stderr).toBe(0);
  });
});

const MAP = {
  store: 'telecom',
  kind: 'mysql',
  url: { env: 'TELECOM_AT' },
  datasets: [
    {
      dataset: 'calls',
      table: 'cdr',
      key: ['id'],
      class: 'call-detail-record',
      start: { event: 'recorded', column: 'at', unit: 'datetime', zone: 'UTC' },
    },
  ],
};
