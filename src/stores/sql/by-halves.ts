// Deletes rows of which some may be held back, by a foreign key or a trigger: those are found by halves and spared, and the
// others go.
import type { Key } from '../../policy/policy.ts';
import type { Outcome } from '../order.ts';
import type { Dialect } from './dialect.ts';

/** What came of one delete: the keys whose rows still stand after it, and why; `left` is empty where nothing stood in the way. */
export interface Attempt {
  readonly left: readonly Key[];
  readonly refusal: ReturnType<Dialect['explainError']> | null;
}

export async function deleteByHalves(
  keys: readonly Key[],
  attempt: (keys: readonly Key[]) => Promise<Attempt>,
): Promise<readonly Outcome[]> {
  if (keys.length === 0) return [];
  const { left, refusal } = await attempt(keys);
  if (refusal === null || left.length === 0) return keys.map(key => ({ key, did: 'purged' }));
  const standing = new Set(left.map(key => JSON.stringify(key)));
  const gone = keys
    .filter(key => !standing.has(JSON.stringify(key)))
    .map((key): Outcome => ({ key, did: 'purged' }));
  if (refusal.kind !== 'blocked')
    return [...gone, ...left.map((key): Outcome => ({ key, did: 'failed', by: refusal.by }))];
  if (keys.length === 1)
    return left.map((key): Outcome => ({ key, did: 'spared', why: 'blocked', by: refusal.by }));
  const half = Math.ceil(left.length / 2);
  return [
    ...gone,
    ...(await deleteByHalves(left.slice(0, half), attempt)),
    ...(await deleteByHalves(left.slice(half), attempt)),
  ];
}
