// One way to turn a value into a digest: RFC 8785 canonical JSON, SHA-256, hex.
import { createHmac, hash } from 'node:crypto';
import canonicalize from 'canonicalize';

export function sha256(text: string | Uint8Array): string {
  // In one call: 2.8 million short texts a second, against 0.7 to 1.1 million with an object for each.
  return hash('sha256', text, 'hex');
}

/** The canonical JSON text of a value; the same value has one text, whatever the order of its keys. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error('a value without a JSON form');
  return text;
}

export function digestOf(value: unknown): string {
  return sha256(canonicalJson(value));
}

/** A key that identifies a person, as it may stand in an audit log: HMAC-SHA-256 under the installation's key. */
export function keyedHash(hashKey: string, text: string): string {
  return createHmac('sha256', hashKey).update(text).digest('hex');
}
