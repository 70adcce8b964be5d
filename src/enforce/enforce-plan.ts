// Enforces a plan: one run. Guards first, then what a crash left behind, then batch after batch, each audited before and
// after. What is disposed of is never more than what is planned, and only what is still due.
import type { Clock } from '../clock.ts';
import { reasonOf } from '../errors.ts';
import type { RunState } from '../ledger/audit-entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { BatchHeader, SavedPlan } from '../ledger/plans.ts';
import { type Run, writeRun } from '../ledger/runs.ts';
import { sumRun } from '../ledger/sum-run.ts';
import { classesOf, mapDatasets } from '../plan/data-map.ts';
import type { Job } from '../plan/job.ts';
import type { Places } from '../plan/place.ts';
import type { PolicySet } from '../policy/policy.ts';
import type { Dataset, Store, StoreMap, StoreReader } from '../stores/store.ts';
import type { Disposing, PartTarget } from './batch-log.ts';
import { dropPartitions } from './drop-partitions.ts';
import type { EnforceEvent } from './enforce-event.ts';
import { guardClock } from './guard-time.ts';
import { guardFiles, guardHolds, guardKeys, guardLimits, guardPlan, guardStores } from './guards.ts';
import { type LedgerWatch, steadyClock } from './ledger-watch.ts';
import { datasetOf, settleCrashes, tellCameBack } from './look-first.ts';
import { openPaces } from './open-paces.ts';
import type { PaceEvent } from './pace.ts';
import { type BatchesInput, runBatches } from './run-batches.ts';
import { endOf } from './run-end.ts';
import { type RunLock, takeRunLock } from './run-lock.ts';
import { guardSamePlace } from './same-place.ts';
import { isForTheLog, isLedgerLost, isStop } from './why-ended.ts';

