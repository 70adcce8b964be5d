// Gives every test the URL of a MySQL or MariaDB server: the one that RETENTION_TEST_MYSQL_URL names, or a private
// one that lives as long as the test run. Without either the run fails; nothing is skipped.
import type { TestProject } from 'vitest/node';
import { startMysqlServer } from './mysql-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A server URL without a database, whose user may create databases and users. */
    mysqlUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.RETENTION_TEST_MYSQL_URL;
  if (given !== undefined && given !== '') {
    project.provide('mysqlUrl', given);
    return async () => undefined;
  }
  const server = await startMysqlServer();
  project.provide('mysqlUrl', server.url);
  return server.stop;
}
