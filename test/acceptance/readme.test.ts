// The README is run as it is written: its grants, its exports and its commands, on a database like the one it speaks of.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Env, type Finished, idIn, retention } from '../support/cli.ts';
import { type FreshFolder, type FreshMysql, freshFolder, freshMysql } from '../support/databases.ts';
import { thisFamily } from '../support/this-server.ts';
import { makeTelecom } from './telecom.ts';

const readme = readFileSync('README.md', 'utf8');
let mysql: FreshMysql;
let folder: FreshFolder;
let env: Env;

beforeAll(async () => {
  mysql = await freshMysql();
  folder = await freshFolder();
  const root = join(folder.path, 'recordings');
  mkdirSync(root);
  await makeTelecom(mysql.knex, root, 2000, Date.now());
  const suffix = mysql.url.slice(-12);
  for (const statement of grants()) {
    await mysql.knex.raw(inThisDatabase(statement, suffix));
  }
  cpSync('jobs', join(folder.path, 'jobs'), { recursive: true });
  // What the README says to do for a first purge: raise the limits, with the reason.
  const nightly = readFileSync('jobs/nightly.yaml', 'utf8');
  writeFileSync(
    join(folder.path, 'jobs/nightly.yaml'),
    `${nightly}limits: { percent: 90, reason: The first purge }\n`,
  );
  env = {
    RETENTION_POLICIES: 'policies',
    RETENTION_JOBS: join(folder.path, 'jobs'),
    RETENTION_LEDGER: join(folder.path, 'ledger.db'),
    RETENTION_RECORDINGS_ROOT: root,
    RETENTION_TELECOM_READ_URL: urlOf('RETENTION_TELECOM_READ_URL', suffix),
    RETENTION_TELECOM_URL: urlOf('RETENTION_TELECOM_URL', suffix),
  };
}, 120_000);

afterAll(async () => {
  for (const user of ['plan', 'enforce'])
    await mysql?.knex.raw(`DROP USER IF EXISTS 'retention_${user}_${mysql.url.slice(-12)}'@'%'`);
  await mysql?.drop();
  await folder?.remove();
});

/** The statements of the README's one block of SQL. */
function grants(): string[] {
  const block = /```sql\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  return block
    .split(';')
    .map(statement => statement.trim())
    .filter(statement => statement !== '');
}

/** The same statement for users and a database of this test's own. */
function inThisDatabase(text: string, suffix: string): string {
  const database = new URL(mysql.url).pathname.slice(1);
  return text
    .replaceAll(' telecom.', ` ${database}.`)
    .replace(/retention_(plan|enforce)/g, `retention_$1_${suffix}`);
}

/** A URL from the README's exports, with this server and database in the place of the example's. */
function urlOf(variable: string, suffix: string): string {
  const written = new RegExp(`export ${variable}='([^']+)'`).exec(readme)?.[1] ?? '';
  const url = new URL(inThisDatabase(written, suffix));
  const { hostname, port, pathname } = new URL(mysql.url);
  url.host = `${hostname}:${port}`;
  url.pathname = pathname;
  return url.href;
}

/** The words of a command line, quotes taken off. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(match => match[1] ?? match[2] ?? '');
}

describe('the README', () => {
  test('opens with the two commands that do all their own set-up', () => {
    const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map(match => match[1]?.trim());
    expect(blocks).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
  });

  test('its commands work with exactly the grants that it gives', async () => {
    const lines = [...readme.matchAll(/^ *npx retention (.+)$/gm)].map(match => match[1] ?? '');
    expect(lines.length).toBeGreaterThan(6);
    let last: Finished | null = null;
    for (const line of lines) {
      const args = words(line).map(word => (word === 'PLAN' ? idIn(last?.stdout ?? '', 'plan') : word));
      const done = await retention(args, env);
      expect(done.code, `${line}\n${done.stdout}\n${done.stderr}`).toBe(0);
      last = done;
    }
  });

  test('the grants that it shows are those that doctor prints', async () => {
    const { stdout } = await retention(['doctor', 'nightly', '--format', 'json'], env);
    const [printed] = (JSON.parse(stdout) as { grants: { planning: string[]; enforcing: string[] }[] })
      .grants;
    const home = new URL(mysql.url).pathname.slice(1);
    const asWritten = [...(printed?.planning ?? []), ...(printed?.enforcing ?? [])].map(statement =>
      statement.replaceAll('`', '').replace(` ${home}.`, ' telecom.').replace(/;$/, ''),
    );
    // What only MySQL asks for: doctor leaves it out elsewhere.
    const ours =
      thisFamily() === 'mysql' ? (one: string) => one : (one: string) => one.replace(', TRIGGER', '');
    expect(
      grants()
        .filter(statement => statement.startsWith('GRANT'))
        .map(ours),
    ).toEqual(asWritten);
  });

  test('the planning user can write nowhere, as the README promises', async () => {
    const { default: knex } = await import('knex');
    const reader = knex({ client: 'mysql2', connection: env.RETENTION_TELECOM_READ_URL ?? '' });
    try {
      for (const table of ['cdr', 'accounts', 'invoices']) {
        await expect(reader.raw(`DELETE FROM ${table}`)).rejects.toThrow(/denied/);
      }
    } finally {
      await reader.destroy();
    }
  });

  test('names every command, exit code and variable that there is', async () => {
    const help = (await retention(['--help'], env)).stdout;
    const commands = [...help.matchAll(/^ {2}([a-z]+) (?:\[|<| )/gm)]
      .map(match => match[1])
      .filter(name => name !== 'help');
    expect(commands.length).toBeGreaterThan(8);
    for (const command of commands) expect(readme, command).toMatch(new RegExp(`\\| \`${command}`));
    for (const line of help.match(/^ {2}\d {2}.+$/gm) ?? []) {
      const [, code, meaning] = /^ {2}(\d) {2}(.+)$/.exec(line) ?? [];
      expect(readme).toContain(`| ${code} | ${meaning} |`);
    }
    const variables = new Set(
      [...readFileSync('src/settings.ts', 'utf8').matchAll(/RETENTION_[A-Z_]+/g)].map(match => match[0]),
    );
    for (const variable of variables) expect(readme).toContain(variable);
  });
});
