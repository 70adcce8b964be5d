// What goes wrong with the ledger's database is the world's doing and is told as that: a full disk, a server that is gone, a
// file that somebody has locked. A mistake of this program keeps its own name.
import type { Explained } from '../database/explained.ts';
import { explainMysqlError } from '../database/mysql-errors.ts';
import { explainSqliteTrouble } from '../database/sqlite-errors.ts';
import { RetentionError, reasonOf } from '../errors.ts';

/** The same functions; what their database throws comes as `ledger-unusable`. */
export function explained<T extends object>(facet: T): T {
  const wrapped = Object.entries(facet).map(([name, member]: [string, unknown]) => [
    name,
    typeof member === 'function'
      ? (...args: readonly unknown[]): unknown => explainedAnswer(member(...args))
      : member,
  ]);
  return Object.fromEntries(wrapped) as T;
}

function explainedAnswer(answer: unknown): unknown {
  if (answer instanceof Promise)
    return answer.catch((error: unknown) => {
      throw explainedError(error);
    });
  if (typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer)
    return explainedPages(answer as AsyncIterable<unknown>);
  return answer;
}

async function* explainedPages(pages: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  const iterator = pages[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        throw explainedError(error);
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** Codes of SQLite, of MySQL and MariaDB, of their driver and of the system; a pool that waits in vain has only a name. */
const OF_THE_WORLD = /^(SQLITE_|ER_|PROTOCOL_|HANDSHAKE_|E[A-Z]{3,}$|POOL_CLOSED)/;

/** What a file that cannot be written says where the driver gives no code. */
const SAID =
  /disk is full|disk I\/O|database is locked|readonly database|unable to open|malformed|not a database/i;

function explainedError(error: unknown): unknown {
  if (error instanceof RetentionError) return error;
  const trouble = troubleOf(error);
  if (trouble !== null) {
    const { message = 'it cannot be reached', hint = 'Check RETENTION_LEDGER, and that its server is up' } =
      trouble;
    return new RetentionError(
      'ledger-unusable',
      `the ledger: ${message}${trouble.by === '' ? '' : ` (${trouble.by})`}`,
      `${hint}. Nothing is disposed of without a ledger`,
      { cause: error },
    );
  }
  const { code, name } = error as { code?: unknown; name?: unknown };
  const isOfTheWorld =
    (typeof code === 'string' && OF_THE_WORLD.test(code)) ||
    name === 'KnexTimeoutError' ||
    SAID.test(reasonOf(error));
  if (!isOfTheWorld) return error;
  return new RetentionError(
    'ledger-unusable',
    `the ledger cannot be read or written: ${withoutStatement(reasonOf(error))}`,
    'Is there room where it is, does its server answer, has somebody locked it? Nothing is disposed of without it; then run again',
    { cause: error },
  );
}

/** A statement stands before what went wrong with it, with values in it that are nobody's to read here. */
function withoutStatement(reason: string): string {
  const parts = reason.split(' - ');
  return parts.at(-1) ?? reason;
}

/** What is known by its number or code; null: it is not. */
function troubleOf(error: unknown): Explained | null {
  const { code = '', message = '' } = (error ?? {}) as { code?: string; message?: string };
  if (/^SQLITE_(BUSY|LOCKED)/.test(code))
    return {
      kind: 'locked',
      by: code,
      message: 'another program keeps it locked',
      hint: 'Run again when it is done',
    };
  const ofSqlite = explainSqliteTrouble(code, message);
  if (ofSqlite !== null) return ofSqlite;
  const ofMysql = explainMysqlError(error);
  return ['unreachable', 'world', 'denied'].includes(ofMysql.kind) ? ofMysql : null;
}
