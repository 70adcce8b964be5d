// Checks the audit log from nothing but the ledger: every hash, every number, every intent with its one outcome, every
// piece of evidence against its digest and its counts. Names the first entry that does not hold.
import { CLOCK_TOLERANCE_MS, isoInstant } from '../clock.ts';
import { canonicalJson } from '../digest.ts';
import { reasonOf } from '../errors.ts';
import {
  type AuditEntry,
  type AuditEvent,
  addOutcomes,
  NO_OUTCOMES,
  type OutcomeCounts,
} from './audit-entry.ts';
import {
  type AuditHead,
  type AuditLog,
  entryHash,
  type StoredEntry,
  type StoredEvidence,
} from './audit-log.ts';
import { countOutcomes, evidenceDigest, readOutcomes, readPacked } from './evidence.ts';
import type { Ledger } from './ledger.ts';
import { brokenHold } from './verify-holds.ts';
import { brokenPause } from './verify-pauses.ts';

export interface Verification {
  readonly entries: number;
  /** Records whose disposal the log proves. */
  readonly records: number;
  readonly head: AuditHead;
  /** Intents without an outcome: a run is going on, or was killed and the next run will settle them. */
  readonly open: number;
  readonly broken: { readonly seq: number; readonly why: string } | null;
}

type Intent = Extract<AuditEvent, { kind: 'intended' }>;

interface State {
  entries: number;
  records: number;
  head: AuditHead;
  latestMs: number | null;
  /** The first entry whose time is before that of an entry before it; one that nobody has told of since. */
  wentBack: Verification['broken'];
  readonly open: Map<string, Intent>;
  readonly runs: Map<string, OutcomeCounts>;
}

/** `expected`: a head noted down earlier, which the log must still contain; so that a log cut short is found too. */
export async function verifyAudit(
  ledger: Pick<Ledger, 'audit' | 'holds' | 'pauses'>,
  expected: AuditHead | null = null,
): Promise<Verification> {
  const state: State = {
    entries: 0,
    records: 0,
    head: { seq: 0, hash: '' },
    latestMs: null,
    wentBack: null,
    open: new Map(),
    runs: new Map(),
  };
  const result = (broken: Verification['broken']): Verification => ({
    entries: state.entries,
    records: state.records,
    head: state.head,
    open: state.open.size,
    broken,
  });
  let head = await ledger.audit.head();
  for (let read = false; !read; ) {
    for await (const stored of ledger.audit.entries({ afterSeq: state.head.seq })) {
      const why = await brokenEntry(ledger.audit, state, stored);
      if (why !== null) return result({ seq: stored.seq, why });
      if (expected !== null && stored.seq === expected.seq && stored.hash !== expected.hash) {
        return result({ seq: stored.seq, why: 'it is not the entry whose hash was noted down' });
      }
    }
    // A run may be writing meanwhile: what it added since is read too, until the head stands still.
    const now = await ledger.audit.head();
    read = now.seq === state.head.seq || now.seq === head.seq;
    head = now;
  }
  if (head.seq !== state.head.seq || head.hash !== state.head.hash) {
    return result({
      seq: state.head.seq + 1,
      why: `the log ends here, and should end with entry ${head.seq}`,
    });
  }
  const latest = await ledger.audit.latest();
  if (latest.seq === state.head.seq && latest.atMs !== state.latestMs) {
    return result({ seq: state.head.seq + 1, why: 'the latest time of the log is not that of its entries' });
  }
  if (state.wentBack !== null) return result(state.wentBack);
  if (expected !== null && expected.seq > state.head.seq) {
    return result({
      seq: state.head.seq + 1,
      why: `the log ends here, and entry ${expected.seq} was noted down`,
    });
  }
  const stray = await ledger.audit.strayEvidence();
  if (stray !== null) return result({ seq: stray, why: 'there is evidence for it, and no outcome' });
  const why = (await brokenHold(ledger)) ?? (await brokenPause(ledger));
  return result(why === null ? null : { seq: state.head.seq, why });
}