export interface EnforceInput {
  readonly saved: SavedPlan;
  /** Digests of today's policies and of today's job with its data maps. */
  readonly current: { readonly policies: string; readonly job: string };
  /** The job as it is now: its pace may have changed since the plan was made. */
  readonly job: Job;
  /** As `Disposing` has it. */
  readonly policySetNow: () => PolicySet;
  readonly maps: readonly StoreMap[];
  readonly stores: ReadonlyMap<string, Store>;
  /** The way in that stores are planned through, where it is another one. */
  readonly readers?: ReadonlyMap<string, StoreReader>;
  readonly ledger: Ledger;
  /** Over the ledger and the clock. */
  readonly watch: LedgerWatch;
  readonly clock: Clock;
  readonly hashKey: string;
  readonly runId: string;
  /** Host and process, for the lease and the audit log. */
  readonly holder: string;
  readonly version: string;
  /** Aborted when the process is asked to stop: the batch in hand is finished, the rest waits. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: EnforceEvent | PaceEvent) => void;
}

export interface RunResult {
  readonly run: string;
  readonly state: RunState;
}

export async function enforcePlan(input: EnforceInput): Promise<RunResult> {
  const { ledger, clock, saved } = input;
  const lock = await takeRunLock(ledger, clock, input.holder, holder => {
    input.onEvent({ kind: 'waiting', holder });
  });
  try {
    const servers = await guardAll(input);
    await tellCameBack(input);
    await settleCrashes(input, servers);
    return await run(input, lock, servers);
  } catch (error) {
    if (isForTheLog(error)) {
      await ledger.audit.append(
        { kind: 'refused', plan: saved.plan.id, code: error.code, reason: error.message },
        null,
      );
    }
    throw error;
  } finally {
    // A ledger that cannot be written any more must not hide why the run ended: the lease lapses by itself.
    await lock.release().catch(() => undefined);
  }
}

async function guardAll(input: EnforceInput): Promise<Places> {
  const { saved, current, stores, ledger, clock, hashKey } = input;
  await input.watch.guard();
  // Read again under the lease: another run may have enforced it while this one waited.
  const now = (await ledger.plans.find(saved.plan.id)) ?? saved;
  await guardPlan(now, current, clock.nowMs(), ledger);
  guardLimits(now.plan);
  guardFiles(now.plan);
  await guardHolds(ledger);
  await guardKeys(now.plan, ledger, part =>
    part !== undefined && datasetOf(input.maps, part.store, part.dataset)?.keysPersonal ? hashKey : null,
  );
  const servers = await guardSamePlace({
    plan: now.plan,
    maps: input.maps,
    stores,
    readers: input.readers ?? new Map(),
    datasetOf: (store, name) => datasetOf(input.maps, store, name),
    tagsOf,
    ledger,
    onUnproved: (store, why) => {
      input.onEvent({ kind: 'unproved', store, why });
    },
  });
  await guardStores(now.plan, input.maps, stores);
  await guardClock(clock.nowMs, stores.values(), ledger);
  return servers;
}

function tagsOf(dataset: Dataset, name: string): readonly string[] | null {
  return classesOf(dataset).find(one => one.class === name)?.tags ?? null;
}

async function run(input: EnforceInput, lock: RunLock, servers: Places): Promise<RunResult> {
  const {
    saved: { plan },
    clock,
  } = input;
  const started = await startRun(input, servers);
  const end = (state: RunState, reason: string | null): Promise<RunResult> =>
    endRun(input, started, state, reason);
  const work: Disposing = { ...input, plan, run: started.id, clock: steadyClock(clock, input.watch) };
  const paces = openPaces(input);
  try {
    const headers = await input.ledger.plans.openBatches(plan.id);
    const batches: BatchesInput = {
      work,
      headers,
      targetOf: targetsOf(input),
      paces,
      rules: input.job.pace,
      assertHeld: async () => {
        input.watch.steady();
        await lock.assertHeld();
      },
      signal: input.signal,
      onBatch: (target, records, counts) => {
        const { store, dataset, class: name } = target.part;
        input.onEvent({ kind: 'batch', store, dataset, class: name, records, counts });
        input.watch.note();
      },
    };
    const rest = await dropPartitions({
      ...batches,
      onPartition: ({ part: { store, dataset } }, { name, records }, drop) => {
        const why = drop.did === 'kept' ? drop.why : null;
        input.onEvent({ kind: 'partition', store, dataset, partition: name, records: records ?? 0, why });
      },
    });
    const stopped = rest.stopped ?? (await runBatches({ ...batches, headers: rest.headers }));
    if (stopped !== null) return await end('interrupted', stopped);
  } catch (error) {
    // An unwritable ledger may not take this entry either; then the run stays `running` until the next one.
    const ended = end(isStop(error) ? 'interrupted' : 'failed', reasonOf(error));
    await (isLedgerLost(error) ? ended.catch(() => undefined) : ended);
    throw error;
  } finally {
    await Promise.all([...paces.values()].map(pace => pace.close()));
  }
  const { state, reason } = endOf(input.saved.plan, await sumRun(input.ledger.audit, started.id));
  return end(state, reason);
}

/** A run that was cut off goes on as itself; any other plan starts a new one. */
async function startRun(input: EnforceInput, servers: Places): Promise<Run> {
  const { ledger, clock, saved } = input;
  const { plan } = saved;
  const earlier = await ledger.runs.ofPlan(plan.id);
  const started: Run =
    earlier === null
      ? {
          id: input.runId,
          plan: plan.id,
          job: plan.job,
          state: 'running',
          startedAtMs: clock.nowMs(),
          endedAtMs: null,
        }
      : { ...earlier, state: 'running', endedAtMs: null };
  const event = {
    kind: 'run-started',
    plan: plan.id,
    job: plan.job,
    resumed: earlier !== null,
    host: input.holder,
    version: input.version,
    ...(Object.keys(servers).length === 0 ? {} : { servers }),
  } as const;
  await ledger.audit.append(event, started.id, { also: transaction => writeRun(transaction, started) });
  await ledger.plans.setState(plan.id, 'enforcing');
  return started;
}

async function endRun(
  input: EnforceInput,
  started: Run,
  state: RunState,
  reason: string | null,
): Promise<RunResult> {
  const { ledger, clock } = input;
  const { counts } = await sumRun(ledger.audit, started.id);
  const ended: Run = { ...started, state, endedAtMs: clock.nowMs() };
  await ledger.audit.append({ kind: 'run-ended', plan: started.plan, state, counts, reason }, started.id, {
    also: transaction => writeRun(transaction, ended),
  });
  if (state === 'done' || state === 'partial') await ledger.plans.setState(started.plan, 'enforced');
  await input.watch.leave();
  return { run: started.id, state };
}

function targetsOf({ saved, maps, stores }: EnforceInput): (header: BatchHeader) => PartTarget {
  const mapped = mapDatasets(maps);
  return header => {
    const part = saved.plan.parts[header.part];
    const dataset = part === undefined ? null : datasetOf(maps, part.store, part.dataset);
    const store = stores.get(part?.store ?? '');
    if (part === undefined || part.disposition === null || dataset === null || store === undefined) {
      throw new Error(`batch ${header.seq} belongs to no dataset of the job`);
    }
    // Tables that are named by date have neither children nor parts.
    const { children = [], rowParts = [] } = mapped.find(one => one.dataset === dataset) ?? {};
    const tags = tagsOf(dataset, part.class);
    return { part, disposition: part.disposition, dataset, tags, children, rowParts, store };
  };
}
