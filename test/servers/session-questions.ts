// What a statement means in a session of ours: small questions, each of whose answers one setting or another of a server would
// change, asked by a user without special rights. For what the tables of the condensed suite do not happen to need.
import type { Knex } from 'knex';
import { openMysqlDatabase } from '../../src/database/open-mysql.ts';
import type { Family } from '../support/flavours.ts';

export type Answers = Readonly<Record<string, unknown>>;

interface Question {
  readonly of: string;
  /** One after the other, in one transaction that is undone; the last one's answer is the answer. */
  readonly ask: readonly string[];
  readonly on?: Family;
}

const one = (of: string, ...ask: string[]): Question => ({ of, ask });
const on = (family: Family, question: Question): Question => ({ ...question, on: family });

const LONG = "CONCAT(REPEAT('x', 200)";

const QUESTIONS: readonly Question[] = [
  one('two bars', "SELECT 'a' || 'b' AS a"),
  one('double quotes', 'SELECT "id" AS a FROM people ORDER BY id LIMIT 1'),
  one('a backslash', "SELECT LENGTH('a\\\\b') AS a"),
  one('NOT before BETWEEN', 'SELECT NOT 1 BETWEEN -5 AND 5 AS a'),
  one('a blank before a bracket', 'SELECT MAX (id) AS a FROM people'),
  one('less than nothing', 'SELECT CAST(1 AS UNSIGNED) - 2 AS a'),
  one('a column that is not grouped by', 'SELECT MIN(at) IS NULL AS a, id FROM people GROUP BY name'),
  one('digits of a division', 'SELECT 7 / 3 AS a'),
  one('a division by nothing', 'UPDATE asked SET b = 1 / 0 WHERE id = 1'),
  one('a day that is none', "UPDATE asked SET d = '2021-02-31' WHERE id = 1"),
  one(
    'a zero date',
    "UPDATE asked SET d = '0000-00-00' WHERE id = 1",
    'SELECT d AS a FROM asked WHERE id = 1',
  ),
  one('a text that is cut', "UPDATE people SET name = 'far longer than ten' WHERE id = 1"),
  one('the name of a day', "SELECT DATE_FORMAT('2020-01-01', '%W') AS a"),
  one('the week of a day', "SELECT WEEK('2021-01-03') AS a"),
  one('order of long texts', 'SELECT RIGHT(t, 1) AS a FROM asked ORDER BY t LIMIT 1'),
  one(
    'IS NULL after an insert',
    'INSERT INTO asked (a) VALUES (7)',
    'SELECT COUNT(*) AS a FROM asked WHERE id IS NULL',
  ),
  one(
    'a key of 0',
    'INSERT INTO asked (id, a) VALUES (0, 9)',
    'SELECT COUNT(*) AS a FROM asked WHERE id = 0',
  ),
  one(
    'two assignments',
    'UPDATE asked SET a = a + 1, b = a WHERE id = 1',
    'SELECT b AS a FROM asked WHERE id = 1',
  ),
  one('an empty text', "SELECT '' IS NULL AS a"),
  one('a blank in a pattern', "SELECT 'ab' REGEXP 'a b' AS a"),
  one("a line's end in a pattern", "SELECT CONCAT('a', CHAR(10 USING utf8mb4), 'b') REGEXP 'a.b' AS a"),
  one('a case in a pattern', "SELECT 'A' REGEXP 'a' AS a"),
  one('parts of a second', "SELECT CAST('2020-01-01 10:00:00.9' AS DATETIME(0)) AS a"),
  one('a time as a date', "SELECT YEAR(CAST(TIME'10:00:00' AS DATETIME)) < 1970 AS a"),
  one('an instant', 'SELECT FROM_UNIXTIME(86400) AS a'),
  one(
    'now',
    'SELECT ABS(TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), SYSDATE())) + ABS(TIMESTAMPDIFF(MINUTE, NOW(), SYSDATE())) AS a',
  ),
  one(
    'a real number',
    'CREATE TEMPORARY TABLE made_by_us (id INT PRIMARY KEY, r REAL)',
    'SHOW COLUMNS FROM made_by_us',
  ),
  one(
    'a timestamp',
    'CREATE TEMPORARY TABLE made_by_us (id INT PRIMARY KEY, r TIMESTAMP)',
    'SHOW COLUMNS FROM made_by_us',
  ),
  one('a table that is not there', 'DROP TABLE not_there'),
  one('the words of an error', 'SELECT * FROM not_there'),
  one('what others have not committed', 'SELECT COUNT(*) AS a FROM people'),
  one('a long list', `SELECT LENGTH(GROUP_CONCAT(${LONG}, id))) AS a FROM many WHERE id < 500`),
  one('every row', 'SELECT id AS a FROM flags'),
  one('rows without an index', "UPDATE people SET name = 'x' WHERE name = 'nobody'"),
  one('a wait', 'SELECT SLEEP(0.02) AS a'),
  one('the plan of a question', 'EXPLAIN SELECT * FROM people WHERE id = 1'),
  on('mariadb', one('rows of a table with a history', 'SELECT COUNT(*) AS a FROM versioned')),
  on(
    'mariadb',
    one(
      'a question that asks itself',
      'WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT MAX(n) + 1 FROM c WHERE n < 3) SELECT COUNT(*) AS a FROM c',
    ),
  ),
  on('mariadb', one('a key that refers to nothing', 'INSERT INTO children VALUES (9, 999)')),
  on(
    'mysql',
    one(
      'a key that the server made',
      "SELECT COUNT(*) AS a FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'made'",
    ),
  ),
];

