// Which servers the suite runs on: RETENTION_TEST_SERVERS names them by flavour or by URL; one that RETENTION_TEST_MYSQL_URL
// names takes the place of the usual one of its family. Nothing named is the usual two.
import mysql, { type RowDataPacket } from 'mysql2/promise';
import { type Flavour, familyOf, flavours, isFlavour, USUAL } from './flavours.ts';

export interface ChosenServer {
  readonly flavour: Flavour;
  /** A running one that is used as it is; null starts a private one. */
  readonly url: string | null;
}

export async function chosenServers(env: NodeJS.ProcessEnv = process.env): Promise<ChosenServer[]> {
  const names = (env.RETENTION_TEST_SERVERS ?? '')
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
  const wanted = names.length === 0 ? USUAL : names;
  const chosen = await Promise.all(wanted.map(named));
  const given = env.RETENTION_TEST_MYSQL_URL ?? '';
  if (given === '') return chosen;
  const instead = await named(given);
  const family = familyOf(instead.flavour);
  if (!chosen.some(({ flavour }) => familyOf(flavour) === family))
    throw new Error(`RETENTION_TEST_MYSQL_URL is a ${family}, and RETENTION_TEST_SERVERS has none`);
  return [...chosen.filter(({ flavour }) => familyOf(flavour) !== family), instead];
}

async function named(name: string): Promise<ChosenServer> {
  if (isFlavour(name)) return { flavour: name, url: null };
  if (!/^(mysql|mariadb):\/\//.test(name))
    throw new Error(
      `RETENTION_TEST_SERVERS: ${name} is none of ${Object.keys(flavours).join(', ')}, and no URL (mysql://user:password@host:3306)`,
    );
  return { flavour: await flavourAt(name), url: name };
}

/** What a running server calls itself. */
async function flavourAt(url: string): Promise<Flavour> {
  const connection = await mysql.createConnection(url);
  try {
    const [rows] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
    const version = String(rows[0]?.version);
    if (!version.includes('MariaDB')) return 'mysql-9';
    return Number.parseInt(version, 10) > 10 ? 'mariadb-11.8' : 'mariadb';
  } finally {
    await connection.end();
  }
}
