// Keys as text, one line a key: what a plan lists, what the audit log digests and what a store can write itself.
import { keyedHash } from '../digest.ts';
import type { Key } from './policy.ts';

/** A key as text: JSON, or `#` and its keyed hash where keys identify people. */
export function keyText(key: Key, hashKey: string | null): string {
  const json = JSON.stringify(key);
  return hashKey === null ? json : `#${keyedHash(hashKey, json)}`;
}

/** The key that a text stands for, or null when it is a hash. */
export function keyOfText(text: string): Key | null {
  return text.startsWith('#') ? null : readKey(text);
}

/** Most keys are one part without anything escaped, and there are millions of them. */
function readKey(text: string): Key {
  const plain = text.startsWith('["') && text.endsWith('"]') && !/["\\]/.test(text.slice(2, -2));
  return plain ? [text.slice(2, -2)] : (JSON.parse(text) as Key);
}

/** Key texts as one text, a line each: what is digested and packed. JSON escapes line feeds, so none is in a key. */
export function joinKeys(keyTexts: readonly string[]): string {
  return keyTexts.join('\n');
}

export function splitKeys(joined: string): string[] {
  return joined === '' ? [] : joined.split('\n');
}

/** How many keys a list holds, without taking it apart. */
export function countKeys(joined: string): number {
  let [keys, at] = [joined === '' ? 0 : 1, joined.indexOf('\n')];
  for (; at !== -1; at = joined.indexOf('\n', at + 1)) keys += 1;
  return keys;
}

/** The keys of a list that is not hashed. */
export function keysOf(joined: string): Key[] {
  return splitKeys(joined).map(readKey);
}

/** A list of keys as the audit log has it: as it is, or each key hashed where keys identify people. */
export function auditedKeys(joined: string, hashKey: string | null): string {
  if (hashKey === null) return joined;
  return joinKeys(splitKeys(joined).map(text => `#${keyedHash(hashKey, text)}`));
}
