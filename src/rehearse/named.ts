// What a plan announced of each table, and what the audit log says that its run did there.
import type { AuditEntry } from '../ledger/audit-entry.ts';
import { readEvidence } from '../ledger/evidence.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Plan } from '../plan/plan.ts';
import { isChange } from '../policy/table-name.ts';
import type { Dataset } from '../stores/store.ts';
import { type Named, NOTHING_NAMED } from './compare.ts';
import type { Said, Snapshots } from './snapshot.ts';

/** Where the tables of a store are, as the snapshots name them. */
export interface TableNames {
  readonly ofDataset: (dataset: Dataset) => string;
  /** A table whose rows go along with a dataset's, as plan and audit log count them. */
  readonly beside: (dataset: Dataset, counted: string) => string;
  readonly ofFiles: (store: string) => string;
}

export interface NamedInput {
  readonly plan: Plan;
  readonly run: string;
  readonly ledger: Ledger;
  readonly datasetOf: (store: string, dataset: string) => Dataset | null;
  readonly names: TableNames;
  readonly snapshots: Snapshots;
}

/** By table. Notes in the snapshots what the audit log says of each record. */
export async function whatIsNamed(input: NamedInput): Promise<ReadonlyMap<string, Named>> {
  const all = new Map<string, Named>();
  const add = (
    table: string,
    more: Partial<Pick<Named, 'listed' | 'along' | 'announced' | 'cleared'>>,
  ): void => {
    const known = all.get(table) ?? NOTHING_NAMED;
    all.set(table, {
      ...known,
      listed: known.listed + (more.listed ?? 0),
      along: known.along + (more.along ?? 0),
      announced: known.announced + (more.announced ?? 0),
      cleared: known.cleared + (more.cleared ?? 0),
    });
  };
  for (const part of input.plan.parts) {
    const dataset = input.datasetOf(part.store, part.dataset);
    if (dataset === null) continue;
    add(
      input.names.ofDataset(dataset),
      dataset.keyless ? { announced: part.counts.due } : { listed: part.counts.due },
    );
    for (const [counted, rows] of Object.entries(part.children))
      add(input.names.beside(dataset, counted), isChange(counted) ? {} : { announced: rows });
    for (const at of new Set(dataset.files.map(({ store }) => input.names.ofFiles(store)))) {
      add(at, { announced: part.files });
      all.set(at, { ...(all.get(at) ?? NOTHING_NAMED), isUncounted: true });
    }
  }
  await readOutcomes(input, add);
  return all;
}

async function readOutcomes(
  { run, ledger, datasetOf, names, snapshots }: NamedInput,
  add: (table: string, more: Partial<Pick<Named, 'along' | 'cleared'>>) => void,
): Promise<void> {
  for await (const entry of ledger.audit.entries({ run, kind: 'done' })) {
    const { event } = JSON.parse(entry.body) as AuditEntry;
    if (event.kind !== 'done') continue;
    const dataset = datasetOf(event.store, event.dataset);
    if (dataset === null) continue;
    const table = names.ofDataset(dataset);
    for (const [counted, rows] of Object.entries(event.children ?? {}))
      add(names.beside(dataset, counted), isChange(counted) ? { cleared: rows } : { along: rows });
    if (dataset.keyless) {
      add(table, { along: event.counts.purged });
      continue;
    }
    const evidence = await ledger.audit.evidence(entry.seq);
    const lines = evidence === null ? [] : readEvidence(evidence);
    for (const did of ['purged', 'flagged', 'anonymised'] satisfies Said[]) {
      const ids = lines.filter(line => line.did === did).map(line => line.keyText);
      await snapshots.say(table, ids, did);
    }
  }
}
