// Where the records of a replay come from: exactly the keys that an earlier run disposed of, looked up again. What has
// come back (from a restored backup, say) is decided on like any record, with today's rules and today's holds.
import type { AuditEntry } from '../ledger/audit-entry.ts';
import { readEvidence } from '../ledger/evidence.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { keyOfText, keyText } from '../policy/key-text.ts';
import type { Key } from '../policy/policy.ts';
import { type RecordFacts, readRecord } from '../policy/record.ts';
import { type PartPlace, type PartSource, scanPlace } from './make-plan.ts';
import type { Finding } from './plan.ts';

/** Hashed keys kept in memory for one pass over a dataset: 200,000 take some 25 MB. */
const HASHES_PER_PASS = 200_000;

/** The records of a part that a run disposed of and that exist now. Parts that the run did not touch are left out. */
export function replayOf(run: string, ledger: Ledger): PartSource {
  let outcomes: Promise<ReadonlyMap<string, readonly number[]>> | null = null;
  return async (place, input, rules) => {
    outcomes ??= outcomesOf(run, ledger);
    const { store, name } = place.dataset;
    const seqs = (await outcomes).get(idOf(store, name, place.class)) ?? [];
    const alone = aloneOf(place.dataset, seqs.length > 0);
    const findings = (): readonly Finding[] => findingsOfChildren(alone);
    if (!place.dataset.keysPersonal)
      return {
        bounds: [],
        listed: null,
        partitions: null,
        findings,
        pages: () => listedPages(seqs, ledger, place, alone),
      };
    const { pages } = await scanPlace(place, input, rules);
    return {
      bounds: [],
      listed: null,
      partitions: null,
      findings,
      pages: () => hashedPages(seqs, ledger, input.hashKey, pages),
    };
  };
}

/** Rows of child tables that have come back without their record; and tables of which nobody could say. */
interface Alone {
  readonly counts: Map<string, number>;
  readonly unsought: Set<string>;
}

/** By a key that stands in the log as a hash alone no row can be asked for. */
function aloneOf({ childTables, keysPersonal }: PartPlace['dataset'], went: boolean): Alone {
  const tables = keysPersonal && went ? childTables.map(({ at }) => at) : [];
  return { counts: new Map(), unsought: new Set(tables) };
}

function findingsOfChildren({ counts, unsought }: Alone): Finding[] {
  const found: Finding[] = [];
  for (const [at, count] of counts) {
    if (count === 0) continue;
    const message = `${count} of the rows of "${at}" have come back without their record, and a replay takes none of them: delete them by hand, or restore the records too and replay again`;
    found.push({ severity: 'warning', code: 'children-alone', message, count, samples: [] });
  }
  if (unsought.size === 0) return found;
  const names = [...unsought].map(at => `"${at}"`).join(', ');
  const message = `rows of ${names} that have come back without their record were not looked for: look for them by hand`;
  return [...found, { severity: 'warning', code: 'children-not-sought', message, count: 0, samples: [] }];
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
  alone: Alone,
): AsyncGenerator<readonly RecordFacts[]> {
  for await (const texts of disposedKeys(seqs, ledger)) {
    const keys = texts.map(keyOfText).filter((key): key is Key => key !== null);
    if (place.dataset.childTables.length > 0) {
      const { counts, unsought } = await place.reader.lonelyChildren(place.dataset, keys);
      for (const [at, rows] of Object.entries(counts))
        alone.counts.set(at, (alone.counts.get(at) ?? 0) + rows);
      for (const at of unsought) alone.unsought.add(at);
    }
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
