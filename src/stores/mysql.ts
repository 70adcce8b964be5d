// MySQL and MariaDB. Values are read as exact text: with the driver's defaults a BIGINT above 2^53 is rounded, and the wrong
// row deleted.
import type { Knex } from 'knex';
import { explainMysqlError } from '../database/mysql-errors.ts';
import { binlogObjection } from '../database/mysql-session.ts';
import { type MysqlOpening, openMysqlDatabase } from '../database/open-mysql.ts';
import { variablesOf } from '../database/packet.ts';
import { RetentionError } from '../errors.ts';
import { atServer, oneServer } from './mysql/at-server.ts';
import { READABLE_START } from './mysql/conditions.ts';
import { deleteJoined } from './mysql/delete-joined.ts';
import { deleteListed, inWritingOrder } from './mysql/delete-listed.ts';
import { baseTables, describe } from './mysql/describe.ts';
import { dropPartition } from './mysql/drop-partition.ts';
import { foreignKeys } from './mysql/foreign-keys.ts';
import { grantsFor } from './mysql/grants.ts';
import { inventory } from './mysql/inventory.ts';
import { listPartitions } from './mysql/list-partition.ts';
import { listSure, walkOf } from './mysql/list-sure.ts';
import { ANSWER_MS, type Asking, withLoad } from './mysql/load.ts';
import { narrowIndex } from './mysql/narrow-index.ts';
import { plainNumber } from './mysql/plain-number.ts';
import { rowDigest } from './mysql/row-digest.ts';
import { triggersOn } from './mysql/surroundings.ts';
import { surveyPartitions } from './mysql/survey-partitions.ts';
import { withTablesLocked } from './mysql/table-locks.ts';
import { wholeTables } from './mysql/whole-tables.ts';
import type { ColumnType, Dialect } from './sql/dialect.ts';
import { sqlStore } from './sql/dispose.ts';
import { sealed, unsealed } from './sql/names.ts';
import { sqlReader } from './sql/reader.ts';
import type { Store, StoreMap, StoreReader } from './store.ts';
import type { WholeStore } from './whole-table.ts';

/** Opens a MySQL store for planning: the session itself refuses to write, whatever its user may do. */
export function openMysqlReader(map: StoreMap, url: string): StoreReader {
  const database = connect(map, url, { access: 'reads' });
  return withLoad(atServer(sqlReader(map, mysql, database), mysql, database), map, url, null, asking(map));
}

/** Opens a MySQL store for enforcing. `replicas`: the URLs of those that the data map names, in its order. */
export function openMysql(
  map: StoreMap,
  url: string,
  hashKey: string,
  replicas: readonly string[] = [],
): Store {
  const database = connect(map, url, { access: 'writes', ask: oneServer(map.name) });
  const reader = atServer(sqlReader(map, mysql, database), mysql, database);
  return sqlStore(withLoad(reader, map, url, replicas, asking(map)), mysql, database, hashKey);
}

/** Opens all that is in a server's databases, for a rehearsal. */
export function openWholeMysql(map: StoreMap, url: string): WholeStore {
  const database = connect(map, url, { access: 'reads', connections: 1 });
  return {
    own: decodeURIComponent(new URL(url).pathname.slice(1)),
    tables: databases => wholeTables(database, map.name, databases),
    close: () => database.destroy(),
  };
}

function asking(map: StoreMap): Asking {
  return (at, opened) => connect(map, at, { access: 'reads', longestMs: ANSWER_MS, connections: 1, opened });
}

/** Numbers and times as exact text. */
const AS_TEXT = {
  dateStrings: true,
  supportBigNumbers: true,
  bigNumberStrings: true,
  decimalNumbers: false,
};

function connect(
  map: StoreMap,
  url: string,
  rules: Pick<MysqlOpening, 'access'> & Partial<MysqlOpening>,
): Knex {
  requireUrl(map, url);
  return openMysqlDatabase({
    what: `store ${map.name}`,
    url,
    isolation: 'READ COMMITTED',
    longestMs: null,
    connections: 6,
    values: AS_TEXT,
    spell: unsealed,
    ...rules,
  });
}

