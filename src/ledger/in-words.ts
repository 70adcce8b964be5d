// What stands in the way of the ledger's database, told as what it is: a full disk, a server that is away, a file that somebody
// else has locked are no mistakes of the program.
import type { Explained } from '../database/explained.ts';
import { explainMysqlError } from '../database/mysql-errors.ts';
import { explainSqliteTrouble } from '../database/sqlite-errors.ts';
import { RetentionError } from '../errors.ts';

/** The same functions; what they throw is told. */
export function inWords<T extends object>(part: T): T {
  const told = Object.entries(part).map(([name, value]) => [
    name,
    typeof value === 'function' ? toldOf(value as (...input: unknown[]) => unknown) : value,
  ]);
  return Object.fromEntries(told) as T;
}

function toldOf(act: (...input: unknown[]) => unknown): (...input: unknown[]) => unknown {
  return (...input) => {
    const answer = act(...input);
    if (answer instanceof Promise) return answer.catch(tell);
    return isPages(answer) ? pagesOf(answer) : answer;
  };
}

function isPages(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
}

async function* pagesOf(pages: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  try {
    yield* pages;
  } catch (error) {
    tell(error);
  }
}

function tell(error: unknown): never {
  const explained = error instanceof RetentionError ? null : troubleOf(error);
  if (explained === null) throw error;
  const {
    message = 'it cannot be reached',
    hint = 'Check RETENTION_LEDGER, and that its server is up',
    by,
  } = explained;
  throw new RetentionError(
    'ledger-unusable',
    `the ledger: ${message}${by === '' ? '' : ` (${by})`}`,
    `${hint}. Nothing is deleted without a ledger`,
    { cause: error },
  );
}

/** Null for what is no trouble of the world's. */
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
