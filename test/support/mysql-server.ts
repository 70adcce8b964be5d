// A private MariaDB or MySQL for the tests: started on a free port with data of its own in a temporary folder, and gone
// with all its data when stopped. Never touches a server that is already running.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import knex from 'knex';
import type { Family, Flavour } from './flavours.ts';
import { makeData, serverOptions } from './server-data.ts';
import { findServer, remedyFor, type ServerProgram } from './server-program.ts';

export interface MysqlServer {
  readonly flavour: Flavour;
  readonly version: string;
  /** A URL without a database; its user may do everything. */
  readonly url: string;
  /** The server's process, for those who want to kill or halt it. */
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

export interface ServerPlace {
  /** Made where it is missing, used as it is where it is not, and kept when the server stops. */
  readonly keptData?: string;
  /** With the safeguards against losses that servers have in use, for measuring. */
  readonly asInUse?: boolean;
  /** Statements that the server runs when it starts, each on one line. */
  readonly initSql?: readonly string[];
}

/** A server that holds nothing anybody would miss need not write anything twice; small logs, since they are made anew. */
const FOR_TESTS: Readonly<Record<Family, readonly string[]>> = {
  mariadb: ['--innodb-doublewrite=OFF', '--innodb-log-file-size=48M'],
  mysql: ['--innodb-doublewrite=OFF', '--innodb-redo-log-capacity=96M', '--performance-schema=OFF'],
};

const ALWAYS: Readonly<Record<Family, readonly string[]>> = {
  mariadb: [],
  mysql: ['--mysqlx=OFF', '--secure-file-priv=NULL'],
};

/** Starts a server of this flavour with these further options and waits until it answers. The caller stops it. */
export async function startServer(
  flavour: Flavour,
  options: readonly string[] = [],
  place: ServerPlace = {},
): Promise<MysqlServer> {
  const program = findServer(flavour);
  if (program === null) throw new Error(`there is no ${flavour} on this machine. ${remedyFor(flavour)}`);
  const folder = await mkdtemp(join(tmpdir(), `retention-${flavour}-`));
  try {
    return await start(program, folder, options, place);
  } catch (error) {
    const log = await readFile(join(folder, 'error.log'), 'utf8').catch(() => '');
    await rm(folder, { recursive: true, force: true });
    throw new Error(`${flavour} did not start: ${String(error)}\n${log.slice(-2000)}`);
  }
}

async function start(
  program: ServerProgram,
  folder: string,
  options: readonly string[],
  { keptData, asInUse = false, initSql = [] }: ServerPlace,
): Promise<MysqlServer> {
  const data = keptData ?? join(folder, 'data');
  // What is kept must come from a clean end, however long the pages take to be written.
  const patienceMs = keptData === undefined ? 10_000 : 600_000;
  // A server clears its temporary folder of other servers' tables when it starts: each needs one of its own.
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  if (!existsSync(data)) await makeData(program, data, temporary, options);
  const init = [
    "CREATE USER IF NOT EXISTS 'tests'@'%' IDENTIFIED BY 'tests';",
    "GRANT ALL PRIVILEGES ON *.* TO 'tests'@'%' WITH GRANT OPTION;",
    ...initSql,
  ];
  await writeFile(join(folder, 'init.sql'), `${init.join('\n')}\n`);
  const port = await freePort();
  const [file, ...first] = program.command;
  const server = spawn(
    file,
    [
      ...first,
      ...serverOptions(program),
      `--datadir=${data}`,
      `--tmpdir=${temporary}`,
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
      ...ALWAYS[program.family],
      ...(asInUse ? [] : FOR_TESTS[program.family]),
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
    process.removeListener('exit', killed);
    throw error;
  }
  return {
    flavour: program.flavour,
    version: program.version,
    url,
    pid: server.pid ?? 0,
    stop: async () => {
      process.removeListener('exit', killed);
      if (server.exitCode !== null || server.signalCode !== null) {
        const log = await readFile(join(folder, 'error.log'), 'utf8');
        throw new Error(`the server ended while the tests ran; its log is in ${folder}\n${log.slice(-4000)}`);
      }
      await ended(server, patienceMs);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
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
