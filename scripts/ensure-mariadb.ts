// Sees to it that the tests can have a MySQL or MariaDB server: one named by RETENTION_TEST_MYSQL_URL, one already on
// this machine, or one installed now. Runs before `npm test`; ends with exit code 1 and both remedies when none can be had.
import { execFileSync } from 'node:child_process';
import { userInfo } from 'node:os';
import { findMysqlServer, MYSQL_REMEDY } from '../test/support/mysql-server.ts';

const given = process.env.RETENTION_TEST_MYSQL_URL ?? '';
if (given === '' && findMysqlServer() === null) {
  const why = install();
  if (why !== null) {
    process.stderr.write(
      `The tests need a MySQL or MariaDB server: neither mariadbd nor mysqld is on the PATH or in /usr/sbin, and ${why}.\n${MYSQL_REMEDY}\n`,
    );
    process.exitCode = 1;
  }
}

/** Installs MariaDB from the system's packages; gives the reason when it cannot. */
function install(): string | null {
  if (userInfo().uid !== 0) return 'this user is not root, so it cannot be installed here';
  if (!runs('apt-get', ['--version'])) return 'there is no apt-get to install it with';
  process.stderr.write('No MySQL or MariaDB server found: installing mariadb-server for the tests\n');
  if (!runs('apt-get', ['update'])) return '`apt-get update` failed';
  if (!runs('apt-get', ['install', '-y', '--no-install-recommends', 'mariadb-server']))
    return '`apt-get install mariadb-server` failed';
  return findMysqlServer() === null ? 'installing mariadb-server did not bring one' : null;
}

/** Whether a command succeeds; what it says when it fails is shown. */
function runs(command: string, options: readonly string[]): boolean {
  try {
    execFileSync(command, options, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return true;
  } catch {
    return false;
  }
}
