// What became of keys, told from what is there now: after a crash, and after a store failed without saying how far it
// had come. A commit whose answer was lost has happened all the same.
import type { Disposition, Key } from '../policy/policy.ts';
import type { Dataset, Outcome, StoreReader } from '../stores/store.ts';

/** `remaining`: what a key is that still stands as it did. */
export async function lookBack(
  store: StoreReader,
  dataset: Dataset,
  disposition: Disposition,
  keys: readonly Key[],
  remaining: { did: 'spared'; why: 'interrupted'; by: null } | { did: 'failed'; by: string },
): Promise<Outcome[]> {
  const found = new Map(
    (await store.find(dataset, keys)).map(record => [JSON.stringify(record.key), record]),
  );
  return keys.map((key): Outcome => {
    const record = found.get(JSON.stringify(key));
    if (record === undefined)
      return disposition === 'purge' ? { key, did: 'purged' } : { key, did: 'spared', why: 'gone', by: null };
    if (disposition !== 'purge' && record.done.includes(disposition))
      return { key, did: disposition === 'flag' ? 'flagged' : 'anonymised' };
    return { key, ...remaining };
  });
}
