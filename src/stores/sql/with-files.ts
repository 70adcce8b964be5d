// Changes rows that are locked and ruled on, and removes the files that go with them, inside the transaction of their
// batch: a row that something holds back keeps its file, and one whose file cannot be removed is put back as it was.
import type { Knex } from 'knex';
import { inTransaction } from '../../database/in-transaction.ts';
import type { StoredRecord } from '../../policy/record.ts';
import type { FilesKeep, Outcome, Release } from '../order.ts';
import type { Work } from './lock-records.ts';
import type { Target } from './query.ts';
import { recordsWithSameFiles } from './same-files.ts';

/** What names files in the rows: the dataset itself, or a part of its rows, with the rows as it reads them. */
export interface FileOwner {
  readonly target: Target;
  readonly release: Release;
  readonly records: readonly StoredRecord[];
}

/** Changes rows, and says what became of each. */
type Act = (transaction: Knex.Transaction, records: readonly StoredRecord[]) => Promise<readonly Outcome[]>;

/** Rows first, then the files of those that really were changed, then the commit. */
export async function withFiles(
  work: Work,
  records: readonly StoredRecord[],
  owners: readonly FileOwner[],
  act: Act,
): Promise<readonly Outcome[]> {
  const { transaction } = work;
  const naming = owners.filter(({ target }) => target.dataset.files.length > 0);
  if (naming.length === 0) return act(transaction, records);
  const left = new Map<string, FilesKeep>();
  const before = new Map(work.went);
  try {
    return await inTransaction(transaction, async savepoint => {
      const outcomes = await act(savepoint, records);
      const changed = new Set(
        outcomes
          .filter(({ did }) => did === 'purged' || did === 'anonymised')
          .map(({ key }) => JSON.stringify(key)),
      );
      for (const owner of naming) {
        const going = owner.records.filter(record => changed.has(idOf(record)) && !left.has(idOf(record)));
        // Whoever still names the file, inside this transaction, keeps it: in this batch or outside it.
        const others = await recordsWithSameFiles({ ...work, target: owner.target }, savepoint, going);
        const keep = await owner.release(going, others);
        going.forEach((record, index) => {
          const why = keep[index] ?? null;
          if (why !== null) left.set(idOf(record), why);
        });
      }
      if (left.size > 0) throw new FilesLeft();
      return outcomes;
    });
  } catch (error) {
    if (!(error instanceof FilesLeft)) throw error;
    restore(work.went, before);
    const rest = records.filter(record => !left.has(idOf(record)));
    const others = rest.length === 0 ? [] : await withFiles(work, rest, owners, act);
    const kept = records.flatMap((record): Outcome[] => {
      const keep = left.get(idOf(record));
      return keep === undefined ? [] : [{ key: record.key, did: 'spared', ...keep }];
    });
    return [...others, ...kept];
  }
}

function restore<K, V>(map: Map<K, V>, before: ReadonlyMap<K, V>): void {
  map.clear();
  for (const [key, value] of before) map.set(key, value);
}

function idOf({ key }: StoredRecord): string {
  return JSON.stringify(key);
}

/** Undoes the savepoint that it is thrown in. */
class FilesLeft extends Error {}
