// Where the records of a replay come from: exactly the keys that an earlier run disposed of, looked up again. What has
// come back (from a restored backup, say) is decided on like any record, with today's rules and today's holds.
import type { AuditEntry } from '../ledger/audit-entry.ts';
import { readEvidence } from '../ledger/evidence.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { keyOfText, keyText } from '../policy/key-text.ts';
import type { Key } from '../policy/policy.ts';
import { type RecordFacts, readRecord } from '../policy/record.ts';
import { type PartPlace, type PartSource, scanPlace } from './make-plan.ts';

/** Hashed keys kept in memory for one pass over a dataset: 200,000 take some 25 MB. */
const HASHES_PER_PASS = 200_000;

/** The records of a part that a run disposed of and that exist now. Parts that the run did not touch are left out. */
export function replayOf(run: string, ledger: Ledger): PartSource {
  let outcomes: Promise<ReadonlyMap<string, readonly number[]>> | null = null;
  return async (place, input, rules) => {
    outcomes ??= outcomesOf(run, ledger);
    const { store, name } = place.dataset;
    const seqs = (await outcomes).get(idOf(store, name, place.class)) ?? [];
    if (!place.dataset.keysPersonal)
      return { bounds: [], listed: null, partitions: null, pages: () => listedPages(seqs, ledger, place) };
    const { pages } = await scanPlace(place, input, rules);
    return {
      bounds: [],
      listed: null,
      partitions: null,
      pages: () => hashedPages(seqs, ledger, input.hashKey, pages),
    };
  };
}

/** The entries of a run's outcomes, by store, dataset and class: read once, however many tables there are. */
async function outcomesOf(run: string, ledger: Ledger): Promise<ReadonlyMap<string, readonly number[]>> {
  const seqs = new Map<string, number[]>();
  for await (const entry of ledger.audit.entries({ run, kind: 'done' })) {
    const { event } = JSON.parse(entry.body) as AuditEntry;
    if (event.kind !== 'done') continue;
    const id = idOf(event.store, event.dataset, event.class);
    const known = seqs.get(id);
    if (known === undefined) seqs.set(id, [entry.seq]);
    else known.push(entry.seq);
  }
  return seqs;
}

function idOf(store: string, dataset: string, name: string): string {
  return JSON.stringify([store, dataset, name]);
}

async function* listedPages(
  seqs: readonly number[],
  ledger: Ledger,
  place: PartPlace,
): AsyncGenerator<readonly RecordFacts[]> {
  for await (const texts of disposedKeys(seqs, ledger)) {
    const keys = texts.map(keyOfText).filter((key): key is Key => key !== null);
    const found = await place.reader.find(place.dataset, keys);
    if (found.length > 0) yield found.map(record => readRecord(record, place.dataset));
  }
}

/** Keys that identify people are in the log as hashes only, so the dataset is walked and each key hashed. */
async function* hashedPages(
  seqs: readonly number[],
  ledger: Ledger,
  hashKey: string,
  scan: () => AsyncGenerator<readonly RecordFacts[]>,
): AsyncGenerator<readonly RecordFacts[]> {
  let wanted = new Set<string>();
  const pass = async function* (): AsyncGenerator<readonly RecordFacts[]> {
    for await (const page of scan()) {
      const back = page.filter(record => wanted.has(keyText(record.key, hashKey)));
      if (back.length > 0) yield back;
    }
  };
  for await (const texts of disposedKeys(seqs, ledger)) {
    for (const text of texts) wanted.add(text);
    if (wanted.size < HASHES_PER_PASS) continue;
    yield* pass();
    wanted = new Set();
  }
  if (wanted.size > 0) yield* pass();
}

/** The keys that a run disposed of in one part, batch by batch, as they stand in the evidence. */
async function* disposedKeys(seqs: readonly number[], ledger: Ledger): AsyncGenerator<readonly string[]> {
  for (const seq of seqs) {
    const evidence = await ledger.audit.evidence(seq);
    if (evidence === null) continue;
    const lines = readEvidence(evidence);
    yield lines.filter(line => line.did !== 'spared' && line.did !== 'failed').map(line => line.keyText);
  }
}
