// Plans and their batches, as saved. Batches are written while a plan is being made, so that memory does not grow with
// what is due; the plan itself is written last, and a plan without it was never made.
import type { Knex } from 'knex';
import { RetentionError } from '../errors.ts';
import type { Batch, Plan, PlanState } from '../plan/plan.ts';
import type { Stretch } from '../stores/listed.ts';
import { packKeys, unpackKeys } from './evidence.ts';
import { type PartHistory, partHistories } from './part-histories.ts';

/** settling: a later run is finding out what became of it, and the run that intended it may no longer act on it. */
type BatchState = 'planned' | 'intended' | 'settling' | 'done';

export interface SavedPlan {
  readonly plan: Plan;
  readonly state: PlanState;
}

/** What is known of a saved batch without reading its keys. */
export interface BatchHeader {
  readonly plan: string;
  readonly seq: number;
  readonly part: number;
  readonly records: number;
  readonly run: string | null;
}

/** A saved batch but for its keys. */
export interface BatchOutline extends BatchHeader {
  readonly keysDigest: string;
  readonly stretch: Stretch | null;
}

/** A batch with its keys also as they are stored, to be handed on as evidence without packing them again. */
export interface SavedBatch extends Batch {
  readonly packedKeys: Uint8Array;
}

export interface Plans {
  /** Saves batches of a plan that is being made, together. */
  readonly saveBatches: (batches: readonly Omit<SavedBatch, 'keys'>[]) => Promise<void>;
  /** Drops those of a plan that is still being made, from one of them on. */
  readonly dropBatches: (plan: string, from: number) => Promise<void>;
  /** Saves a plan whose batches are saved, and forgets the keys that expired plans listed. */
  readonly save: (plan: Plan, nowMs: number) => Promise<void>;
  readonly find: (id: string) => Promise<SavedPlan | null>;
  readonly setState: (id: string, state: PlanState) => Promise<void>;
  /** Batches of a plan that no run has begun, in order. */
  readonly openBatches: (plan: string) => Promise<readonly BatchHeader[]>;
  /** Batches with an intent and no outcome, of any plan: what a run that was cut off left behind. */
  readonly unsettled: () => Promise<readonly BatchHeader[]>;
  /** Takes an unsettled batch from the run that intended it. */
  readonly claim: (header: BatchHeader) => Promise<void>;
  /** Whether a batch is still this run's to act on. */
  readonly isIntended: (
    place: { readonly plan: string; readonly seq: number },
    run: string,
  ) => Promise<boolean>;
  /** What the plans that were ever made found, by class in a dataset. */
  readonly histories: () => Promise<readonly PartHistory[]>;
  /** What each batch of a plan lists, in order: its part, and the digest of its keys. */
  readonly batchDigests: (plan: string) => Promise<readonly string[]>;
  readonly load: (header: BatchHeader) => Promise<SavedBatch>;
  /** The same of several batches of a plan, from one to another in its order, without their keys. */
  readonly outline: (
    plan: string,
    batches: readonly [first: number, last: number],
  ) => Promise<readonly BatchOutline[]>;
  /** The keys of a batch as they are stored. */
  readonly packedKeys: (header: Pick<BatchHeader, 'plan' | 'seq'>) => Promise<Uint8Array>;
}

