// How many keys the next write should hold so that it takes about as long as it should: learnt from how fast the store
// has been of late. Pure: the same writes give the same sizes.

export interface SizeRules {
  /** Time that one write should take, in ms. */
  readonly writeMs: number;
  /** Most keys that a write may hold. */
  readonly maxKeys: number;
}

export interface WriteSize {
  /** Keys that the next write should hold, from 1 to `maxKeys`. */
  readonly keys: number;
  /** Keys written and ms taken, each write counting for less with every one after it. */
  readonly seenKeys: number;
  readonly seenMs: number;
}

/** Below this a write is hardly shorter, since most of it is the flush: 0.8 ms for 50 rows, 1.2 ms for 100. */
export const MIN_WRITE_KEYS = 50;

/** What a write counts for after the next one; the weight that pt-online-schema-change gives to `--chunk-time`. */
const MEMORY = 0.75;

/** What any store manages in a ms, to begin with: a fourteenth of what was measured. */
const FIRST_KEYS_A_MS = 10;

/** A store that nothing is known of yet gets a write that is small for the time it may take. */
export function firstSize({ writeMs, maxKeys }: SizeRules): WriteSize {
  const keys = Math.max(MIN_WRITE_KEYS, Math.floor(writeMs * FIRST_KEYS_A_MS));
  return { keys: Math.min(keys, maxKeys), seenKeys: 0, seenMs: 0 };
}

/**
 * The size after a write. It at most doubles, so that one lucky write is not followed by a huge one, and falls as far as
 * it has to. Keys and time are weighed apart, so that a short last write of a few keys tells little.
 */
export function nextSize(
  size: WriteSize,
  rules: SizeRules,
  write: { readonly keys: number; readonly tookMs: number },
): WriteSize {
  if (write.keys <= 0 || !(write.tookMs >= 0)) return size;
  const seenKeys = size.seenKeys * MEMORY + write.keys;
  const seenMs = size.seenMs * MEMORY + write.tookMs;
  const wanted = seenMs === 0 ? Number.POSITIVE_INFINITY : Math.floor((seenKeys / seenMs) * rules.writeMs);
  const least = Math.min(MIN_WRITE_KEYS, rules.maxKeys);
  const keys = Math.max(least, Math.min(wanted, size.keys * 2, rules.maxKeys));
  return { keys, seenKeys, seenMs };
}
