// The one way to open a connection to MySQL or MariaDB, for stores, what is asked beside them, and the ledger. Each connection
// is made ours before it is used: `mysql-session.ts`.
import knex, { type Knex } from 'knex';
import { SILENT } from '../knex-log.ts';
import { type Connection, type SessionRules, stateSession, type Variables } from './mysql-session.ts';
import { keepToPacket } from './packet.ts';

export interface MysqlOpening extends SessionRules {
  /** Whose connections they are, for people: `store telecom`. */
  readonly what: string;
  readonly url: string;
  readonly connections: number;
  /** What the driver is told about values. */
  readonly values: Readonly<Record<string, unknown>>;
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
  return variables;
}