export function plans(database: Knex): Plans {
  return {
    saveBatches: async batches => {
      await database.transaction(async transaction => {
        for (const batch of batches)
          await transaction('plan_batches').insert({
            plan: batch.plan,
            seq: batch.seq,
            part: batch.part,
            records: batch.records,
            keys_digest: batch.keysDigest,
            state: 'planned',
            stretch: batch.stretch === null ? null : JSON.stringify(batch.stretch),
            batch_keys: batch.packedKeys,
          });
      });
    },
    dropBatches: async (plan, from) => {
      await database('plan_batches').where({ plan, state: 'planned' }).where('seq', '>=', from).delete();
    },
    save: async (plan, nowMs) => {
      await database.transaction(async transaction => {
        await transaction('plans').insert({
          id: plan.id,
          job: plan.job,
          state: 'open',
          expires_at: plan.expiresAtMs,
          body: JSON.stringify(plan),
        });
        const stale = transaction('plans').select('id').where('expires_at', '<', nowMs);
        await transaction('plan_batches')
          .whereIn('plan', stale)
          .where({ state: 'planned' })
          .update({ batch_keys: null });
      });
    },
    find: async id => saved(await database('plans').where({ id }).first()),
    setState: async (id, state) => {
      await database('plans').where({ id }).update({ state });
    },
    openBatches: async plan =>
      headers(
        await database('plan_batches')
          .where({ plan })
          .where({ state: 'planned' })
          .orderBy('seq')
          .select(headerColumns),
      ),
    unsettled: async () =>
      headers(
        await database('plan_batches')
          .whereIn('state', ['intended', 'settling'])
          .orderBy(['plan', 'seq'])
          .select(headerColumns),
      ),
    claim: async ({ plan, seq }) => {
      await database('plan_batches').where({ plan, seq, state: 'intended' }).update({ state: 'settling' });
    },
    isIntended: async ({ plan, seq }, run) =>
      (await database('plan_batches').where({ plan, seq, run, state: 'intended' }).first('seq')) !==
      undefined,
    histories: () => partHistories(database),
    batchDigests: async plan =>
      (await database('plan_batches').where({ plan }).orderBy('seq').select('part', 'keys_digest')).map(row =>
        batchDigest(Number(row.part), String(row.keys_digest)),
      ),
    load: async header => {
      const row = await database('plan_batches').where({ plan: header.plan, seq: header.seq }).first();
      const packedKeys = new Uint8Array(row?.batch_keys ?? packKeys(''));
      return {
        plan: header.plan,
        seq: header.seq,
        part: header.part,
        records: header.records,
        keys: unpackKeys(packedKeys),
        packedKeys,
        keysDigest: String(row?.keys_digest ?? ''),
        stretch: stretchOf(row),
      };
    },
    outline: async (plan, batches) => {
      const rows = await database('plan_batches')
        .where({ plan, state: 'planned' })
        .whereBetween('seq', batches)
        .orderBy('seq')
        .select([...headerColumns, 'keys_digest', 'stretch']);
      return headers(rows).map((header, index) => ({
        ...header,
        keysDigest: String(rows[index]?.keys_digest),
        stretch: stretchOf(rows[index]),
      }));
    },
    packedKeys: async ({ plan, seq }) => {
      const row = await database('plan_batches').where({ plan, seq }).first('batch_keys');
      return new Uint8Array(row?.batch_keys ?? packKeys(''));
    },
  };
}

function stretchOf(row: { readonly stretch?: unknown } | undefined): Stretch | null {
  return row?.stretch == null ? null : (JSON.parse(String(row.stretch)) as Stretch);
}

/** A batch as a plan's digest takes it in: keys of one part are nothing without the part. */
export function batchDigest(part: number, keysDigest: string): string {
  return `${part} ${keysDigest}`;
}

const headerColumns = ['plan', 'seq', 'part', 'records', 'run'];

/**
 * Marks a batch within the transaction that writes its audit entry: one batch has one outcome. Where the batch is not
 * in the state `from`, another run has taken it, and the error undoes the entry.
 */
export async function markBatch(
  transaction: Knex.Transaction,
  { plan, seq }: { readonly plan: string; readonly seq: number },
  from: Exclude<BatchState, 'done'>,
  to: 'intended' | 'done',
  run: string,
): Promise<void> {
  const change = to === 'done' ? { state: to, run, batch_keys: null } : { state: to, run };
  const marked = await transaction('plan_batches').where({ plan, seq, state: from }).update(change);
  if (marked !== 1) throw takenOver(plan, seq);
}

export function takenOver(plan: string, seq: number): RetentionError {
  return new RetentionError(
    'lease-lost',
    `batch ${seq} of ${plan} was taken over by another run`,
    'This run was stalled for longer than its lease. Run again: what it left is in the next plan',
  );
}

function headers(rows: BatchHeader[]): BatchHeader[] {
  return rows.map(row => ({
    plan: row.plan,
    seq: Number(row.seq),
    part: Number(row.part),
    records: Number(row.records),
    run: row.run,
  }));
}

function saved(row: { body: string; state: PlanState } | undefined): SavedPlan | null {
  return row === undefined ? null : { plan: JSON.parse(row.body) as Plan, state: row.state };
}
