// Sees to it that the tests can have a MySQL or MariaDB server: one named by RETENTION_TEST_MYSQL_URL, one already on
// this machine, or one installed now. Runs before `npm test`; ends with exit code 1 and both remedies when none can be had.
import { findMysqlServer, MYSQL_REMEDY } from '../test/support/mysql-server.ts';
import { aptInstall } from './apt-install.ts';

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
  process.stderr.write('No MySQL or MariaDB server found: installing mariadb-server for the tests\n');
  const why = aptInstall('mariadb-server');
  if (why !== null) return why;
  return findMysqlServer() === null ? 'installing mariadb-server did not bring one' : null;
}
