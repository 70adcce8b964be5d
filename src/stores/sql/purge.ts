// Purges rows that are locked and ruled on, and the files that go with them, inside the transaction of their batch: what
// stands in the way of some undoes those alone.
import type { Knex } from 'knex';
import type { Key } from '../../policy/policy.ts';
import type { StoredRecord } from '../../policy/record.ts';
import type { Outcome } from '../store.ts';
import { deleteByHalves } from './by-halves.ts';
import { deleteWithChildren } from './child-tables.ts';
import { deleteKeys } from './delete-keys.ts';
import type { Work } from './dispose.ts';
import { recordsWithSameFiles } from './same-files.ts';

/**
 * Rows first, then the files of those that really go, then the commit: a row that something holds back keeps its
 * file, and one whose file cannot be removed is put back.
 */
export async function purgeWithFiles(
  work: Work,
  records: readonly StoredRecord[],
): Promise<readonly Outcome[]> {
  const { transaction, order } = work;
  const keys = records.map(record => record.key);
  if (order.release === undefined || work.target.dataset.files.length === 0)
    return purge(work, transaction, keys);
  const release = order.release;
  const before = new Map(work.went);
  let kept: { readonly record: StoredRecord; readonly by: string }[] = [];
  try {
    return await transaction.transaction(async savepoint => {
      const outcomes = await purge(work, savepoint, keys);
      const gone = new Set(
        outcomes.filter(({ did }) => did === 'purged').map(({ key }) => JSON.stringify(key)),
      );
      const going = records.filter(({ key }) => gone.has(JSON.stringify(key)));
      // Whoever still stands in the table, inside this transaction, stays: in this batch or outside it.
      const left = await release(going, await recordsWithSameFiles(work, savepoint, going));
      kept = going.flatMap((record, index) => {
        const by = left[index] ?? null;
        return by === null ? [] : [{ record, by }];
      });
      if (kept.length > 0) throw new FilesLeft();
      return outcomes;
    });
  } catch (error) {
    if (!(error instanceof FilesLeft)) throw error;
    restore(work.went, before);
    const spared = new Set(kept.map(({ record }) => record));
    const rest = records.filter(record => !spared.has(record));
    const others = rest.length === 0 ? [] : await purgeWithFiles(work, rest);
    return [
      ...others,
      ...kept.map(({ record, by }): Outcome => ({ key: record.key, did: 'spared', why: 'file-kept', by })),
    ];
  }
}

function restore<K, V>(map: Map<K, V>, before: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [key, value] of before) map.set(key, value);
}

/** Undoes the savepoint that it is thrown in. */
class FilesLeft extends Error {}

function purge(work: Work, transaction: Knex.Transaction, keys: readonly Key[]): Promise<readonly Outcome[]> {
  return deleteByHalves(keys, async some => {
    try {
      // A savepoint, so that a refusal undoes these alone.
      const { dialect, target, went } = work;
      const children = await transaction.transaction(savepoint =>
        deleteWithChildren({ connection: savepoint, dialect }, target, some, () =>
          deleteKeys(work, savepoint, some),
        ),
      );
      for (const [at, rows] of Object.entries(children)) went.set(at, (went.get(at) ?? 0) + rows);
      return { left: [], refusal: null };
    } catch (error) {
      const refusal = work.dialect.explainError(error);
      if (refusal.kind !== 'blocked') throw error;
      return { left: some, refusal };
    }
  });
}
