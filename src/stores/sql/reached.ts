// Queries of a store whose server may be away, or whose errors may quote what nobody should read.
import { refusalOf } from '../../database/explained.ts';
import { RetentionError } from '../../errors.ts';
import type { StoreMap } from '../store.ts';
import type { Dialect } from './dialect.ts';

/** Runs a query and turns what stands in its way into an error that says what happened and what to do. */
export async function reached<T>(map: StoreMap, dialect: Dialect, query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    throw toldOf(map, dialect, error);
  }
}

/** The same for pages that are asked for one after the other. */
export async function* reaching<T>(
  map: StoreMap,
  dialect: Dialect,
  pages: AsyncIterable<T>,
): AsyncGenerator<T> {
  const iterator = pages[Symbol.asyncIterator]();
  try {
    for (;;) {
      const page = await reached(map, dialect, () => iterator.next());
      if (page.done === true) return;
      yield page.value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** A driver's message quotes the statement with its keys, and keys can be anybody's number: only what it was by is kept. */
function toldOf(map: StoreMap, dialect: Dialect, error: unknown): unknown {
  if (error instanceof RetentionError || !isOfDatabase(error)) return error;
  const explained = dialect.explainError(error);
  const cause = Object.assign(new Error(explained.by), { code: explained.by });
  if (explained.kind !== 'unreachable')
    return (
      refusalOf(`store ${map.name}`, explained, cause) ??
      Object.assign(new Error(`store ${map.name} refused a statement (${explained.by})`), {
        code: explained.by,
      })
    );
  const where = [map.readAt, map.at]
    .flatMap(at => (at === null ? [] : 'env' in at ? at.env : at.literal))
    .join(' and ');
  return new RetentionError(
    'store-unreachable',
    `store ${map.name} cannot be reached: ${explained.by}`,
    `Check ${where}, and that the server is up and lets this user in`,
    { cause },
  );
}

/** Anything else is a mistake in the program, and says so. */
function isOfDatabase(error: unknown): error is Error {
  return error instanceof Error && ('code' in error || 'errno' in error || 'fatal' in error);
}
