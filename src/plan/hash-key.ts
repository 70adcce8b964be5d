// The secret that keys which identify people are hashed with.
import { RetentionError } from '../errors.ts';
import type { Dataset } from '../stores/store.ts';

/** Null where no key of the dataset is personal. Throws `hash-key-missing` where hashes are needed and there is no key for them. */
export function hashKeyFor(dataset: Dataset, hashKey: string): string | null {
  const masks = dataset.anonymise?.fields.some(field => field.mask.kind === 'keyed-hash') ?? false;
  if ((dataset.keysPersonal || masks) && hashKey === '') {
    throw new RetentionError(
      'hash-key-missing',
      `dataset ${dataset.name} needs keyed hashes, and there is no key for them`,
      'Set RETENTION_HASH_KEY to a long random secret (openssl rand -hex 32) and keep it: hashes made with another cannot be compared',
    );
  }
  return dataset.keysPersonal ? hashKey : null;
}
