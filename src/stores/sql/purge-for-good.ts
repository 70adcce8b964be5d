// Purges from tables that can neither lock a row nor undo a write (MyISAM, Aria, MEMORY). The whole table is locked for one
// small write, in which each row is read again, ruled on and deleted. Nothing is ever undone there: what a delete that
// failed half-way has taken is told by looking at what is left, under the same lock.
import type { Key } from '../../policy/policy.ts';
import type { StoredRecord } from '../../policy/record.ts';
import type { TableName } from '../../policy/table-name.ts';
import type { FilesKeep, Outcome } from '../order.ts';
import { type Attempt, deleteByHalves } from './by-halves.ts';
import { deleteKeys } from './delete-keys.ts';
import type { TableLock } from './dialect.ts';
import type { Referrer, Work } from './lock-records.ts';
import type { Target } from './query.ts';
import { recordsWithSameFiles } from './same-files.ts';

/** No write is larger: for so long everybody else waits for the table. */
export const MOST_FOR_GOOD = 1000;

/** All tables that a write reads, by the names that its queries have for them; nothing else can be read under the lock. */
export function locksFor(
  { table: { place: table, keys }, source, rows }: Target,
  referrers: readonly Referrer[],
): TableLock[] {
  const others = new Map(referrers.map(({ place }) => [keys.idOf(place), place]));
  return [
    { table, as: null, mode: 'write' },
    { table, as: 't', mode: 'write' },
    ...(source === null ? [] : [{ table: source.table.place, as: 's', mode: 'read' } as const]),
    ...(rows === null ? [] : locksForRows(table, source?.table.place ?? null, rows.table.place)),
    ...[...others.values()].map(other => ({ table: other, as: 'c', mode: 'read' }) as const),
  ];
}

/** Rows that tell a start are found by way of the records and of the accounts that hold it. */
function locksForRows(table: TableName, holder: TableName | null, told: TableName): TableLock[] {
  return [
    { table: told, as: 'h', mode: 'read' },
    { table, as: 'a', mode: 'read' },
    ...(holder === null ? [] : [{ table: holder, as: 'b', mode: 'read' } as const]),
  ];
}

/**
 * Files first, since a row that has gone cannot be put back: one whose file stays is kept, and one that something blocks
 * has lost its file. A run that is killed between the two leaves rows whose files are gone, which the next run takes.
 */
export async function purgeForGood(
  work: Work,
  records: readonly StoredRecord[],
  stillThere: (keys: readonly Key[]) => Promise<readonly StoredRecord[]>,
): Promise<readonly Outcome[]> {
  const kept = await keptByFiles(work, records);
  const going = records.filter(record => !kept.has(record)).map(({ key }) => key);
  return [
    ...(await deleteByHalves(going, keys => deleteAndLook(work, keys, stillThere))),
    ...[...kept].map(([{ key }, keep]): Outcome => ({ key, did: 'spared', ...keep })),
  ];
}

/** Records that their files keep, with the reason. */
async function keptByFiles(
  work: Work,
  records: readonly StoredRecord[],
): Promise<ReadonlyMap<StoredRecord, FilesKeep>> {
  const { release } = work.order;
  if (release === undefined || work.target.dataset.files.length === 0) return new Map();
  const own = new Set(records.map(({ key }) => JSON.stringify(key)));
  const naming = await recordsWithSameFiles(work, work.transaction, records);
  const left = await release(
    records,
    naming.filter(({ key }) => !own.has(JSON.stringify(key))),
  );
  return new Map(
    records.flatMap((record, index) => {
      const keep = left[index] ?? null;
      return keep === null ? [] : [[record, keep] as const];
    }),
  );
}

/** What is left of them when something stood in the way. A server that is lost is for the next run to look into. */
async function deleteAndLook(
  work: Work,
  keys: readonly Key[],
  stillThere: (keys: readonly Key[]) => Promise<readonly StoredRecord[]>,
): Promise<Attempt> {
  try {
    await deleteKeys(work, work.transaction, keys);
    return { left: [], refusal: null };
  } catch (error) {
    const refusal = work.dialect.explainError(error);
    if (refusal.kind === 'unreachable') throw error;
    return { left: (await stillThere(keys)).map(({ key }) => key), refusal };
  }
}
