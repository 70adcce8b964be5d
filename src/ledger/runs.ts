// Runs and their states. A run is one enforcement of one plan; resumed after an interruption it is still the same run.
import type { Knex } from 'knex';
import type { RunState } from './audit-entry.ts';

export interface Run {
  readonly id: string;
  readonly plan: string;
  readonly job: string;
  readonly state: RunState;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
}

export interface Runs {
  readonly find: (id: string) => Promise<Run | null>;
  /** The newest first. */
  readonly list: (limit: number) => Promise<readonly Run[]>;
  readonly ofPlan: (plan: string) => Promise<Run | null>;
}

export function runs(database: Knex): Runs {
  return {
    find: async id => toRun(await database('runs').where({ id }).first()),
    list: async limit => {
      const rows = await database('runs').orderBy('started_at', 'desc').limit(limit);
      return rows.flatMap(row => toRun(row) ?? []);
    },
    ofPlan: async plan => toRun(await database('runs').where({ plan }).orderBy('started_at', 'desc').first()),
  };
}

/** Writes a run's state within the transaction of the audit entry that says so. */
export async function writeRun(transaction: Knex.Transaction, run: Run): Promise<void> {
  const row = {
    id: run.id,
    plan: run.plan,
    job: run.job,
    state: run.state,
    started_at: run.startedAtMs,
    ended_at: run.endedAtMs,
  };
  await transaction('runs').insert(row).onConflict('id').merge(['state', 'ended_at']);
}

// biome-ignore lint/suspicious/noExplicitAny: rows come untyped from the driver, and this is where they get a type.
function toRun(row: any): Run | null {
  if (row === undefined) return null;
  return {
    id: String(row.id),
    plan: String(row.plan),
    job: String(row.job),
    state: row.state as RunState,
    startedAtMs: Number(row.started_at),
    endedAtMs: row.ended_at === null ? null : Number(row.ended_at),
  };
}
