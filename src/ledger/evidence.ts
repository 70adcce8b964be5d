// How keys and what became of them are written down: one line a key, digested as text and stored compressed. The
// keys of an outcome are the keys of its intent, in the same order, so anyone can re-derive one digest from the other.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { keyedHash, sha256 } from '../digest.ts';
import type { Key } from '../policy/policy.ts';
import type { Outcome } from '../stores/store.ts';
import { NO_OUTCOMES, type OutcomeCounts } from './audit-entry.ts';

/** A key as text: JSON, or `#` and its keyed hash where keys identify people. */
export function keyText(key: Key, hashKey: string | null): string {
  const json = JSON.stringify(key);
  return hashKey === null ? json : `#${keyedHash(hashKey, json)}`;
}

/** The key that a text stands for, or null when it is a hash. */
export function keyOfText(text: string): Key | null {
  return text.startsWith('#') ? null : (JSON.parse(text) as Key);
}

export function keysDigest(keyTexts: readonly string[]): string {
  return sha256(keyTexts.join('\n'));
}

export function packKeys(keyTexts: readonly string[]): Buffer {
  return deflateRawSync(keyTexts.join('\n'), { level: 1 });
}

export function unpackKeys(packed: Uint8Array): string[] {
  const text = inflateRawSync(packed).toString('utf8');
  return text === '' ? [] : text.split('\n');
}

export interface EvidenceLine {
  readonly keyText: string;
  readonly did: Outcome['did'];
  /** Why it was spared, or what it failed by; empty where there is nothing to say. */
  readonly why: string;
}

/** The evidence of a batch as it is stored: lines of text, packed. Its digest goes into the audit log. */
export function writeEvidence(outcomes: readonly Outcome[], keyTexts: readonly string[]): Buffer {
  const lines = outcomes
    .map((outcome, index) => {
      const why =
        outcome.did === 'spared'
          ? [outcome.why, outcome.by].filter(part => part !== null).join(': ')
          : outcome.did === 'failed'
            ? outcome.by
            : '';
      return `${outcome.did}\t${keyTexts[index] ?? ''}\t${why.replace(/\s+/g, ' ')}`;
    })
    .join('\n');
  return deflateRawSync(lines, { level: 1 });
}

export function readEvidence(text: string): EvidenceLine[] {
  if (text === '') return [];
  return text.split('\n').map(line => {
    const [did = '', key = '', why = ''] = line.split('\t');
    return { did: did as Outcome['did'], keyText: key, why };
  });
}

export function unpackEvidence(packed: Uint8Array): string {
  return inflateRawSync(packed).toString('utf8');
}

export function countOutcomes(lines: readonly { readonly did: Outcome['did'] }[]): OutcomeCounts {
  const counts = { ...NO_OUTCOMES } as { -readonly [K in keyof OutcomeCounts]: number };
  for (const line of lines) counts[line.did] += 1;
  return counts;
}

/** How many keys were spared or failed for each reason, with what stood in the way: `blocked: invoices`. */
export function countReasons(outcomes: readonly Outcome[]): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const outcome of outcomes) {
    const reason = reasonOfOutcome(outcome);
    if (reason !== null) reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  return reasons;
}

function reasonOfOutcome(outcome: Outcome): string | null {
  if (outcome.did === 'failed') return `failed: ${outcome.by}`;
  if (outcome.did !== 'spared') return null;
  return outcome.by === null ? outcome.why : `${outcome.why}: ${outcome.by}`;
}
