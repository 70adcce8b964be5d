// Doctor looks through both users: what the one that plans sees, and what the one that enforces sees and may do.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { idIn, retention } from '../support/cli.ts';
import { freshMysql } from '../support/databases.ts';
import { addCalls, countOf, type SmallTelecom, smallTelecom } from '../support/small-telecom.ts';

vi.setConfig({ testTimeout: 240_000 });

interface Said {
  readonly code: number | null;
  readonly stores: readonly { readonly store: string; readonly notes: readonly Note[] }[];
  readonly datasets: readonly { readonly dataset: string; readonly notes: readonly Note[] }[];
  readonly grants: readonly { readonly planning: readonly string[]; readonly enforcing: readonly string[] }[];
}

interface Note {
  readonly verdict: string;
  readonly message: string;
}

let telecom: SmallTelecom;
const users: string[] = [];

beforeEach(async () => {
  telecom = await smallTelecom({ kind: 'mysql', readsElsewhere: true });
  await addCalls(telecom, 20, 20);
});

afterEach(async () => {
  for (const user of users.splice(0)) await telecom.database.raw(`DROP USER '${user}'@'%'`);
  await telecom.drop();
});

async function doctor(readAt: string, at: string): Promise<Said> {
  const env = { ...telecom.env, TELECOM_READ_AT: readAt, TELECOM_AT: at };
  const { code, stdout, stderr } = await retention(['doctor', 'nightly', '--format', 'json'], env);
  expect(stderr).not.toMatch(/unexpected/);
  return { code, ...(JSON.parse(stdout) as Omit<Said, 'code'>) };
}

/** The users that doctor's own statements make. */
async function bothUsers(): Promise<{ readonly planner: string; readonly enforcer: string }> {
  const root = telecom.env.TELECOM_AT ?? '';
  const [grants] = (await doctor(root, root)).grants;
  return {
    planner: await userWith(grants?.planning ?? [], 'retention_plan'),
    enforcer: await userWith(grants?.enforcing ?? [], 'retention_enforce'),
  };
}

async function userWith(statements: readonly string[], standIn: string): Promise<string> {
  const name = `t_${randomBytes(6).toString('hex')}`;
  users.push(name);
  await telecom.database.raw(`CREATE USER '${name}'@'%' IDENTIFIED BY 'tests'`);
  for (const statement of statements)
    await telecom.database.raw(statement.replace(`'${standIn}'@'%'`, `'${name}'@'%'`));
  const url = new URL(telecom.env.TELECOM_AT ?? '');
  [url.username, url.password] = [name, 'tests'];
  return url.href;
}

function notesOf({ stores, datasets }: Said): Note[] {
  return [...stores, ...datasets].flatMap(({ notes }) => notes);
}

test('nothing is warned of under the users that its own statements make', async () => {
  const { planner, enforcer } = await bothUsers();
  const said = await doctor(planner, enforcer);
  expect(said.code).toBe(0);
  expect(notesOf(said).filter(({ verdict }) => verdict !== 'advises')).toEqual([]);
});

test('a trigger on a table that is masked is seen through the user that enforces, and refused', async () => {
  const { planner, enforcer } = await bothUsers();
  await telecom.database.raw('CREATE TABLE kept (name VARCHAR(80))');
  await telecom.database.raw(
    'CREATE TRIGGER keeps BEFORE UPDATE ON prospects FOR EACH ROW INSERT INTO kept VALUES (OLD.name)',
  );
  const said = await doctor(planner, enforcer);
  expect(said.code).toBe(3);
  const { notes = [] } = said.datasets.find(one => one.dataset === 'prospects') ?? {};
  expect(notes.map(({ verdict }) => verdict)).toContain('refuses');
  expect(notes.some(({ message }) => message.includes('"keeps"'))).toBe(true);
});

test('a url that lets nobody in, or leads elsewhere, is refused; one that is not set is told', async () => {
  const root = telecom.env.TELECOM_AT ?? '';
  const wrong = new URL(root);
  wrong.password = 'wrong';
  const shut = await doctor(root, wrong.href);
  expect(shut.code).toBe(3);
  expect(notesOf(shut).find(({ verdict }) => verdict === 'refuses')?.message).toMatch(/does not let in/);

  const staging = await freshMysql();
  try {
    for (const table of ['cdr', 'recordings', 'prospects', 'accounts']) {
      const [[made]] = await telecom.database.raw(`SHOW CREATE TABLE ${table}`);
      await staging.knex.raw(String(made['Create Table']));
    }
    const elsewhere = await doctor(staging.url, root);
    expect(elsewhere.code).toBe(3);
    expect(notesOf(elsewhere).find(({ verdict }) => verdict === 'refuses')?.message).toMatch(
      /another database/,
    );
    // What is acted on is granted, not what is looked at.
    const [home, there] = [root, staging.url].map(url => new URL(url).pathname.slice(1));
    const { planning = [], enforcing = [] } = elsewhere.grants[0] ?? {};
    expect(planning.join('\n')).toContain(String(there));
    expect(enforcing.join('\n')).toContain(String(home));
    expect(enforcing.join('\n')).not.toContain(String(there));
  } finally {
    await staging.drop();
  }

  const alone = await doctor(root, '');
  expect(alone.code).toBe(0);
  expect(notesOf(alone).map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/TELECOM_AT is not set here/),
  );
});

test('a user without the right to delete is named before anything goes, by doctor and by the run', async () => {
  const { planner } = await bothUsers();
  const said = await doctor(planner, planner);
  expect(said.code).toBe(3);
  expect(notesOf(said).map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/no DELETE on "cdr"/),
  );
  const env = { ...telecom.env, TELECOM_READ_AT: planner, TELECOM_AT: planner };
  const plan = idIn((await retention(['plan', 'nightly', '--quiet'], env)).stdout, 'plan');
  const run = await retention(['enforce', plan], env);
  expect(run.code, run.stderr).toBe(3);
  expect(run.stderr).toMatch(/no DELETE on "cdr"/);
  expect(await countOf(telecom.database, 'cdr')).toBe(40);
});
