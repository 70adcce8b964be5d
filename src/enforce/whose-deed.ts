// Whether what is missing of a batch that a run was killed in can be told as that run's deed: only at the server where the
// run was, and at no older state of it. What another server never had, or a restore lost, nobody has purged.
import type { AuditEntry } from '../ledger/audit-entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { cameBack, purgesOf } from '../plan/come-back.ts';
import { isOlder, isSameDatabase, type Place } from '../plan/place.ts';
import type { Dataset, Store } from '../stores/store.ts';

/**
 * Why it cannot be told so, in a few words; null: it can. `now`: where the store is; nothing for stores that are behind no
 * server.
 */
export async function doubtOfDeeds(
  ledger: Ledger,
  runId: string,
  dataset: Dataset,
  store: Store,
  now: Place | undefined,
): Promise<string | null> {
  if (now !== undefined) {
    const then = await placeOfRun(ledger, runId, store.name);
    if (then === null) return 'at a server that its run did not name';
    if (!isSameDatabase(now, then)) return 'at another server';
    if (isOlder(now, then)) return 'at an older state of the server';
  }
  const run = await ledger.runs.find(runId);
  const found = run === null ? null : await cameBack(ledger, await purgesOf(ledger, run), dataset, store);
  return found !== null && found.back > 0 ? 'where what the run had purged is back' : null;
}

/** Where a store was when a run last began or went on. */
async function placeOfRun({ audit }: Ledger, run: string, store: string): Promise<Place | null> {
  let place: Place | null = null;
  for await (const entry of audit.entries({ run, kind: 'run-started' })) {
    const { event } = JSON.parse(entry.body) as AuditEntry;
    if (event.kind === 'run-started') place = event.servers?.[store] ?? null;
  }
  return place;
}
