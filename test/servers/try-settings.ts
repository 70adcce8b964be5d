// Tries adverse settings on a server, one after the other: the condensed suite as it is, and once more with our statement against
// the setting left out. A setting counts only if that makes a difference.
import knex, { type Knex } from 'knex';
import { unsafeUnstated } from '../../src/database/mysql-session.ts';
import { type Family, type Flavour, familyOf } from '../support/flavours.ts';
import { type MysqlServer, startServer } from '../support/mysql-server.ts';
import { madePlain, plainSession } from '../support/plain-session.ts';
import type { AdverseSetting } from './adverse-settings.ts';
import { type Facts, firstDifference, type Prepared, prepareSuite, whatIsLeft } from './condensed-suite.ts';

export interface Tried {
  readonly setting: string;
  /** `wrong`: another result than on a plain server, and nothing that names the setting. */
  readonly came: 'same' | 'refused by name' | 'wrong' | 'not to be had';
  /** What was other than on a plain server, or how it was refused. */
  readonly how: string | null;
  /** The assertion that fails once our statement is left out; null where none does, so that it does not count. */
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
  /** What comes of it on a plain server where seconds are waited too. */
  readonly plainSlow: () => Promise<Facts>;
  /** The server's globals as they were at first, but for those that change by themselves. */
  readonly globals: ReadonlyMap<string, string>;
  readonly stop: () => Promise<void>;
}

export async function startTrying(flavour: Flavour, options: readonly string[] = []): Promise<TryingServer> {
  const server = await startServer(flavour, [...OPTIONS, ...options]);
  const family = familyOf(flavour);
  const [admin, bystander] = [adminOf(server.url), adminOf(server.url)];
  const before = await globalsOf(admin);
  const plain = options.length > 0 ? {} : await runOnce({ server, family, admin, bystander }, false);
  const after = await globalsOf(admin);
  let slow: Promise<Facts> | null = null;
  return {
    server,
    family,
    admin,
    bystander,
    plain,
    plainSlow: () => {
      slow ??= runOnce({ server, family, admin, bystander }, true);
      return slow;
    },
    globals: new Map([...before].filter(([name, value]) => after.get(name) === value)),
    stop: async () => {
      await admin.destroy();
      await bystander.destroy();
      await server.stop();
    },
  };
}

async function globalsOf(admin: Knex): Promise<Map<string, string>> {
  const [rows] = await admin.raw('SHOW GLOBAL VARIABLES');
  return new Map(
    rows.map((row: { Variable_name: string; Value: string }) => [row.Variable_name, row.Value] as const),
  );
}

/** Puts every global back that is not as it was at first: false where one cannot be, and the server has to be another. */
export async function asAtFirst({ admin, globals }: TryingServer): Promise<boolean> {
  const others = async (): Promise<string[]> => {
    const now = await globalsOf(admin);
    return [...globals.keys()].filter(name => now.get(name) !== globals.get(name));
  };
  for (const name of await others())
    await admin.raw(`SET GLOBAL ${name} = ?`, [writtenBack(admin, globals.get(name))]).catch(() => undefined);
  return (await others()).length === 0;
}

/** A session of its own, whatever the server is set to. */
function adminOf(uri: string): Knex {
  return knex({
    client: 'mysql2',
    connection: { uri, charset: 'utf8mb4', dateStrings: true } as Knex.MySql2ConnectionConfig,
    pool: {
      min: 0,
      max: 1,
      afterCreate: madePlain(plainSession('NO_ENGINE_SUBSTITUTION')),
    },
  });
}

type Place = Pick<TryingServer, 'server' | 'family' | 'admin' | 'bystander'>;

/** `set` and `unset` are run about it. */
async function runOnce(
  { server, family, admin, bystander }: Place,
  isSlow: boolean,
  set: (suite: Prepared) => Promise<void> = async () => undefined,
  unset: () => Promise<void> = async () => undefined,
): Promise<Facts> {
  const suite = await prepareSuite({ admin, bystander, url: server.url, family, isSlow });
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
    const plain = setting.isSlow === true ? await trying.plainSlow() : trying.plain;
    const stated = await runUnder(trying, flavour, setting);
    const difference = firstDifference(plain, stated);
    const came = difference === null ? 'same' : isRefusal(setting, stated) ? 'refused by name' : 'wrong';
    const without = await leavingOut(setting.against, () => runUnder(trying, flavour, setting));
    return {
      setting: name,
      came,
      how: difference,
      without: came === 'same' ? firstDifference(plain, without) : unrefused(setting, plain, stated, without),
    };
  } catch (error) {
    return { setting: name, came: 'not to be had', how: String(error).slice(0, 300), without: null };
  }
}

/** What was refused says the setting's name. */
function isRefusal(setting: AdverseSetting, facts: Facts): boolean {
  const refusals = Object.entries(facts).filter(([fact]) => fact === 'error' || fact.startsWith('refused: '));
  return namesOf(setting).some(one => JSON.stringify(refusals).includes(one));
}

const CODE = /^[a-z-]+(?=:)/;

/** What a refusal is good for: what comes where it is left out, if that is no refusal of the same kind. */
function unrefused(setting: AdverseSetting, plain: Facts, stated: Facts, without: Facts): string | null {
  const codeOf = (facts: Facts): string => CODE.exec(String(facts.error ?? ''))?.[0] ?? 'none';
  if (isRefusal(setting, without) && codeOf(stated) === codeOf(without)) return null;
  const instead = firstDifference(plain, without);
  // Where it would all have gone well, it is refused for nothing.
  return instead === null
    ? null
    : `${codeOf(stated)} is to name ${namesOf(setting)[0]}, and comes: ${instead}`;
}

async function runUnder(
  trying: TryingServer,
  flavour: Flavour,
  { how, set, isSlow }: AdverseSetting,
): Promise<Facts> {
  const { admin } = trying;
  if (how === 'options') {
    const own = await startTrying(flavour, set.split(' '));
    try {
      return await runOnce(own, isSlow === true);
    } finally {
      await own.stop();
    }
  }
  return runOnce(
    trying,
    isSlow === true,
    async suite => {
      const value = set.replaceAll('{database}', suite.database);
      if (how === 'init') await admin.raw('SET GLOBAL init_connect = ?', [value]);
      else await admin.raw(`SET GLOBAL ${set}`);
    },
    async () => {
      await asAtFirst(trying);
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