/** Names of databases and servers differ from one run to the next. */
export async function askAll(url: string, family: Family): Promise<Answers> {
  const database = openSession(url);
  const answers: Record<string, unknown> = {};
  try {
    for (const { of, ask, on: only } of QUESTIONS) {
      if (only !== undefined && only !== family) continue;
      answers[`session: ${of}`] = await answered(async () => {
        const open = await database.transaction();
        try {
          let rows: unknown;
          for (const sql of ask) [rows] = await open.raw(sql);
          return plainly(rows);
        } finally {
          await open.rollback();
          await database.raw('DROP TEMPORARY TABLE IF EXISTS made_by_us').catch(() => undefined);
        }
      });
    }
  } finally {
    await database.destroy();
  }
  return answers;
}

const PAUSE_MS = 2300;
/** Longer than the least that a server lets anybody wait for a table. */
const HELD_MS = 3000;
/** For a row: on a machine that has much to do, a second's wait takes longer than a second. */
const MOST_MS = 15_000;

/** Takes seconds, so it is asked only for settings of time. `other`: a session that no setting touches. */
export async function askSlowly(url: string, other: Knex, database: string): Promise<Answers> {
  const sessions = [0, 1, 2, 3, 4].map(() => openSession(url));
  const [idle, reading, writing, altering, locking] = sessions as [Knex, Knex, Knex, Knex, Knex];
  // However slow the machine is to open them.
  for (const session of sessions) await session.raw('DO 1');
  const held = await other.transaction();
  try {
    await held.raw('SELECT * FROM ??.asked WHERE id = 2 FOR UPDATE', [database]);
    // Another table: who waits to change one keeps others from its rows.
    await held.raw('SELECT * FROM ??.stamps', [database]);
    const between = async (session: Knex, first: string): Promise<unknown> =>
      answered(async () => {
        // One connection, as a run has it between two of its statements.
        const connection = await session.client.acquireConnection();
        try {
          await session.raw('START TRANSACTION').connection(connection);
          await session.raw(first).connection(connection);
          await wait(PAUSE_MS);
          await session.raw('COMMIT').connection(connection);
          return 'as before';
        } finally {
          await session.client.releaseConnection(connection).catch(() => undefined);
        }
      });
    const locked = answered(() =>
      locking.raw('SELECT id FROM asked WHERE id = 2 FOR UPDATE').then(() => 'waited for'),
    );
    const asked = Promise.all([
      between(idle, 'DO 1'),
      between(reading, 'SELECT * FROM people'),
      between(writing, 'UPDATE asked SET a = 5 WHERE id = 1'),
      answered(async () => {
        await altering.raw('ALTER TABLE stamps ADD COLUMN e INT');
        return 'waited for';
      }),
      locked,
    ]);
    await Promise.all([wait(HELD_MS), Promise.race([locked, wait(MOST_MS)])]);
    await held.rollback();
    const [idleness, readers, writers, change, row] = await asked;
    return {
      'session: a transaction that pauses': idleness,
      'session: one that has read': readers,
      'session: one that has written': writers,
      'session: a change of a table that somebody has': change,
      'session: a row that somebody has': row,
    };
  } finally {
    if (!held.isCompleted()) await held.rollback();
    for (const session of sessions) await session.destroy();
  }
}

/** What the ledger's sessions do: read, and then lock what somebody else has changed meanwhile. */
export async function askOfChanged(url: string, other: Knex, database: string): Promise<Answers> {
  const session = openSession(url, 'REPEATABLE READ');
  try {
    return {
      'session: a row that changed after it was read': await answered(async () => {
        const open = await session.transaction();
        try {
          await open.raw('SELECT a FROM asked WHERE id = 1');
          await other.raw('UPDATE ??.asked SET a = a + 1 WHERE id = 1', [database]);
          const [rows] = await open.raw('SELECT a FROM asked WHERE id = 1 FOR UPDATE');
          return plainly(rows);
        } finally {
          await open.rollback();
        }
      }),
    };
  } finally {
    await session.destroy();
  }
}

function openSession(url: string, isolation: 'READ COMMITTED' | 'REPEATABLE READ' = 'READ COMMITTED'): Knex {
  return openMysqlDatabase({
    what: 'the questions',
    url,
    connections: 1,
    values: { dateStrings: true },
    access: 'writes',
    isolation,
    longestMs: null,
  });
}

async function answered(act: () => Promise<unknown>): Promise<unknown> {
  try {
    return await act();
  } catch (error) {
    const { errno, message } = error as { errno?: number; message: string };
    return `refused: ${errno ?? ''} ${message
      .replaceAll(/hostile_[0-9a-f]+/g, '')
      .split(' - ')
      .at(-1)}`;
  }
}

/** Rows as texts; of a write how many it found. */
function plainly(rows: unknown): unknown {
  if (!Array.isArray(rows)) return (rows as { affectedRows: number }).affectedRows;
  return rows.map(row =>
    Object.entries(row)
      .flatMap(([name, value]) => (name === 'rows' ? [] : [name, value]))
      .map(String)
      .join(' '),
  );
}

function wait(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms);
  });
}
