// What a server's load means under a job's thresholds: go on, pause, or stop. Pure. Its words name what was measured and
// where the threshold is; they never hold what the operator's query gave, which may be anything.
import type { PaceRules, Thresholds } from '../plan/job.ts';
import type { Load } from '../stores/load.ts';

/** Why a run pauses, by kind: labels of the metrics. */
export type PauseKind = 'told' | 'threads-running' | 'replica-lag' | 'query' | 'unanswered';

export type Verdict =
  | { readonly is: 'fine' }
  | { readonly is: 'pause' | 'stop'; readonly why: PauseKind; readonly reason: string };

/** The queries that the thresholds ask for, each once. */
export function queriesOf({ pauseAbove, stopAbove }: PaceRules): readonly (string | null)[] {
  const asked = [pauseAbove.query, stopAbove.query].flatMap(query => (query === null ? [] : query.sql));
  return asked.length === 0 ? [null] : [...new Set(asked)];
}

/** `loadOf`: the load as it was with the result of a query. A lag that has no number pauses and never stops: nobody measured it. */
export function judgeLoad(rules: PaceRules, loadOf: (query: string | null) => Load): Verdict {
  const stop = firstAbove(rules.stopAbove, loadOf, Number.isFinite);
  if (stop !== null) return { is: 'stop', ...stop };
  const pause = firstAbove(rules.pauseAbove, loadOf, () => true);
  return pause === null ? { is: 'fine' } : { is: 'pause', ...pause };
}

function firstAbove(
  thresholds: Thresholds,
  loadOf: (query: string | null) => Load,
  countsLag: (seconds: number) => boolean,
): { readonly why: PauseKind; readonly reason: string } | null {
  const { threadsRunning, replicaLagSeconds, query } = thresholds;
  const { threadsRunning: threads, replicaLagSeconds: lag, replica } = loadOf(query?.sql ?? null);
  if (threads !== null && threadsRunning !== null && threads > threadsRunning)
    return { why: 'threads-running', reason: `Threads_running is ${threads}, above ${threadsRunning}` };
  if (lag !== null && replicaLagSeconds !== null && lag > replicaLagSeconds && countsLag(lag)) {
    const reason = Number.isFinite(lag)
      ? `${replica} lags ${Math.round(lag)} s, above ${replicaLagSeconds}`
      : `${replica}`;
    return { why: 'replica-lag', reason };
  }
  const given = query === null ? null : loadOf(query.sql).query;
  if (given !== null && query !== null && given > query.above)
    return { why: 'query', reason: `the job's query gives more than ${query.above}` };
  return null;
}
