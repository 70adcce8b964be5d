// How long a statement and an answer may be: a server cuts off what is longer, or the connection, and says neither which
// variable it was nor what to do.
import type { Knex } from 'knex';
import { type Connection, unsafeUnstated, type Variables } from './mysql-session.ts';

const known = new WeakMap<object, Variables>();

/** What one of its connections was told last; null before there is one, and for other databases. */
export function variablesOf(database: Knex): Variables | null {
  return known.get(database) ?? null;
}

function packetBytesOf(variables: Variables | null): number {
  if (unsafeUnstated.has('fitting')) return Number.POSITIVE_INFINITY;
  return Number(variables?.get('max_allowed_packet') ?? Number.POSITIVE_INFINITY);
}

/** Notes what the server is like, and ends what is longer than its limit before it is sent: the server would end the connection with it. */
export function keepToPacket(database: Knex, connection: Connection, variables: Variables): void {
  known.set(database, variables);
  const packetBytes = packetBytesOf(variables);
  const query = connection.query.bind(connection) as (...input: unknown[]) => unknown;
  const guarded = connection as { query: (...input: unknown[]) => unknown };
  guarded.query = (...input) => {
    const done = input.at(-1);
    if (typeof done === 'function' && bytesOf(input) > packetBytes) {
      done(tooLong());
      return undefined;
    }
    return query(...input);
  };
}

function tooLong(): Error {
  const error = new Error('the statement is longer than max_allowed_packet');
  return Object.assign(error, { code: 'ER_NET_PACKET_TOO_LARGE', errno: 1153, sqlState: '08S01' });
}

/** At most as many as there are: quotes and escapes are not looked for. */
function bytesOf([statement, bindings]: readonly unknown[]): number {
  const sql = typeof statement === 'string' ? statement : ((statement as { sql?: string }).sql ?? '');
  const all = Array.isArray(bindings) ? bindings : [];
  return all.reduce((sum: number, one) => sum + bytesOfOne(one), Buffer.byteLength(sql));
}

/** Bytes are written in hexadecimal. */
function bytesOfOne(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value) + 2;
  return value instanceof Uint8Array ? value.length * 2 + 3 : 4;
}

/** Of a statement that lists keys these may be so much: each may stand in it several times, and other texts beside them. */
const SHARE_OF_KEYS = 8;
/** What stands between two of them. */
const BETWEEN = 16;

/** How many of these, from one on, one statement may list; one at the least. */
export function fitting(database: Knex, texts: readonly string[], from = 0): number {
  const limit = packetBytesOf(variablesOf(database));
  if (limit === Number.POSITIVE_INFINITY) return texts.length - from;
  let [left, at] = [limit / SHARE_OF_KEYS, from];
  for (; at < texts.length; at += 1) {
    left -= Buffer.byteLength(texts[at] ?? '') + BETWEEN;
    if (left < 0) break;
  }
  return Math.max(1, at - from);
}
