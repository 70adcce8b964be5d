// A private server as production runs it: every commit on disk, row binlog on, a buffer pool that holds a table of five
// million rows. Started on a data folder of ours; never on anybody else's.
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { startServer } from '../../test/support/mysql-server.ts';

export const DATABASE = 'bench';
/** The two users that the README asks for, with the rights that it gives them. */
const USERS = {
  plan: { name: 'retention_plan', grants: ['SELECT'] },
  enforce: { name: 'retention_enforce', grants: ['SELECT', 'DELETE', 'DROP', 'ALTER', 'LOCK TABLES'] },
} as const;
const PASSWORD = 'bench';

export interface BenchServer {
  /** Where and as whom peers log in: everything is allowed to them. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly url: string;
  readonly urls: Readonly<Record<keyof typeof USERS, string>>;
  /** Rows of a query of the harness's own. */
  readonly query: (sql: string) => Promise<readonly Readonly<Record<string, string | null>>[]>;
  /** Ends it cleanly. `discard`: without writing pages that nobody will read again. */
  readonly stop: (way: 'clean' | 'discard') => Promise<void>;
}

/** Options of the server under test, scaled for small tables so that a small benchmark starts fast. */
export function productionOptions(rows: number): readonly string[] {
  const [pool, log] = rows >= 500_000 ? ['2G', '1G'] : ['256M', '128M'];
  return [
    '--innodb-flush-log-at-trx-commit=1',
    '--sync-binlog=1',
    '--log-bin=binlog',
    '--binlog-format=ROW',
    '--server-id=1',
    `--innodb-buffer-pool-size=${pool}`,
    `--innodb-log-file-size=${log}`,
    '--performance-schema=OFF',
  ];
}

/** Options for making data: nothing is lost if it is cut off, since it is made again. */
export function loadingOptions(rows: number): readonly string[] {
  return [
    '--skip-log-bin',
    '--innodb-flush-log-at-trx-commit=0',
    `--innodb-buffer-pool-size=${rows >= 500_000 ? '3G' : '256M'}`,
    `--innodb-log-file-size=${rows >= 500_000 ? '2G' : '128M'}`,
    '--innodb-fast-shutdown=0',
    '--performance-schema=OFF',
  ];
}

/** Starts a server on `dataFolder`, which is made where it is missing and stays when the server stops. */
export async function startBenchServer(dataFolder: string, options: readonly string[]): Promise<BenchServer> {
  const server = await startServer('mariadb', options, { keptData: dataFolder, asInUse: true });
  const { hostname, port, username, password } = new URL(server.url);
  const connection = await mysql.createConnection({
    uri: server.url,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
  const query: BenchServer['query'] = async sql => {
    const [rows] = await connection.query<RowDataPacket[]>(sql);
    return Array.isArray(rows) ? rows.map(texts) : [];
  };
  await makeUsers(connection);
  await connection.changeUser({ database: DATABASE });
  const urlOf = (user: string): string => `mysql://${user}:${PASSWORD}@${hostname}:${port}/${DATABASE}`;
  return {
    host: hostname,
    port: Number(port),
    user: username,
    password,
    url: `${server.url}/${DATABASE}`,
    urls: { plan: urlOf(USERS.plan.name), enforce: urlOf(USERS.enforce.name) },
    query,
    stop: async way => {
      if (way === 'discard') await connection.query('SET GLOBAL innodb_fast_shutdown = 2');
      await connection.end();
      await server.stop();
    },
  };
}

/** Every value as its text: counts are compared and shown, and some are wider than a number. */
function texts(row: RowDataPacket): Record<string, string | null> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
  );
}

async function makeUsers(connection: Connection): Promise<void> {
  await connection.query(`CREATE DATABASE IF NOT EXISTS ${DATABASE}`);
  for (const { name, grants } of Object.values(USERS)) {
    await connection.query(`CREATE USER IF NOT EXISTS '${name}'@'%' IDENTIFIED BY '${PASSWORD}'`);
    await connection.query(`GRANT ${grants.join(', ')} ON ${DATABASE}.* TO '${name}'@'%'`);
  }
}