async function brokenEntry(audit: AuditLog, state: State, stored: StoredEntry): Promise<string | null> {
  if (stored.seq !== state.head.seq + 1) return `entry ${state.head.seq + 1} is missing before it`;
  if (entryHash(state.head.hash, stored.body) !== stored.hash)
    return 'its hash does not fit its text and the entry before it';
  let entry: AuditEntry;
  try {
    entry = JSON.parse(stored.body) as AuditEntry;
  } catch {
    return 'its text is not JSON';
  }
  if (entry.seq !== stored.seq) return `its text says that it is entry ${entry.seq}`;
  if (canonicalJson(entry) !== stored.body) return 'its text is not in canonical form';
  if (entry.run !== stored.run || entry.event.kind !== stored.kind)
    return 'its run or kind is not the one in its text';
  state.entries += 1;
  state.head = { seq: stored.seq, hash: stored.hash };
  noteTime(state, entry);
  return brokenEvent(audit, state, entry);
}

/** Times go on; a person's word that the clock is right speaks of what stands before it too. */
function noteTime(state: State, { seq, at, event }: AuditEntry): void {
  const atMs = Date.parse(at);
  if (event.kind === 'clock-confirmed') {
    state.wentBack = null;
    state.latestMs = atMs;
    return;
  }
  const { latestMs } = state;
  if (latestMs !== null && latestMs - atMs > CLOCK_TOLERANCE_MS)
    state.wentBack ??= {
      seq,
      why: `its time is ${at}, and an entry before it is of ${isoInstant(latestMs)}`,
    };
  state.latestMs = Math.max(latestMs ?? atMs, atMs);
}

async function brokenEvent(
  audit: AuditLog,
  state: State,
  { event, run, seq }: AuditEntry,
): Promise<string | null> {
  switch (event.kind) {
    case 'intended': {
      const id = batchId(event);
      if (state.open.has(id)) return 'this batch was intended before, and has no outcome yet';
      state.open.set(id, event);
      return null;
    }
    case 'done': {
      const intent = state.open.get(batchId(event));
      if (intent === undefined) return 'it is the outcome of a batch that was never intended';
      state.open.delete(batchId(event));
      state.runs.set(run ?? '', addOutcomes(state.runs.get(run ?? '') ?? NO_OUTCOMES, event.counts));
      state.records += event.counts.purged + event.counts.flagged + event.counts.anonymised;
      return brokenEvidence(event, intent, await audit.evidence(seq));
    }
    case 'run-ended': {
      const summed = state.runs.get(run ?? '') ?? NO_OUTCOMES;
      return canonicalJson(summed) === canonicalJson(event.counts)
        ? null
        : 'its counts are not the sum of its batches';
    }
    default:
      return null;
  }
}

function brokenEvidence(
  done: Extract<AuditEvent, { kind: 'done' }>,
  intent: Intent,
  evidence: StoredEvidence | null,
): string | null {
  if (evidence === null) return 'its evidence is missing';
  if (evidence.store !== done.store || evidence.dataset !== done.dataset)
    return 'its evidence is filed under another dataset';
  if (evidenceDigest(evidence) !== done.evidenceDigest)
    return 'its evidence is not the one that was digested';
  let packed: ReturnType<typeof readPacked>;
  try {
    packed = readPacked(evidence.packedKeys);
  } catch (error) {
    return `its evidence cannot be unpacked: ${reasonOf(error)}`;
  }
  if (packed.digest !== intent.keysDigest) return 'its evidence speaks of other keys than were intended';
  const runs = readOutcomes(evidence.outcomes);
  if (runs.reduce((sum, run) => sum + run.keys, 0) !== packed.keys || packed.keys !== intent.count)
    return 'its evidence does not speak of every key that was intended';
  if (canonicalJson(countOutcomes(runs)) !== canonicalJson(done.counts))
    return 'its counts are not those of its evidence';
  return null;
}

function batchId(event: { readonly plan: string; readonly batch: number }): string {
  return `${event.plan} ${event.batch}`;
}
