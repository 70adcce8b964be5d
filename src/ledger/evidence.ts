// How keys and what became of them are written down: one line a key, digested as text and stored compressed. The
// evidence of a batch is the list of keys that was intended, kept as it is, and beside it what became of them in runs of
// the same outcome: a batch that went whole says so in one line, and its keys are never packed a second time.
import { deflateRaw, deflateRawSync, inflateRawSync } from 'node:zlib';
import { sha256 } from '../digest.ts';
import { splitKeys } from '../policy/key-text.ts';
import type { Outcome } from '../stores/order.ts';
import { NO_OUTCOMES, type OutcomeCounts } from './audit-entry.ts';

/** The digest of a list of keys, SHA-256 of their texts as `joinKeys` gives them, hex. */
export function keysDigest(joined: string): string {
  return sha256(joined);
}

/** Level 1: keys in order compress eight to one at 0.1 us each, and higher levels take longer than deleting the row. */
export function packKeys(joined: string): Buffer {
  return deflateRawSync(joined, { level: 1 });
}

/** The same on a thread of its own, while this one goes on. */
export function packKeysAside(joined: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    deflateRaw(joined, { level: 1 }, (error, packed) => {
      if (error === null) resolve(packed);
      else reject(error);
    });
  });
}

export function unpackKeys(packed: Uint8Array): string {
  return inflateRawSync(packed).toString('utf8');
}

/** The digest of a packed list and how many keys it holds, without a text being made of it. */
export function readPacked(packed: Uint8Array): { readonly digest: string; readonly keys: number } {
  const bytes = inflateRawSync(packed);
  let keys = bytes.length === 0 ? 0 : 1;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) keys += 1;
  return { digest: sha256(bytes), keys };
}

const LINE_FEED = 0x0a;

/** What became of each key of a batch: its keys as they were intended, packed, and the runs of their outcomes. */
export interface Evidence {
  readonly packedKeys: Uint8Array;
  readonly outcomes: string;
}

export interface EvidenceLine {
  readonly keyText: string;
  readonly did: Outcome['did'];
  /** Why it was spared, or what it failed by, or that its file was missing; empty where there is nothing to say. */
  readonly why: string;
}

/** So many keys of a batch, one after the other, that came to the same end. */
export interface OutcomeRun {
  readonly keys: number;
  readonly did: Outcome['did'];
  readonly why: string;
}

/** What became of the keys of a batch, in their order. */
export function runsOf(outcomes: readonly Outcome[]): OutcomeRun[] {
  const runs: { keys: number; did: Outcome['did']; why: string }[] = [];
  for (const outcome of outcomes) {
    const [last, why] = [runs.at(-1), whyOf(outcome).replace(/\s+/g, ' ')];
    if (last?.did === outcome.did && last.why === why) last.keys += 1;
    else runs.push({ keys: 1, did: outcome.did, why });
  }
  return runs;
}

/** A line for each run. */
export function writeOutcomes(runs: readonly OutcomeRun[]): string {
  return runs.map(({ keys, did, why }) => `${keys}\t${did}\t${why}`).join('\n');
}

export function readOutcomes(text: string): OutcomeRun[] {
  if (text === '') return [];
  return text.split('\n').map(line => {
    const [keys = '', did = '', why = ''] = line.split('\t');
    return { keys: Number(keys), did: did as Outcome['did'], why };
  });
}

function whyOf(outcome: Outcome): string {
  if (outcome.did === 'failed') return outcome.by;
  if (outcome.did !== 'spared') return outcome.why ?? '';
  return outcome.by === null ? outcome.why : `${outcome.why}: ${outcome.by}`;
}

/** The evidence of a batch, key by key. */
export function readEvidence(stored: Evidence): EvidenceLine[] {
  const texts = splitKeys(unpackKeys(stored.packedKeys));
  const lines: EvidenceLine[] = [];
  for (const { keys, did, why } of readOutcomes(stored.outcomes)) {
    for (const text of texts.slice(lines.length, lines.length + keys))
      lines.push({ keyText: text, did, why });
  }
  return lines;
}

/** Covers every byte of the evidence: that the keys are the intended ones, the digest of their texts says besides. */
export function evidenceDigest(stored: Evidence): string {
  return sha256(`${stored.outcomes}\n${sha256(stored.packedKeys)}`);
}

export function countOutcomes(runs: readonly OutcomeRun[]): OutcomeCounts {
  const counts = { ...NO_OUTCOMES } as { -readonly [K in keyof OutcomeCounts]: number };
  for (const { did, keys } of runs) counts[did] += keys;
  return counts;
}

/** How many keys stand for a record of which a file was missing that nobody saw go. */
export function countMissing(runs: readonly OutcomeRun[]): number {
  return runs.reduce((sum, { why, did, keys }) => {
    const isMissing = did !== 'failed' && why.split(':')[0] === 'missing';
    return isMissing ? sum + keys : sum;
  }, 0);
}

/** How many keys were spared or failed for each reason, with what stood in the way: `blocked: invoices`. */
export function countReasons(runs: readonly OutcomeRun[]): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const { did, why, keys } of runs) {
    if (did !== 'spared' && did !== 'failed') continue;
    const reason = did === 'failed' ? `failed: ${why}` : why;
    reasons[reason] = (reasons[reason] ?? 0) + keys;
  }
  return reasons;
}
