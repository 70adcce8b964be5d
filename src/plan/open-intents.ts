// Keys of batches that a run was killed in and that no run has settled yet: a plan is made before they are, and files that are
// not there may have gone by that run's hand. Those that were missing when they were listed are none of them.
import type { Ledger } from '../ledger/ledger.ts';
import { splitKeys } from '../policy/key-text.ts';
import type { Dataset } from '../stores/store.ts';

/** Texts of keys as they are, never hashed. */
export async function openIntents(
  { plans }: Ledger,
  { store, name, partOf }: Dataset,
): Promise<ReadonlySet<string>> {
  const texts = new Set<string>();
  for (const header of await plans.unsettled()) {
    const part = (await plans.find(header.plan))?.plan.parts[header.part];
    if (part?.store !== store || (part.dataset !== name && part.dataset !== partOf)) continue;
    if (part.missing?.batches.includes(header.seq)) continue;
    for (const text of splitKeys((await plans.load(header)).keys)) texts.add(text);
  }
  return texts;
}