/** Never repeats what was given: it holds a password. */
function requireUrl(map: StoreMap, url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed !== null && /^(mysql|mariadb):$/.test(parsed.protocol) && parsed.pathname.length > 1) return;
  const places = [map.at, map.readAt, ...map.replicas];
  const names = places.flatMap(at => (at !== null && 'env' in at ? at.env : []));
  throw new RetentionError(
    'configuration-invalid',
    `store ${map.name} is not given a URL of a MySQL database`,
    `Set ${names.join(' and ')} to mysql://user:password@host:3306/database, with special characters escaped (a blank is %20)`,
  );
}

/**
 * MySQL and MariaDB spell it differently, and each reads its own. Without waiting: whoever writes a row of the history may
 * be waiting for the account that is locked already.
 */
const LOCK_SHARED = '/*!80001 for share nowait *//*M!100300 lock in share mode nowait */';

const mysql: Dialect = {
  kind: 'mysql',
  facts: { pushesDown: true, dispositions: ['purge', 'flag', 'anonymise'] },
  describe,
  inventory,
  baseTables,
  foreignKeys,
  clockMs: async database => {
    const [rows] = await database.raw('SELECT UNIX_TIMESTAMP(NOW(3)) * 1000 AS ms');
    return Math.round(Number(rows[0].ms));
  },
  beginWriting: async () => undefined,
  afterLocked: async () => undefined,
  locksRows: true,
  collatesByColumn: false,
  withTablesLocked,
  deleteJoined,
  follow: index => `force index (\`${sealed(index)}\`)`,
  narrowIndex: (database, target, range) => narrowIndex(database, mysql, target, range),
  asText: (database, column, spec) => database.raw(plainNumber(spec), [column]),
  wholeText: (database, column) => database.raw('??', [column]),
  comparedText: (database, column, type) => {
    if (type === 'integer') return null;
    return database.raw(type === 'bytes' ? 'LOWER(HEX(??))' : 'CAST(?? AS CHAR)', [column]);
  },
  toLastDot: (database, column) =>
    database.raw("LEFT(??, CHAR_LENGTH(??) - CHAR_LENGTH(SUBSTRING_INDEX(??, '.', -1)))", [
      column,
      column,
      column,
    ]),
  rowDigest,
  exactText: (database, column) => database.raw('cast(convert(?? using utf8mb4) as binary)', [column]),
  times: unit => ({
    ordered: '??',
    isZero: '(?? + 0 = 0)',
    isUnreadable: `(${READABLE_START[unit]} is null)`,
    areNear: '(?? <= ?? + interval 3 hour)',
  }),
  lockShared: LOCK_SHARED,
  unreadable: () => null,
  widen: bound => bound,
  typesFor: unit => START_TYPES[unit],
  listed: { walk: walkOf, list: listSure, inWritingOrder, delete: deleteListed },
  partitions: {
    survey: surveyPartitions,
    list: listPartitions,
    drop: (database, target, order) =>
      dropPartition(database, target, order, ask => triggersOn(ask, target.table.place, 'DELETE')),
  },
  grants: grantsFor,
  serverCaveats: database => {
    const message = binlogObjection(variablesOf(database) ?? new Map(), 'READ COMMITTED');
    return message === null ? [] : [{ about: 'server', message }];
  },
  explainError: explainMysqlError,
};

const START_TYPES: Readonly<Record<Parameters<Dialect['typesFor']>[0], readonly ColumnType[]>> = {
  datetime: ['datetime'],
  date: ['date'],
  timestamp: ['timestamp'],
  'epoch-s': ['integer', 'decimal'],
  'epoch-ms': ['integer', 'decimal'],
  'epoch-us': ['integer', 'decimal'],
  text: ['text'],
};
