// Saves a plan whose batches are saved, and says in the audit log what it was made of.
import { isoInstant } from '../clock.ts';
import { digestOf, sha256 } from '../digest.ts';
import { jobDigest } from './job-digest.ts';
import type { PlanInput } from './make-plan.ts';
import type { Places } from './place.ts';
import type { OrderCount, Plan, PlanPart } from './plan.ts';

/** `digests`: what each batch lists, in order. */
export async function savePlan(
  input: PlanInput,
  readFrom: Places,
  parts: readonly PlanPart[],
  digests: readonly string[],
  orders: readonly OrderCount[],
): Promise<Plan> {
  const { job, moment } = input;
  const plan: Plan = {
    id: input.id,
    job: job.name,
    mode: job.mode,
    source: input.source,
    madeAtMs: input.madeAtMs,
    asOfMs: moment.nowMs,
    nextRunMs: moment.nextRunMs,
    expiresAtMs: input.madeAtMs + job.planValidMs,
    policiesDigest: input.policySet.digest,
    jobDigest: jobDigest(job, input.stores),
    keysDigest: sha256(digests.join('\n')),
    batches: digests.length,
    parts,
    ...(orders.length === 0 ? {} : { orders }),
    ...(Object.keys(readFrom).length === 0 ? {} : { readFrom }),
  };
  const sum = (count: 'due' | 'held' | 'undated'): number =>
    parts.reduce((total, part) => total + part.counts[count], 0);
  await input.ledger.plans.save(plan, input.madeAtMs);
  await input.ledger.audit.append(
    {
      kind: 'plan-made',
      plan: plan.id,
      job: plan.job,
      asOf: isoInstant(plan.asOfMs),
      policiesDigest: plan.policiesDigest,
      jobDigest: plan.jobDigest,
      keysDigest: plan.keysDigest,
      due: sum('due'),
      held: sum('held'),
      undated: sum('undated'),
      planDigest: digestOf(plan),
    },
    null,
  );
  return plan;
}
