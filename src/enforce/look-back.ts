// What became of keys, told from what is there now: after a crash, and after a store failed on a batch. It looks under
// lock: a transaction that is still going on must end first, one way or the other.
import { rowOf } from '../policy/identity.ts';
import type { Disposition, Key } from '../policy/policy.ts';
import type { Outcome } from '../stores/order.ts';
import type { Dataset, Store } from '../stores/store.ts';

/** Servers take far longer than twice as long for twice as many keys of two columns: 5,000 take 0.1 s, 40,000 took 20 s. */
const LOOKED_AT_ONCE = 2000;

/** `undefined` for a key means that somebody still holds a lock on it, so that nothing can be said yet. */
export async function lookBack(
  store: Store,
  dataset: Dataset,
  disposition: Disposition,
  keys: readonly Key[],
): Promise<readonly ('gone' | 'done' | 'remains' | undefined)[]> {
  const states: ('gone' | 'done' | 'remains' | undefined)[] = [];
  for (let from = 0; from < keys.length; ) {
    let until = Math.min(from + LOOKED_AT_ONCE, keys.length);
    // Copies of a row are told by how many are left, and so looked at together.
    while (
      dataset.keyless &&
      until < keys.length &&
      rowOf(keys[until] ?? []) === rowOf(keys[until - 1] ?? [])
    )
      until += 1;
    states.push(...(await lookAt(store, dataset, disposition, keys.slice(from, until))));
    from = until;
  }
  return states;
}

async function lookAt(
  store: Store,
  dataset: Dataset,
  disposition: Disposition,
  keys: readonly Key[],
): Promise<readonly ('gone' | 'done' | 'remains' | undefined)[]> {
  const done = new Set<string>();
  // A judge that lets nothing go turns a disposal into a look under lock.
  const outcomes = await store.dispose({ dataset, disposition, keys, children: [] }, async records =>
    records.map(record => {
      if (record.done.includes(disposition)) done.add(JSON.stringify(record.key));
      return { go: false, why: 'interrupted', by: null };
    }),
  );
  return outcomes.map(outcome => {
    if (outcome.did !== 'spared' || outcome.why === 'locked') return undefined;
    // Of a file that was intended, and is not there: no row can be missing where none is let go.
    if (outcome.why === 'gone' || outcome.why === 'missing') return 'gone';
    return done.has(JSON.stringify(outcome.key)) ? 'done' : 'remains';
  });
}

/**
 * What a batch that a run was killed in came to; null while it cannot be told. `doubt`: why what is not there need not
 * have been purged by that run; null: it stood there when the run began, and this is the same server since.
 */
export async function settledOutcomes(
  store: Store,
  dataset: Dataset,
  disposition: Disposition,
  keys: readonly Key[],
  doubt: string | null,
): Promise<readonly Outcome[] | null> {
  const states = await lookBack(store, dataset, disposition, keys);
  if (states.includes(undefined)) return null;
  return keys.map((key, index): Outcome => {
    const state = states[index];
    if (state === 'gone')
      return disposition === 'purge' && doubt === null
        ? { key, did: 'purged' }
        : { key, did: 'spared', why: 'gone', by: doubt };
    if (state === 'done') return { key, did: disposition === 'flag' ? 'flagged' : 'anonymised' };
    return { key, did: 'spared', why: 'interrupted', by: null };
  });
}
