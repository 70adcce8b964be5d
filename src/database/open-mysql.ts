// The one way to open a connection to MySQL or MariaDB, for stores, what is asked beside them, and the ledger. Each connection
// is made ours before it is used: `mysql-session.ts`.
import knex, { type Knex } from 'knex';
import { escape as escaped, format, type SqlValue } from 'mysql2';
import { SILENT } from '../knex-log.ts';
import {
  type Connection,
  requireWritable,
  type SessionRules,
  stateSession,
  type Variables,
} from './mysql-session.ts';
import { keepToPacket } from './packet.ts';

export interface MysqlOpening extends SessionRules {
  /** Whose connections they are, for people: `store telecom`. */
  readonly what: string;
  readonly url: string;
  readonly connections: number;
  /** What the driver is told about values. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Puts names back into a statement in which they were written in code; values are not in it yet. */
  readonly spell?: (sql: string) => string;
  /** Told of each connection before it is asked anything, so that it can be cut. */
  readonly opened?: (connection: Cuttable) => void;
  /** Further questions to each new connection; what it throws, whoever wanted the connection is told. */
  readonly ask?: (variables: Variables, query: (sql: string) => Promise<unknown>) => Promise<void>;
}

export interface Cuttable {
  readonly destroy: () => void;
}

export function openMysqlDatabase(opening: MysqlOpening): Knex {
  const database: Knex = knex({
    client: 'mysql2',
    log: SILENT,
    connection: {
      uri: opening.url.replace(/^mariadb:/, 'mysql:'),
      charset: 'utf8mb4',
      multipleStatements: false,
      ...opening.values,
      ...(opening.spell === undefined ? {} : { queryFormat: spelling(opening.spell) }),
    } as Knex.MySql2ConnectionConfig,
    pool: {
      min: 0,
      max: opening.connections,
      afterCreate: (connection: Connection, ready: (error: unknown, connection: Connection) => void) => {
        opening.opened?.(connection);
        makeOurs(connection, opening).then(
          variables => {
            keepToPacket(database, connection, variables);
            ready(null, connection);
          },
          error => {
            // The pool never had it, and would leave it open.
            connection.destroy();
            ready(error, connection);
          },
        );
      },
    },
  });
  return database;
}

async function makeOurs(connection: Connection, opening: MysqlOpening): Promise<Variables> {
  const database = decodeURIComponent(new URL(opening.url).pathname.slice(1));
  const variables = await stateSession(connection, opening.what, database, opening);
  await opening.ask?.(
    variables,
    sql =>
      new Promise((resolve, reject) => {
        connection.query(sql, (error, rows) => {
          if (error) reject(error);
          else resolve(rows);
        });
      }),
  );
  // A server that was exchanged in the middle of a run is told as that first.
  requireWritable(opening.what, opening, variables);
  return variables;
}

/** A statement with its names and its values in it; a question mark in a name stands for no value. */
function spelling(spell: (sql: string) => string) {
  return (sql: string, values: readonly SqlValue[] | undefined): string => {
    const sent = spell(sql);
    if (values === undefined || values.length === 0) return sent;
    if (sent === sql) return format(sql, [...values]);
    const parts = sql.split('?').map(spell);
    return parts.map((part, at) => (at === 0 ? part : escaped(values[at - 1]) + part)).join('');
  };
}
