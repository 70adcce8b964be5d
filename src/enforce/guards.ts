// What must be true before a plan is enforced. Each refusal says why, and leaves everything untouched.
import { isoInstant } from '../clock.ts';
import { digestOf, sha256 } from '../digest.ts';
import { RetentionError } from '../errors.ts';
import type { AuditEntry } from '../ledger/audit-entry.ts';
import { keysDigest, readPacked } from '../ledger/evidence.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { SavedPlan } from '../ledger/plans.ts';
import { brokenHold } from '../ledger/verify-holds.ts';
import { datasetNamed } from '../plan/expand-maps.ts';
import { limitedParts } from '../plan/family-limits.ts';
import type { Job } from '../plan/job.ts';
import { exceededLimit } from '../plan/limits.ts';
import type { Plan, PlanPart } from '../plan/plan.ts';
import { formatWindow, mayWriteAt } from '../plan/window.ts';
import { auditedKeys } from '../policy/key-text.ts';
import type { StoreMap, StoreReader } from '../stores/store.ts';

/** The plan's own state: it is enforceable, still current, and what was saved is what was made. */
export async function guardPlan(
  saved: SavedPlan,
  current: { policies: string; job: string },
  nowMs: number,
  ledger: Ledger,
): Promise<void> {
  const { plan, state } = saved;
  const refuse = (message: string, hint: string): never => {
    throw new RetentionError('plan-not-enforceable', `plan ${plan.id} ${message}`, hint);
  };
  const again = `Make a new plan: retention plan ${plan.job}`;
  if (plan.mode === 'report')
    refuse(`is of job ${plan.job}, which only reports`, 'Plan with a job whose mode is enforce');
  if (state === 'enforced') refuse('was enforced already', `A plan is enforced once. ${again}`);
  if (nowMs > plan.expiresAtMs) refuse(`expired at ${isoInstant(plan.expiresAtMs)}`, again);
  if (plan.asOfMs > nowMs)
    refuse(
      `is for ${isoInstant(plan.asOfMs)}, which is still to come`,
      'Plans for a later day are for looking at only',
    );
  if (plan.policiesDigest !== current.policies) refuse("was made under other policies than today's", again);
  if (plan.jobDigest !== current.job) refuse("was made under another job or data map than today's", again);
  await guardUnchanged(plan, ledger, refuse);
}

/** The audit log says what the plan was when it was made; a plan edited since in the ledger is not that plan. */
async function guardUnchanged(
  plan: Plan,
  ledger: Ledger,
  refuse: (message: string, hint: string) => never,
): Promise<void> {
  const hint = 'The ledger was changed by something else than this program. Run: retention audit verify';
  const digest = digestOf(plan);
  for await (const entry of ledger.audit.entries({ kind: 'plan-made' })) {
    const { event } = JSON.parse(entry.body) as AuditEntry;
    if (event.kind !== 'plan-made' || event.plan !== plan.id) continue;
    if (event.planDigest !== digest) refuse('is not as it was when it was made', hint);
    const digests = await ledger.plans.batchDigests(plan.id);
    if (sha256(digests.join('\n')) !== plan.keysDigest)
      refuse('lists other keys than when it was made', hint);
    return;
  }
  refuse('has no entry in the audit log', hint);
}

/** The keys that each batch lists are the ones that were digested when the plan was made. */
export async function guardKeys(
  plan: Plan,
  ledger: Ledger,
  hashKeyOf: (part: PlanPart | undefined) => string | null,
): Promise<void> {
  for (const batch of await ledger.plans.outline(plan.id, [0, plan.batches])) {
    const hashKey = hashKeyOf(plan.parts[batch.part]);
    const digest =
      hashKey === null
        ? readPacked(await ledger.plans.packedKeys(batch)).digest
        : keysDigest(auditedKeys((await ledger.plans.load(batch)).keys, hashKey));
    if (digest === batch.keysDigest) continue;
    throw new RetentionError(
      'plan-not-enforceable',
      `plan ${plan.id} lists other keys in batch ${batch.seq} than when it was made`,
      'The ledger was changed by something else than this program, or RETENTION_HASH_KEY is not the one of the plan. Run: retention audit verify',
    );
  }
}

/** Every class and dataset within its limits, or nothing is enforced at all. */
export function guardLimits(plan: Plan): void {
  const over = limitedParts(plan).flatMap(part => {
    const limit = exceededLimit(part);
    return limit === null ? [] : [`${part.dataset} (${part.class}): ${limit}`];
  });
  if (over.length === 0) return;
  throw new RetentionError(
    'limit-exceeded',
    `plan ${plan.id} is over the limits of its job. ${over.join('. ')}`,
    'Look at the plan first: is the policy right, is the start read right? If all of it has to go, raise `limits` in the job and give the reason',
  );
}

/** A run begins in its windows or not at all: what it cannot write now, it would only hold the lease for. */
export function guardWindow({ name, pace, zone }: Job, nowMs: number): void {
  if (mayWriteAt(pace.windows, zone, nowMs)) return;
  throw new RetentionError(
    'outside-window',
    `job ${name} may write at ${pace.windows.map(formatWindow).join(' and ')} (${zone}) only`,
    'Run it then; or widen `pace.windows` in the job: a plan that was made stays good for that',
  );
}

/** A hold that somebody took out of the register by hand must not be taken for released. */
export async function guardHolds(ledger: Ledger): Promise<void> {
  const why = await brokenHold(ledger);
  if (why === null) return;
  const hint = 'The ledger was changed by something else than this program. Run: retention audit verify';
  throw new RetentionError('plan-not-enforceable', why, hint);
}

/** Files that are missing in numbers since the last run mean a wrong template or an unmounted folder: what is found may be others'. */
export function guardFiles(plan: Plan): void {
  for (const part of plan.parts) {
    const finding = part.findings.find(one => one.code === 'files-missing');
    if (finding === undefined) continue;
    throw new RetentionError(
      'plan-not-enforceable',
      `${part.dataset} (${part.class}): ${finding.message}`,
      'Mend the template or mount the folder. If the files really went before, say beside the path what becomes of such rows: missing: purge-record, and they go; missing: keep-record, and they stay while the others go',
    );
  }
}

/** The stores are still as they were declared; asked with the rights to delete, which see triggers that others do not. */
export async function guardStores(
  plan: Plan,
  maps: readonly StoreMap[],
  stores: ReadonlyMap<string, StoreReader>,
): Promise<void> {
  for (const part of plan.parts.filter(one => one.counts.due > 0)) {
    const map = maps.find(one => one.name === part.store);
    const own = map === undefined ? null : datasetNamed(map, part.dataset);
    const store = stores.get(part.store);
    // Of a table that was dropped meanwhile nothing is left to be harmed: its records are spared as gone.
    if (map === undefined || own === null || (await store?.datedTables?.isGone(own))) continue;
    // Parts of its rows are looked at when those go.
    const rowParts = map.datasets.filter(one => one.partOf === own.name);
    for (const dataset of [own, ...rowParts]) {
      const dispositions = dataset === own && part.disposition !== null ? [part.disposition] : [];
      const [mismatch] = [
        ...((await store?.check(dataset, dispositions)) ?? []),
        ...((await store?.server?.missingRights(dataset, dispositions)) ?? []),
      ];
      if (mismatch === undefined) continue;
      throw new RetentionError(
        'plan-not-enforceable',
        `dataset ${dataset.name}: ${mismatch.message}`,
        mismatch.hint,
      );
    }
  }
}
