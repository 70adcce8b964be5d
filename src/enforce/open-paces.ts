// The pace of a run on each of its stores.
import type { EnforceInput } from './enforce-plan.ts';
import { openPace, type Pace } from './pace.ts';

/** Rests and small writes are for others on a server. A store without a load to ask for is nobody else's server. */
export function openPaces(input: EnforceInput): ReadonlyMap<string, Pace> {
  const { job, stores, saved, ledger } = input;
  const named = new Set(saved.plan.parts.map(part => part.store));
  const paces = new Map<string, Pace>();
  for (const [name, store] of stores) {
    if (!named.has(name)) continue;
    const rules =
      store.load === null ? { ...job.pace, writeMs: Number.POSITIVE_INFINITY, niceRatio: 0 } : job.pace;
    const { zone, batchKeys } = job;
    const { expiresAtMs } = saved.plan;
    paces.set(
      name,
      openPace({ ...input, store, rules, zone, batchKeys, pauses: ledger.pauses, expiresAtMs }),
    );
  }
  return paces;
}
