// Which servers the suite runs on: RETENTION_TEST_SERVERS names them by flavour or by URL; one that RETENTION_TEST_MYSQL_URL
// names takes the place of the usual one of its family. Nothing named is the usual two.
import mysql, { type RowDataPacket } from 'mysql2/promise';
import { type Flavour, familyOf, flavours, isFlavour, USUAL } from './flavours.ts';

export interface ChosenServer {
  readonly flavour: Flavour;
  /** A running one that is used as it is; null starts a private one. */
  readonly given: { readonly url: string; readonly version: string } | null;
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
  if (isFlavour(name)) return { flavour: name, given: null };
  if (!/^(mysql|mariadb):\/\//.test(name))
    throw new Error(
      `RETENTION_TEST_SERVERS: ${name} is none of ${Object.keys(flavours).join(', ')}, and no URL (mysql://user:password@host:3306)`,
    );
  const version = await versionAt(name);
  return { flavour: flavourOf(version), given: { url: name, version } };
}

/** What a running server calls itself. */
async function versionAt(url: string): Promise<string> {
  try {
    const connection = await mysql.createConnection(url);
    const [rows] = await connection.query<RowDataPacket[]>('SELECT VERSION() AS version');
    await connection.end();
    return String(rows[0]?.version);
  } catch (error) {
    const { code = 'it gave no answer' } = error as { code?: string };
    throw new Error(`the test server that was named at ${new URL(url).host} cannot be reached: ${code}`);
  }
}

function flavourOf(version: string): Flavour {
  if (!version.includes('MariaDB')) return 'mysql-9';
  return Number.parseInt(version, 10) > 10 ? 'mariadb-11.8' : 'mariadb';
}
