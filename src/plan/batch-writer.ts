// Saves the batches of a plan while it is being made, some at a time: a plan that is not finished was never made, so none
// of them has to be durable by itself, and a write for each would take longer than finding what is in it.
import { keysDigest, packKeysAside } from '../ledger/evidence.ts';
import { batchDigest, type Plans, type SavedBatch } from '../ledger/plans.ts';
import { auditedKeys, countKeys } from '../policy/key-text.ts';
import type { Stretch } from '../stores/listed.ts';

/** Batches saved together: with 5,000 keys each some hundreds of kB are held back. */
const SAVED_TOGETHER = 16;

export interface BatchWriter {
  /** `keys` as `joinKeys` gives them; `hashKey` where they identify people. Gives the batch's number. */
  readonly add: (
    part: number,
    keys: string,
    stretch: Stretch | null,
    hashKey: string | null,
  ) => Promise<number>;
  /** Takes back every batch from this one on: what was being read could not be read to its end. */
  readonly takeBack: (from: number) => Promise<void>;
  /** How many there are. */
  readonly count: () => number;
  /** Saves what is left, and gives what each batch lists, in order. */
  readonly close: () => Promise<readonly string[]>;
}

export function batchWriter(plan: string, plans: Plans): BatchWriter {
  const digests: string[] = [];
  let waiting: Promise<Omit<SavedBatch, 'keys'>>[] = [];
  const flush = async (): Promise<void> => {
    if (waiting.length > 0) await plans.saveBatches(await Promise.all(waiting));
    waiting = [];
  };
  return {
    add: async (part, keys, stretch, hashKey) => {
      const digest = keysDigest(auditedKeys(keys, hashKey));
      const [records, seq] = [countKeys(keys), digests.length];
      const packed = packKeysAside(keys).then(packedKeys => ({
        ...{ plan, seq, part, records, keysDigest: digest, stretch },
        packedKeys,
      }));
      packed.catch(() => undefined);
      waiting.push(packed);
      digests.push(batchDigest(part, digest));
      if (waiting.length === SAVED_TOGETHER) await flush();
      return seq;
    },
    takeBack: async from => {
      await flush();
      digests.length = from;
      await plans.dropBatches(plan, from);
    },
    count: () => digests.length,
    close: async () => {
      await flush();
      return digests;
    },
  };
}
