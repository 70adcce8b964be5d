// How busy a MySQL or MariaDB server is, and how far its replicas are behind: asked on connections of their own, which
// can write nothing. A server that hangs costs a connection, never the run its place.
import type { Knex } from 'knex';
import { mysqlErrorName, mysqlNumber } from '../../database/mysql-errors.ts';
import type { Cuttable } from '../../database/open-mysql.ts';
import { RetentionError } from '../../errors.ts';
import type { Load } from '../load.ts';
import type { Channel } from '../server-place.ts';
import type { StoreMap, StoreReader } from '../store.ts';
import { askOf } from './ask.ts';
import { askChannels } from './server-place.ts';

/** Opens a single connection to a server; `opened` is told of it, so that it can be cut. */
export type Asking = (at: string, opened: Opened) => Knex;

export type Opened = (connection: Cuttable) => void;

/** Longer than any of these questions takes a server that has time; less than what its callers wait. The server ends them too. */
export const ANSWER_MS = 4000;

/**
 * A store or reader that can also be asked how busy its server is, and how far its replicas are behind. `replicasAt`: one
 * for each replica that the data map names; null where they are not asked.
 */
export function withLoad<T extends StoreReader>(
  reader: T,
  map: StoreMap,
  at: string,
  replicasAt: readonly string[] | null,
  asking: Asking,
): T {
  if (replicasAt !== null && replicasAt.length !== map.replicas.length)
    throw new Error(
      `store ${map.name} names ${map.replicas.length} replicas, and ${replicasAt.length} are given`,
    );
  const server = lineTo(opened => asking(at, opened));
  const replicas = (replicasAt ?? []).map((place, index) => {
    const reference = map.replicas[index];
    const name = reference !== undefined && 'env' in reference ? reference.env : String(index + 1);
    return { name: `replica ${name}`, line: lineTo(opened => asking(place, opened)) };
  });
  return {
    ...reader,
    load: async query => {
      const [own, ...lags] = await Promise.all([
        server.ask(database => askServer(database, map.name, query, replicasAt !== null)),
        ...replicas.map(({ name, line }) => lagOf(name, line)),
      ]);
      const worst = lags.reduce<Lag | null>((a, b) => (a === null || b.seconds > a.seconds ? b : a), null);
      return { ...own, replicaLagSeconds: worst?.seconds ?? null, replica: worst?.words ?? null };
    },
    close: async () => {
      await Promise.all([server, ...replicas.map(({ line }) => line)].map(line => line.close()));
      await reader.close();
    },
  };
}

interface Line {
  readonly ask: <T>(question: (database: Knex) => Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

/** One connection, opened when it is needed, and cut and opened anew after anything went wrong on it. */
function lineTo(openOne: (opened: Opened) => Knex): Line {
  let database: Knex | null = null;
  let connections: Cuttable[] = [];
  const cut = async (): Promise<void> => {
    const [old, open] = [database, connections];
    [database, connections] = [null, []];
    // The socket first: the pool would wait for the answer of a server that gives none.
    for (const connection of open) connection.destroy();
    await old?.destroy().catch(() => undefined);
  };
  return {
    ask: async question => {
      database ??= openOne(connection => {
        connections.push(connection);
      });
      try {
        return await inTime(question(database));
      } catch (error) {
        // Not waited for: it may take as long as the question did.
        void cut();
        throw error;
      }
    },
    close: cut,
  };
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        Object.assign(new Error('the server did not answer'), {
          code: `no answer for ${ANSWER_MS / 1000} s`,
        }),
      );
    }, ANSWER_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
    // What is late is cut off, and fails then: nobody waits for that.
    answer.catch(() => undefined);
  }
}

async function askServer(
  database: Knex,
  store: string,
  query: string | null,
  writes: boolean,
): Promise<Pick<Load, 'threadsRunning' | 'query'>> {
  if (writes) await requireWritable(database, store);
  const [[status]] = await database.raw("SHOW GLOBAL STATUS LIKE 'Threads_running'");
  const threadsRunning = Number(status.Value);
  return { threadsRunning, query: query === null ? null : await askOwn(database, store, query) };
}

/** A server lets some users write though it is set to be read only, and connections that were open before are not cut. */
async function requireWritable(database: Knex, store: string): Promise<void> {
  const [[{ isReadOnly }]] = await database.raw('SELECT @@GLOBAL.read_only AS isReadOnly');
  if (['0', 'OFF'].includes(String(isReadOnly))) return;
  throw new RetentionError(
    'server-changed',
    `store ${store}: its server may not be written any more: it is set to read_only`,
    'Was there a failover? What was begun is left to be settled by the next run. Point the URL at the server that takes writes, and run again',
  );
}

/** The operator's query. What the server has against its text is a mistake of the job; that it has no time is not. */
async function askOwn(database: Knex, store: string, query: string): Promise<number> {
  let rows: unknown;
  try {
    // As it stands: a question mark in it is its own.
    [rows] = await database.raw(query.replaceAll('?', '\\?'));
  } catch (error) {
    if (!MISTAKES.has(mysqlNumber(error) ?? 0)) throw error;
    throw mistake(store, `the query of its pace is refused by the server (${mysqlErrorName(error)})`);
  }
  const values = Array.isArray(rows) && rows.length === 1 ? Object.values(rows[0] as object) : [];
  const [value] = values;
  const number = value === null || value === '' ? Number.NaN : Number(value);
  if (values.length === 1 && Number.isFinite(number)) return number;
  throw mistake(store, 'the query of its pace does not give one row with one number');
}

/** A text that cannot be read, names that are not there, rights that the user lacks, and whatever would write. */
const MISTAKES: ReadonlySet<number> = new Set([
  1044, 1049, 1051, 1054, 1064, 1065, 1142, 1143, 1146, 1227, 1305, 1370, 1792,
]);

function mistake(store: string, what: string): RetentionError {
  return new RetentionError(
    'configuration-invalid',
    `store ${store}: ${what}`,
    'Mend pace.pauseAbove.query or pace.stopAbove.query of the job, and see that the user may read what it names: one row, one number',
  );
}

interface Lag {
  readonly seconds: number;
  readonly words: string;
}

/** The lag of the channel that lags most; infinite where one is stopped, or the replica cannot be asked. */
async function lagOf(name: string, line: Line): Promise<Lag> {
  let channels: readonly Channel[] | null;
  try {
    channels = await line.ask(database => askChannels(askOf(database)));
  } catch (error) {
    if (error instanceof RetentionError) throw error;
    return {
      seconds: Number.POSITIVE_INFINITY,
      words: `${name} cannot be asked: ${mysqlErrorName(error)}`,
    };
  }
  if (channels === null) {
    throw new RetentionError(
      'configuration-invalid',
      `${name}: its user may not ask how far the replica is behind`,
      'GRANT REPLICA MONITOR (MariaDB) or REPLICATION CLIENT (MySQL) ON *.* to it, or name a user who has it',
    );
  }
  if (channels.length === 0) {
    throw new RetentionError(
      'configuration-invalid',
      `${name} is a server that replicates nothing`,
      'Point it at a replica, or take it out of `replicas` in the data map',
    );
  }
  const stopped = channels.find(channel => channel.secondsBehind === null);
  if (stopped !== undefined)
    return { seconds: Number.POSITIVE_INFINITY, words: `the replication of ${name} is stopped` };
  return { seconds: Math.max(...channels.map(channel => channel.secondsBehind ?? 0)), words: name };
}
