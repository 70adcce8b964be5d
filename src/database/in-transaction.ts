// A transaction that fails with what went wrong first: where the connection is lost in it, undoing it fails as well, and that
// error would say nothing of why.
import type { Knex } from 'knex';

/** As `database.transaction(act)`; inside a transaction a savepoint. */
export async function inTransaction<T>(
  database: Knex,
  act: (transaction: Knex.Transaction) => Promise<T>,
  config?: Knex.TransactionConfig,
): Promise<T> {
  let first: { readonly error: unknown } | null = null;
  try {
    return await database.transaction(async transaction => {
      try {
        return await act(transaction);
      } catch (error) {
        first = { error };
        throw error;
      }
    }, config);
  } catch (error) {
    throw first === null ? error : (first as { readonly error: unknown }).error;
  }
}
