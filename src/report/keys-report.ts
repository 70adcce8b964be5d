// The keys of what a plan lists and has not been disposed of, for who wants to look them up before enforcing it.
import type { Ledger } from '../ledger/ledger.ts';
import type { Plan } from '../plan/plan.ts';
import { keysOf } from '../policy/key-text.ts';
import { csvLine } from './numbers.ts';

/** CSV, a batch at a time. Keys that an expired plan listed are forgotten, and none are given for it. */
export async function* keysReport(plan: Plan, { plans }: Pick<Ledger, 'plans'>): AsyncGenerator<string> {
  yield csvLine(['store', 'dataset', 'class', 'key']);
  for (const header of await plans.openBatches(plan.id)) {
    const part = plan.parts[header.part];
    const { keys } = await plans.load(header);
    if (part === undefined || keys.length === 0) continue;
    yield keysOf(keys)
      .map(key => csvLine([part.store, part.dataset, part.class, key.join(' ')]))
      .join('\r\n');
  }
}
