// Opens SQLite files. Statements are prepared once and used again: the driver gives a statement's memory back only when
// the garbage collector comes to it (40 MB after 500 batches), and preparing costs as much as a short query itself.
import knex, { type Knex } from 'knex';
import { SILENT } from './knex-log.ts';

/** What is used of the driver's connection. */
interface Connection {
  exec: (sql: string) => void;
  prepare: (sql: string) => unknown;
}

/** One connection to a file; `pragmas` are run as soon as it is open. `written`: a statement as it is sent. */
export function openSqliteFile(
  path: string,
  pragmas: readonly string[],
  written: (sql: string) => string = sql => sql,
): Knex {
  return knex({
    client: 'better-sqlite3',
    log: SILENT,
    connection: { filename: path },
    useNullAsDefault: true,
    pool: {
      min: 1,
      max: 1,
      afterCreate: (connection: Connection, ready: (error: unknown, connection: unknown) => void) => {
        try {
          for (const pragma of pragmas) connection.exec(pragma);
          keepStatements(connection, written);
          ready(null, connection);
        } catch (error) {
          ready(error, connection);
        }
      },
    },
  });
}

/** No query has more texts than this by far; longer ones list keys, and are not asked twice. */
const MOST_KEPT = 200;
const LONGEST_KEPT = 2000;

function keepStatements(connection: Connection, written: (sql: string) => string): void {
  const prepare = connection.prepare.bind(connection);
  const kept = new Map<string, unknown>();
  connection.prepare = sql => {
    const statement = kept.get(sql) ?? prepare(written(sql));
    if (sql.length <= LONGEST_KEPT && kept.size < MOST_KEPT) kept.set(sql, statement);
    return statement;
  };
}
