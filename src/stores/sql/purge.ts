// Purges rows that are locked and ruled on, inside the transaction of their batch: what stands in the way of some undoes
// those alone.
import type { Knex } from 'knex';
import { inTransaction } from '../../database/in-transaction.ts';
import type { Key } from '../../policy/policy.ts';
import type { Outcome } from '../order.ts';
import { deleteByHalves } from './by-halves.ts';
import { deleteWithChildren } from './child-tables.ts';
import { deleteKeys } from './delete-keys.ts';
import type { Work } from './lock-records.ts';
import { RowsLeftBehind } from './rows-along.ts';

export function purge(
  work: Work,
  transaction: Knex.Transaction,
  keys: readonly Key[],
): Promise<readonly Outcome[]> {
  return deleteByHalves(keys, async some => {
    try {
      // A savepoint, so that a refusal undoes these alone.
      const { dialect, target, went } = work;
      const children = await inTransaction(transaction, savepoint =>
        deleteWithChildren({ connection: savepoint, dialect }, target, some, () =>
          deleteKeys(work, savepoint, some),
        ),
      );
      for (const [at, rows] of Object.entries(children)) went.set(at, (went.get(at) ?? 0) + rows);
      return { left: [], refusal: null };
    } catch (error) {
      const refusal =
        error instanceof RowsLeftBehind
          ? ({ kind: 'blocked', by: `rows of ${error.table} that would refer to nothing` } as const)
          : work.dialect.explainError(error);
      if (refusal.kind !== 'blocked') throw error;
      return { left: some, refusal };
    }
  });
}
