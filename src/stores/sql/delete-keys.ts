// Deletes rows that are locked and ruled on: those of the keys, as many as there are keys, or none of them.
import type { Knex } from 'knex';
import { rowOf } from '../../policy/identity.ts';
import type { Key } from '../../policy/policy.ts';
import type { Work } from './lock-records.ts';
import { tableOf } from './names.ts';
import { whereKeys } from './query.ts';
import { expectAll } from './update.ts';

export async function deleteKeys(
  work: Work,
  savepoint: Knex.Transaction,
  keys: readonly Key[],
): Promise<void> {
  if (work.target.identity === null) return deleteExactly(work, savepoint, keys, null);
  const byRow = new Map<string, Key[]>();
  for (const key of keys) {
    const known = byRow.get(rowOf(key));
    if (known === undefined) byRow.set(rowOf(key), [key]);
    else known.push(key);
  }
  // Rows that go with all of their copies go in one statement; of others, so many as are to go: any, since they are alike.
  const whole: Key[] = [];
  for (const [row, copies] of byRow) {
    if (copies.length === work.copies.get(row)) whole.push(...copies);
    else await deleteExactly(work, savepoint, copies, copies.length);
  }
  if (whole.length > 0) await deleteExactly(work, savepoint, whole, null);
}

async function deleteExactly(
  work: Work,
  savepoint: Knex.Transaction,
  keys: readonly Key[],
  limit: number | null,
): Promise<void> {
  const query = savepoint(tableOf(work.target.table.place));
  whereKeys(query, work.target, keys, '');
  if (limit !== null) query.limit(limit);
  expectAll(await query.delete(), keys.length, work);
}
