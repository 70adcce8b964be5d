// What a run tells of itself while it goes on, as a contract: whoever watches it is told, and nothing of a record, ever.
import type { OutcomeCounts, RunState } from './ledger/audit-entry.ts';
import type { Plan } from './plan/plan.ts';

export interface Metrics {
  /** What the plan that is enforced found: how long ago the longest overdue record should have gone. */
  readonly planned: (plan: Plan) => void;
  readonly batch: (place: Place, counts: OutcomeCounts) => void;
  readonly wrote: (store: string, keys: number, tookMs: number) => void;
  readonly paused: (store: string, reason: string) => void;
  readonly wentOn: (store: string, reason: string, pausedMs: number) => void;
  /** Writes the file a last time. */
  readonly ended: (state: RunState) => Promise<void>;
}

export interface Place {
  readonly store: string;
  readonly dataset: string;
  readonly class: string;
}

/** Nobody watches. */
export const NO_METRICS: Metrics = {
  planned: () => undefined,
  batch: () => undefined,
  wrote: () => undefined,
  paused: () => undefined,
  wentOn: () => undefined,
  ended: async () => undefined,
};
