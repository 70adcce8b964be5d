// What a MySQL or MariaDB store tells of the server that it is behind, and keeps of it: a store that writes stays at the
// server where it began, whatever name, proxy or balancer stands between.
import type { Knex } from 'knex';
import type { MysqlOpening } from '../../database/open-mysql.ts';
import { RetentionError } from '../../errors.ts';
import type { Disposition } from '../../policy/policy.ts';
import type { Mismatch } from '../mismatch.ts';
import type { AtServer, ServerPlace } from '../server-place.ts';
import type { Dialect } from '../sql/dialect.ts';
import type { SqlReader } from '../sql/reader.ts';
import { sampleEnds } from '../sql/sample-ends.ts';
import type { Dataset } from '../store.ts';
import { askOf } from './ask.ts';
import { missingRights } from './missing-rights.ts';
import {
  type Answer,
  ASK_STATUS,
  ASK_VARIABLES,
  askChannels,
  type Rows,
  readAnswer,
} from './server-place.ts';

/**
 * Lets connections in that lead to the server of the first of them, while it may be written. The first itself is let in
 * as it is: what it leads to is judged before a run begins.
 */
export function oneServer(store: string): NonNullable<MysqlOpening['ask']> {
  let first: Answer | null = null;
  let reached: Answer['position'] = {};
  return async (_, query) => {
    // As it was known before this one is asked: of two that are asked at once the later answer may tell of the earlier moment.
    const known = reached;
    const answer = readAnswer((await query(ASK_VARIABLES)) as Rows, (await query(ASK_STATUS)) as Rows);
    first ??= answer;
    const found = objection(store, first, known, answer);
    if (found !== null) throw found;
    reached = furthest(reached, answer.position);
  };
}

/** A state between the run's beginning and the last that was seen of it is an older one too. */
function furthest(one: Answer['position'], other: Answer['position']): Answer['position'] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...names].map(name => [name, Math.max(one[name] ?? 0, other[name] ?? 0)]));
}

function objection(
  store: string,
  first: Answer,
  known: Answer['position'],
  answer: Answer,
): RetentionError | null {
  const hint =
    'What was begun is left to be settled by the next run. See which server is the right one, point the URL there, and look for what came back: retention replay RUN';
  const changed = (what: string): RetentionError =>
    new RetentionError('server-changed', `store ${store}: ${what}`, hint);
  if (answer.id !== first.id)
    return changed(
      `a new connection leads to ${answer.called}, and the run began at ${first.called}: the server was changed`,
    );
  const back = Object.keys(known).find(name => (answer.position[name] ?? 0) < (known[name] ?? 0));
  if (back !== undefined)
    return changed(
      `${answer.called} has gone back to an older state than it was in during this run (${back})`,
    );
  if (answer.readOnly !== null && first.readOnly === null)
    return changed(`${answer.called} may not be written any more: ${answer.readOnly}`);
  return null;
}

/** A reader that can also tell of its server. */
export function atServer(reader: SqlReader, dialect: Dialect, database: Knex): SqlReader {
  return { ...reader, server: telling(reader, dialect, database) };
}

function telling(reader: SqlReader, dialect: Dialect, database: Knex): AtServer {
  const ask = askOf(database);
  return {
    place: () => reader.reached(() => placeOf(database)),
    askingRight: async () => {
      const [server] = await ask('SELECT VERSION() AS version');
      return /mariadb/i.test(String(server?.version)) ? 'REPLICA MONITOR' : 'REPLICATION CLIENT';
    },
    shape: dataset => reader.reached(() => shapeOf(reader, dataset)),
    ends: (dataset, keys) =>
      reader.reached(async () => sampleEnds(database, dialect, await reader.target(dataset), keys)),
    missingRights: (dataset, dispositions) =>
      reader.reached(() => rightsMissing(reader, database, dataset, dispositions)),
  };
}

async function placeOf(database: Knex): Promise<ServerPlace> {
  const ask = askOf(database);
  const answer = readAnswer(await ask(ASK_VARIABLES), await ask(ASK_STATUS));
  const [home] = await ask('SELECT DATABASE() AS home');
  return { ...answer, database: String(home?.home), channels: await askChannels(ask) };
}

async function shapeOf(reader: SqlReader, dataset: Dataset): Promise<ReadonlyMap<string, string>> {
  const { table, source, rows } = await reader.target(dataset);
  const shape = new Map<string, string>();
  for (const one of [table, source?.table, rows?.table])
    for (const [name, { written }] of one?.columns ?? []) shape.set(`${one?.place.name}.${name}`, written);
  return shape;
}

async function rightsMissing(
  reader: SqlReader,
  database: Knex,
  dataset: Dataset,
  dispositions: readonly Disposition[],
): Promise<readonly Mismatch[]> {
  return missingRights(askOf(database), await reader.target(dataset), dispositions);
}
