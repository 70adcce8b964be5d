// Whether keys that no row was read for are really gone. Rows may come back short (a limit of the session, a packet that was
// cut, a text that reads otherwise than it was written), a count cannot: it is one row, and it says how many stand under the
// keys as the server compares them. It is asked for keys that seem gone alone, which are few.
import { rowOf } from '../../policy/identity.ts';
import type { Key } from '../../policy/policy.ts';
import type { Work } from './lock-records.ts';
import { aliased } from './names.ts';
import { whereKeys } from './query.ts';

type Asking = Pick<Work, 'transaction' | 'dialect' | 'target' | 'copies'>;

/** Of keys that no row was read for, by `JSON.stringify`: those under which one stands all the same. */
export async function unreadAmong(asking: Asking, keys: readonly Key[]): Promise<ReadonlySet<string>> {
  const unread = new Set<string>();
  for (const group of await unreadGroups(asking, groupsOf(asking, keys)))
    for (const key of group) unread.add(JSON.stringify(key));
  return unread;
}

/** Copies of a row are asked for together: they are told by how many there are. */
function groupsOf({ target }: Asking, keys: readonly Key[]): (readonly Key[])[] {
  if (target.identity === null) return keys.map(key => [key]);
  const groups = new Map<string, Key[]>();
  for (const key of keys) {
    const known = groups.get(rowOf(key));
    if (known === undefined) groups.set(rowOf(key), [key]);
    else known.push(key);
  }
  return [...groups.values()];
}

/** By halves: mostly all of them are gone, and one question says so. */
async function unreadGroups(
  asking: Asking,
  groups: readonly (readonly Key[])[],
): Promise<readonly (readonly Key[])[]> {
  if (groups.length === 0) return [];
  const first = groups.map(([key = []]) => key);
  const read = first.reduce((sum, key) => sum + (asking.copies.get(rowOf(key)) ?? 0), 0);
  const there = await countOf(asking, first);
  if (there === read) return [];
  if (groups.length === 1 || there - read >= groups.length) return groups;
  const half = Math.ceil(groups.length / 2);
  return [
    ...(await unreadGroups(asking, groups.slice(0, half))),
    ...(await unreadGroups(asking, groups.slice(half))),
  ];
}

/** Rows that stand under keys. Throws where the server gives no number: nothing may be concluded from that. */
async function countOf({ transaction, dialect, target }: Asking, keys: readonly Key[]): Promise<number> {
  const query = transaction
    .from(aliased('t', target.table.place))
    .select(transaction.raw('count(*) as ??', ['n']));
  whereKeys(query, target, keys);
  // As the rows were read: under lock, so that it is no older view of them.
  if (dialect.locksRows && target.table.unsafeEngine === null) query.forUpdate();
  const [row]: { n: unknown }[] = await query;
  const count = row === undefined || row.n == null ? Number.NaN : Number(row.n);
  if (!Number.isInteger(count)) throw new Error('the store does not say how many rows stand under keys');
  return count;
}
