// Disposals that have come back, by a restore or a failover: some of the keys that an earlier run purged are looked for,
// at the cost of a query for a dataset. What is found at all is told, since `replay` finds the rest.
import type { AuditEntry } from '../ledger/audit-entry.ts';
import { readEvidence } from '../ledger/evidence.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Run } from '../ledger/runs.ts';
import { keyOfText } from '../policy/key-text.ts';
import type { Key } from '../policy/policy.ts';
import { readRecord } from '../policy/record.ts';
import type { ServerPlace } from '../stores/server-place.ts';
import type { Dataset, StoreReader } from '../stores/store.ts';
import { MOST_BEHIND_SECONDS } from './place.ts';
import type { Finding } from './plan.ts';

export interface CameBack {
  readonly run: string;
  readonly looked: number;
  readonly back: number;
}

/** Keys that are looked for, of a dataset, and batches that they are taken from. */
const [LOOKED_FOR, BATCHES] = [200, 5];
/** Earlier runs of the job among which the last that purged anything is looked for. */
const RUNS = 10;
/** Beyond its lag, a replica is given this much. */
const GRACE_MS = 60_000;

/** The last run of a job that purged anything, and which of its entries say so, by store and dataset. */
export interface LastPurges {
  readonly run: Run;
  readonly seqs: ReadonlyMap<string, readonly number[]>;
}

/** Null where no run of the job has purged anything yet. */
export async function lastPurges(
  ledger: Pick<Ledger, 'runs' | 'audit'>,
  job: string,
): Promise<LastPurges | null> {
  for (const run of await ledger.runs.list(RUNS)) {
    if (run.job !== job) continue;
    const purges = await purgesOf(ledger, run);
    if (purges.seqs.size > 0) return purges;
  }
  return null;
}

export async function purgesOf({ audit }: Pick<Ledger, 'audit'>, run: Run): Promise<LastPurges> {
  const seqs = new Map<string, number[]>();
  for await (const entry of audit.entries({ run: run.id, kind: 'done' })) {
    const { event } = JSON.parse(entry.body) as AuditEntry;
    if (event.kind !== 'done' || event.counts.purged === 0) continue;
    const id = idOf(event);
    seqs.set(id, [...(seqs.get(id) ?? []), entry.seq]);
  }
  return { run, seqs };
}

function idOf({ store, dataset }: { readonly store: string; readonly dataset: string }): string {
  return JSON.stringify([store, dataset]);
}

/**
 * How many of some of the keys that a run purged from a dataset are there again, with a start of before that run: a key
 * that was given anew is none. Null where it was not looked at: nothing was purged, its keys are in the log as hashes, or
 * its rows have none, and copies of a row that stayed would pass for those that went.
 */
export async function cameBack(
  { audit }: Pick<Ledger, 'audit'>,
  { run, seqs }: LastPurges,
  dataset: Dataset,
  reader: StoreReader,
): Promise<CameBack | null> {
  const all = seqs.get(idOf({ store: dataset.store, dataset: dataset.name })) ?? [];
  if (all.length === 0 || dataset.keysPersonal || dataset.keyless) return null;
  const some = spread(all, BATCHES);
  const keys: Key[] = [];
  for (const seq of some) {
    const stored = await audit.evidence(seq);
    const purged = stored === null ? [] : readEvidence(stored).filter(line => line.did === 'purged');
    for (const { keyText } of spread(purged, Math.ceil(LOOKED_FOR / some.length))) {
      const key = keyOfText(keyText);
      if (key !== null) keys.push(key);
    }
  }
  const back = (await reader.find(dataset, keys)).filter(stored => {
    const { start } = readRecord(stored, dataset);
    return start.kind === 'at' && start.ms < run.startedAtMs;
  });
  return { run: run.id, looked: keys.length, back: back.length };
}

/** So many of a list at most, from all over it. */
function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, index) => all[Math.floor((index * all.length) / most)] as T);
}

/** Whether what a run purged has gone from where it is looked for by now: a replica may be behind. */
export function hasArrived({ endedAtMs }: Run, place: ServerPlace | undefined, nowMs: number): boolean {
  if (place === undefined || place.channels?.length === 0) return true;
  if (endedAtMs === null) return false;
  const behind = place.channels?.map(channel => channel.secondsBehind ?? MOST_BEHIND_SECONDS) ?? [
    MOST_BEHIND_SECONDS,
  ];
  return endedAtMs + Math.max(...behind) * 1000 + GRACE_MS < nowMs;
}

export function findingsOfCameBack(found: CameBack | null): Finding[] {
  if (found === null || found.back === 0) return [];
  const message = `of ${found.looked} records looked at that run ${found.run} purged are there again, by a restore or a failover. Find the rest: retention replay ${found.run}`;
  return [{ severity: 'warning', code: 'came-back', message, count: found.back, samples: [] }];
}
