// What all plans of a ledger have found, class by class: how a dataset that never matches anything is told.
import type { Knex } from 'knex';
import type { Plan } from '../plan/plan.ts';

/** One class in one dataset over all plans of the ledger. */
export interface PartHistory {
  readonly store: string;
  readonly dataset: string;
  readonly class: string;
  readonly plans: number;
  readonly firstMs: number;
  /** Records that were due, over all plans. */
  readonly due: number;
  /** Records that the latest plan found stored; null where that plan was refused the dataset. */
  readonly stored: number | null;
}

/** Plans read at a time: their bodies are all that is in memory. */
const PLANS_AT_ONCE = 100;

/** In the order of their first plans; replays are no scans and do not count. */
export async function partHistories(database: Knex): Promise<readonly PartHistory[]> {
  const histories = new Map<string, PartHistory>();
  let after = '';
  for (;;) {
    const rows: { id: string; body: string }[] = await database('plans')
      .where('id', '>', after)
      .orderBy('id')
      .limit(PLANS_AT_ONCE)
      .select('id', 'body');
    for (const { body } of rows) {
      const { madeAtMs, source, parts } = JSON.parse(body) as Plan;
      if (source.kind !== 'scan') continue;
      for (const { store, dataset, class: of, counts, findings } of parts) {
        const id = JSON.stringify([store, dataset, of]);
        const known = histories.get(id);
        const isRefused = findings.some(finding => finding.code === 'store-mismatch');
        histories.set(id, {
          ...{ store, dataset, class: of },
          plans: (known?.plans ?? 0) + 1,
          firstMs: known?.firstMs ?? madeAtMs,
          due: (known?.due ?? 0) + counts.due,
          stored: isRefused ? null : counts.stored,
        });
      }
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PLANS_AT_ONCE) return [...histories.values()];
    after = last.id;
  }
}
