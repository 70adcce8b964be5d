// What a plan was made of beside the policies, as one digest: a plan is enforced under what it was made under, or not at all.
import { digestOf } from '../digest.ts';
import type { StoreMap } from '../stores/store.ts';
import type { Job } from './job.ts';

/** What a plan was made of beside the policies: the job, and the data maps of its stores. */
export function jobDigest(job: Job, stores: readonly StoreMap[]): string {
  // How gently it writes may change between a run that was cut off and its going on: nothing else goes for it. Nor does
  // anything for the server that it may be at.
  const { pace: _pace, ...rules } = job;
  return digestOf({
    job: rules,
    stores: stores.map(({ replicas: _replicas, actsOnReplica: _acts, ...map }) => map),
  });
}
