// Whether a failure is of one dataset alone: a table that is not as declared, a right on it that is missing, a statement that
// the server refuses for what is in it. Then that dataset is refused with the reason, and the others go on.
import { RetentionError } from '../errors.ts';

const OF_ONE_DATASET: ReadonlySet<RetentionError['code']> = new Set(['store-mismatch', 'statement-refused']);

/** What happened and what to do; throws again what is not of one dataset. */
export function ofOneDataset(error: unknown): { readonly message: string; readonly hint: string } {
  if (error instanceof RetentionError && OF_ONE_DATASET.has(error.code)) return error;
  throw error;
}
