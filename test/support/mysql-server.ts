// A private MariaDB or MySQL for the tests: found on this machine, started on a free port in a temporary folder,
// and gone with all its data when stopped. Never touches a server that is already running.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import knex from 'knex';

export interface MysqlServer {
  /** A URL without a database; its user may do everything. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** What to do when there is no server, for people. */
export const MYSQL_REMEDY =
  'Install one (Debian, Ubuntu: apt-get install -y --no-install-recommends mariadb-server), or set ' +
  'RETENTION_TEST_MYSQL_URL to a server whose user may create databases and users, mysql://user:password@host:3306';

/** The path of the server program, or null when this machine has none. */
export function findMysqlServer(): string | null {
  return findProgram(['mariadbd', 'mysqld']);
}

/**
 * Starts a server with these further options and waits until it answers. The caller stops it. A data folder that is
 * given is made where it is missing, used as it is where it is not, and kept when the server stops.
 */
export async function startMysqlServer(
  options: readonly string[] = [],
  keptData: string | null = null,
): Promise<MysqlServer> {
  const program = findMysqlServer();
  if (program === null)
    throw new Error(`neither mariadbd nor mysqld is on the PATH or in /usr/sbin. ${MYSQL_REMEDY}`);
  const folder = await mkdtemp(join(tmpdir(), 'retention-mysql-'));
  try {
    return await start(program, folder, options, keptData);
  } catch (error) {
    const log = await readFile(join(folder, 'error.log'), 'utf8').catch(() => '');
    await rm(folder, { recursive: true, force: true });
    throw new Error(`${program} did not start: ${String(error)}\n${log.slice(-2000)}\n${MYSQL_REMEDY}`);
  }
}

async function start(
  program: string,
  folder: string,
  options: readonly string[],
  keptData: string | null,
): Promise<MysqlServer> {
  const data = keptData ?? join(folder, 'data');
  // What is kept must come from a clean end, however long the pages take to be written.
  const patienceMs = keptData === null ? 10_000 : 600_000;
  const asRoot = userInfo().uid === 0 ? ['--user=root'] : [];
  // A server clears its temporary folder of other servers' tables when it starts: each needs one of its own.
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  const folders = [`--datadir=${data}`, `--tmpdir=${temporary}`];
  if (keptData === null || !existsSync(keptData)) initialise(program, folders, asRoot);
  await writeFile(
    join(folder, 'init.sql'),
    "CREATE USER IF NOT EXISTS 'tests'@'%' IDENTIFIED BY 'tests';\nGRANT ALL PRIVILEGES ON *.* TO 'tests'@'%' WITH GRANT OPTION;\n",
  );
  const port = await freePort();
  const server = spawn(
    program,
    [
      '--no-defaults',
      ...asRoot,
      ...folders,
      `--socket=${join(folder, 'socket')}`,
      `--pid-file=${join(folder, 'pid')}`,
      `--log-error=${join(folder, 'error.log')}`,
      `--init-file=${join(folder, 'init.sql')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      '--skip-log-bin',
      '--innodb-buffer-pool-size=256M',
      '--innodb-flush-log-at-trx-commit=2',
      ...options,
    ],
    { stdio: 'ignore' },
  );
  const killed = (): void => {
    server.kill('SIGKILL');
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // It wrote its last while it was being removed: a few files in a temporary folder stay.
    }
  };
  process.once('exit', killed);
  const url = `mysql://tests:tests@127.0.0.1:${port}`;
  try {
    await answering(url, server);
  } catch (error) {
    await ended(server, patienceMs);
    throw error;
  }
  return {
    url,
    stop: async () => {
      if (server.exitCode !== null || server.signalCode !== null) {
        const log = await readFile(join(folder, 'error.log'), 'utf8');
        throw new Error(`the server ended while the tests ran; its log is in ${folder}\n${log.slice(-4000)}`);
      }
      await ended(server, patienceMs);
      process.removeListener('exit', killed);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Makes an empty data folder; MariaDB has a program for it, MySQL an option. */
function initialise(program: string, folders: readonly string[], asRoot: readonly string[]): void {
  const installer = findProgram(['mariadb-install-db', 'mysql_install_db']);
  const [command, options] =
    installer === null
      ? [program, ['--no-defaults', '--initialize-insecure']]
      : [installer, ['--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db']];
  execFileSync(command, [...options, ...asRoot, ...folders], { stdio: 'pipe' });
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  const deadlineMs = performance.now() + 30_000;
  // Refused connections are what is waited for: they are no news.
  const log = { warn: () => undefined };
  const database = knex({ client: 'mysql2', connection: url, pool: { min: 0, max: 1 }, log });
  try {
    for (;;) {
      if (server.exitCode !== null) throw new Error(`it ended with exit code ${server.exitCode}`);
      try {
        await database.raw('SELECT 1');
        return;
      } catch (error) {
        if (performance.now() > deadlineMs) throw error;
        await wait(50);
      }
    }
  } finally {
    await database.destroy();
  }
}

/** Ends the server, politely at first. */
async function ended(server: ChildProcess, patienceMs: number): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exit = new Promise<void>(resolve => {
    server.once('exit', () => resolve());
  });
  server.kill('SIGTERM');
  const patience = setTimeout(() => server.kill('SIGKILL'), patienceMs);
  await exit;
  clearTimeout(patience);
}

function findProgram(names: readonly string[]): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const paths = names.flatMap(name => folders.map(folder => join(folder, name)));
  return paths.find(path => existsSync(path)) ?? null;
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('no free port'));
      });
    });
  });
}
