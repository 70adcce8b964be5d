// Tries adverse settings on a server, one after the other: the condensed suite as it is, and once more with our statement against
// the setting left out. A setting counts only if that makes a difference.
import knex, { type Knex } from 'knex';
import { unsafeUnstated } from '../../src/database/mysql-session.ts';
import { type Family, type Flavour, familyOf } from '../support/flavours.ts';
import { type MysqlServer, startServer } from '../support/mysql-server.ts';
import type { AdverseSetting } from './adverse-settings.ts';
import { type Facts, firstDifference, type Prepared, prepareSuite, whatIsLeft } from './condensed-suite.ts';

export interface Tried {
  readonly setting: string;
  /** `wrong`: another result than on a plain server, and nothing that names the setting. */
  readonly came: 'same' | 'refused by name' | 'wrong' | 'not to be had';
  /** What was other than on a plain server, or how it was refused. */
  readonly how: string | null;
  /** What was other once our statement was left out; null where nothing was, so that it does not count. */
  readonly without: string | null;
}

/** For servers that are used for one setting after another: they can log statements, as far as replication wants it. */
const OPTIONS = ['--log-bin=binlog', '--server-id=1', '--max-connections=60'];

export interface TryingServer {
  readonly server: MysqlServer;
  readonly family: Family;
  readonly admin: Knex;
  readonly bystander: Knex;
  readonly plain: Facts;
  readonly stop: () => Promise<void>;
}

export async function startTrying(flavour: Flavour, options: readonly string[] = []): Promise<TryingServer> {
  const server = await startServer(flavour, [...OPTIONS, ...options]);
  const family = familyOf(flavour);
  const [admin, bystander] = [adminOf(server.url), adminOf(server.url)];
  const plain = options.length > 0 ? {} : await runOnce({ server, family, admin, bystander });
  return {
    server,
    family,
    admin,
    bystander,
    plain,
    stop: async () => {
      await admin.destroy();
      await bystander.destroy();
      await server.stop();
    },
  };
}

/** A session of its own, whatever the server is set to. */
function adminOf(uri: string): Knex {
  return knex({
    client: 'mysql2',
    connection: { uri, charset: 'utf8mb4', dateStrings: true } as Knex.MySql2ConnectionConfig,
    pool: {
      min: 0,
      max: 1,
      afterCreate: (
        connection: { query: (sql: string, done: (error: unknown) => void) => void },
        done: unknown,
      ) => {
        connection.query(
          "SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', autocommit = 1, completion_type = 0, foreign_key_checks = 1, sql_select_limit = 18446744073709551615, sql_safe_updates = 0, sql_big_selects = 1, NAMES 'utf8mb4'",
          error => (done as (error: unknown, connection: unknown) => void)(error, connection),
        );
      },
    },
  });
}

type Place = Pick<TryingServer, 'server' | 'family' | 'admin' | 'bystander'>;

/** `set` and `unset` are run about it. */
async function runOnce(
  { server, family, admin, bystander }: Place,
  set: (suite: Prepared) => Promise<void> = async () => undefined,
  unset: () => Promise<void> = async () => undefined,
): Promise<Facts> {
  const suite = await prepareSuite({ admin, bystander, url: server.url, family });
  try {
    let facts: Facts;
    try {
      await set(suite);
      facts = await inTime(suite.run());
    } finally {
      await unset();
    }
    return { ...facts, ...(await whatIsLeft(admin, suite)) };
  } finally {
    await suite.drop();
  }
}

/** Whatever hangs is a difference too. */
const LONGEST_MS = 90_000;

async function inTime(facts: Promise<Facts>): Promise<Facts> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Facts>(resolve => {
    timer = setTimeout(() => resolve({ error: 'it had not ended after 90 s' }), LONGEST_MS);
  });
  try {
    return await Promise.race([facts, late]);
  } finally {
    clearTimeout(timer);
  }
}

export async function trySetting(
  trying: TryingServer,
  flavour: Flavour,
  setting: AdverseSetting,
): Promise<Tried> {
  const name = `${setting.how} ${setting.set}`;
  try {
    const stated = await runUnder(trying, flavour, setting);
    const difference = firstDifference(trying.plain, stated);
    const isNamed = difference !== null && namesOf(setting).some(one => JSON.stringify(stated).includes(one));
    const without = await leavingOut(setting.against, () => runUnder(trying, flavour, setting));
    return {
      setting: name,
      came: difference === null ? 'same' : isNamed ? 'refused by name' : 'wrong',
      how: difference,
      without: firstDifference(difference === null ? trying.plain : stated, without),
    };
  } catch (error) {
    return { setting: name, came: 'not to be had', how: String(error).slice(0, 300), without: null };
  }
}

async function runUnder(
  trying: TryingServer,
  flavour: Flavour,
  { how, set }: AdverseSetting,
): Promise<Facts> {
  const { admin } = trying;
  if (how === 'options') {
    const own = await startTrying(flavour, set.split(' '));
    try {
      return await runOnce(own);
    } finally {
      await own.stop();
    }
  }
  const name = how === 'init' ? 'init_connect' : (set.split(' = ')[0] ?? '');
  const [[before]] = await admin.raw(`SELECT CAST(@@GLOBAL.${name} AS CHAR) AS value`);
  return runOnce(
    trying,
    async suite => {
      const value = set.replaceAll('{database}', suite.database);
      if (how === 'init') await admin.raw('SET GLOBAL init_connect = ?', [value]);
      else await admin.raw(`SET GLOBAL ${set}`);
    },
    async () => {
      await admin.raw(`SET GLOBAL ${name} = ?`, [writtenBack(admin, before.value)]);
      // It switches the other on, and leaves it on.
      if (name === 'super_read_only') await admin.raw('SET GLOBAL read_only = 0');
    },
  );
}

function writtenBack(admin: Knex, value: unknown): Knex.Value | Knex.Raw {
  // More than a number of this process holds exactly.
  if (/^\d{16,}$/.test(String(value))) return admin.raw(String(value));
  if (value === 'DEFAULT') return admin.raw('DEFAULT');
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : (value as Knex.Value);
}

async function leavingOut<T>(names: readonly string[], act: () => Promise<T>): Promise<T> {
  for (const one of names) unsafeUnstated.add(one);
  try {
    return await act();
  } finally {
    unsafeUnstated.clear();
  }
}

/** What a refusal has to say so that somebody finds the setting: the variable, or the option as a variable. */
function namesOf({ how, set }: AdverseSetting): string[] {
  if (how === 'init') return ['init_connect'];
  const [name = ''] = set.split(' = ');
  // Servers write a variable as the option that it is, too.
  if (how === 'global') return [name, name.replaceAll('_', '-')];
  return set
    .split(' ')
    .flatMap(one => /^--(?:skip-)?([a-z0-9-]+)/.exec(one)?.[1]?.replaceAll('-', '_') ?? [])
    .flatMap(one => (one.startsWith('character_set_server') ? [one, 'character_set_database'] : [one]));
}
