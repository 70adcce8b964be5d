// The data folder that a test server starts with. Making one takes a server seconds; so each version makes its own once,
// it is kept in the cache folder, and every server gets a copy.
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { cacheFolder, findProgram, type ServerProgram } from './server-program.ts';

/** Options that a data folder is made with, and that cannot be told to one that is there. */
const MADE_WITH = /^--(lower[-_]case[-_]table[-_]names|innodb[-_](page[-_]size|undo[-_]tablespaces))\b/;
/** Small: it is copied for every server. */
const SMALL = { mysql: '--innodb-redo-log-capacity=8M', mariadb: '--innodb-log-file-size=8M' } as const;

/** What every start of this server must be told besides what a caller asks for. */
export function serverOptions({ options }: ServerProgram): readonly string[] {
  return ['--no-defaults', ...(userInfo().uid === 0 ? ['--user=root'] : []), ...options];
}

/** Fills a data folder that is not there yet. */
export async function makeData(
  program: ServerProgram,
  data: string,
  temporary: string,
  options: readonly string[],
): Promise<void> {
  const madeWith = options.filter(option => MADE_WITH.test(option));
  const pattern = await patternOf(program, madeWith, temporary);
  await cp(pattern, data, { recursive: true });
}

/** The folder that copies are made from, made now if it is the first time. Others may be making it too: the first wins. */
async function patternOf(
  program: ServerProgram,
  madeWith: readonly string[],
  temporary: string,
): Promise<string> {
  const like = JSON.stringify([program.version, program.command, serverOptions(program), madeWith]);
  const name = `data-${program.flavour}-${createHash('sha256').update(like).digest('hex').slice(0, 12)}`;
  const pattern = join(cacheFolder(), name);
  if (existsSync(pattern)) return pattern;
  await mkdir(cacheFolder(), { recursive: true });
  const making = `${pattern}-${randomBytes(4).toString('hex')}`;
  try {
    await initialise(
      program,
      [...serverOptions(program), SMALL[program.family], `--tmpdir=${temporary}`, ...madeWith],
      making,
    );
    // A server tells itself from others by it, and its replicas do too: each makes its own.
    await rm(join(making, 'auto.cnf'), { force: true });
    await rename(making, pattern).catch(error => {
      if (!existsSync(pattern)) throw error;
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return pattern;
}

/** MySQL makes its own data, MariaDB by a program beside it, or by the SQL that this program would give it. */
async function initialise(program: ServerProgram, options: readonly string[], data: string): Promise<void> {
  const [file, ...first] = program.command;
  const run = (command: string, args: readonly string[], input?: string): void => {
    execFileSync(command, args, { stdio: 'pipe', input, maxBuffer: 2 ** 26 });
  };
  if (program.family === 'mysql') {
    run(file, [...first, ...options, `--datadir=${data}`, '--initialize-insecure']);
    return;
  }
  if (program.systemTables === null) {
    const installer = findProgram('mariadb-install-db', 'mysql_install_db') ?? 'mariadb-install-db';
    const own = ['--auth-root-authentication-method=normal', '--skip-test-db', `--datadir=${data}`];
    run(installer, ['--no-defaults', ...own, ...options.filter(option => option !== '--no-defaults')]);
    return;
  }
  await mkdir(data, { recursive: true });
  const bootstrap = ['--bootstrap', '--log-warnings=0', '--max-allowed-packet=8M', '--net-buffer-length=16K'];
  const tables = await systemTablesIn(program.systemTables);
  run(file, [...first, ...options, `--datadir=${data}`, ...bootstrap], tables);
}

async function systemTablesIn(share: string): Promise<string> {
  const prefix = (await readdir(share)).includes('mariadb_system_tables.sql') ? 'mariadb' : 'mysql';
  const parts = ['system_tables', 'performance_tables', 'system_tables_data'].map(
    part => `${prefix}_${part}.sql`,
  );
  const texts = [...parts, 'fill_help_tables.sql', `${prefix}_sys_schema.sql`].map(name =>
    readFileSync(join(share, name), 'utf8'),
  );
  const first = ['CREATE DATABASE IF NOT EXISTS mysql;', 'USE mysql;', 'SET @auth_root_socket=NULL;'];
  return [...first, ...texts].join('\n');
}
