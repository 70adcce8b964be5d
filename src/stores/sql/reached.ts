// Queries of a store whose server may be away, or whose errors may quote what nobody should read.
import { RetentionError, reasonOf } from '../../errors.ts';
import type { StoreMap } from '../store.ts';
import type { Dialect } from './dialect.ts';

/** Runs a query and turns a server that cannot be reached into an error that says so. */
export async function reached<T>(map: StoreMap, dialect: Dialect, query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (error instanceof RetentionError) throw error;
    if (dialect.explainError(error).kind !== 'unreachable') throw withoutValues(map, error);
    const where = [map.readAt, map.at]
      .flatMap(at => (at === null ? [] : 'env' in at ? at.env : at.literal))
      .join(' and ');
    throw new RetentionError(
      'store-unreachable',
      `store ${map.name} cannot be reached: ${reasonOf(error)}`,
      `Check ${where}, and that the server is up and lets this user in`,
      { cause: error },
    );
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

/** A driver's message quotes the statement with its keys, and keys can be anybody's number: only its code is kept. */
function withoutValues(map: StoreMap, error: unknown): Error {
  const { code = 'no code', sqlState } = error as { code?: string; sqlState?: string };
  if (!('code' in (error as object))) return error as Error;
  return Object.assign(new Error(`store ${map.name} refused a statement (${code})`), { code, sqlState });
}
