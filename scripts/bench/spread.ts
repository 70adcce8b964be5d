// The little statistics that the benchmark needs: medians with their spread, percentiles, and ratios within rounds.
import type { Goal, Run, Spread } from './result.ts';

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) throw new Error('a spread of nothing');
  const middle = sorted.length / 2;
  const lower = sorted[Math.ceil(middle) - 1] ?? min;
  const upper = sorted[Math.floor(middle)] ?? max;
  return { median: (lower + upper) / 2, min, max };
}

/** The value that `share` (0 to 1) of all values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const found = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
  if (found === undefined) throw new Error('a percentile of nothing');
  return found;
}

/** A figure of one contestant over the rounds. */
export function figureOf(runs: readonly Run[], contestant: string, pick: (run: Run) => number): Spread {
  return spreadOf(runs.filter(run => run.contestant === contestant).map(pick));
}

/** `ours` divided by `theirs` within each round: what a busy minute does to both falls out. */
export function ratioOf(
  runs: readonly Run[],
  [ours, theirs]: readonly [ours: string, theirs: string],
  pick: (run: Run) => number,
): Spread {
  const rounds = [...new Set(runs.map(run => run.round))];
  const ratios = rounds.flatMap(round => {
    const of = (contestant: string): Run | undefined =>
      runs.find(run => run.round === round && run.contestant === contestant);
    const [a, b] = [of(ours), of(theirs)];
    return a === undefined || b === undefined ? [] : [pick(a) / pick(b)];
  });
  return spreadOf(ratios);
}

/** The most of `pick` divided by the least, within each round: 1 is flat. */
export function flatnessOf(runs: readonly Run[], pick: (run: Run) => number): Spread {
  return spreadOf(byRound(runs, pick).map(values => Math.max(...values) / Math.min(...values)));
}

/** The most of `pick` in each round. */
export function mostOf(runs: readonly Run[], pick: (run: Run) => number): Spread {
  return spreadOf(byRound(runs, pick).map(values => Math.max(...values)));
}

function byRound(runs: readonly Run[], pick: (run: Run) => number): number[][] {
  const rounds = [...new Set(runs.map(run => run.round))];
  return rounds.map(round => runs.filter(run => run.round === round).map(pick));
}

export function goal(label: string, unit: string, value: Spread, wants: '>=' | '<=', target: number): Goal {
  const reached = wants === '>=' ? value.median >= target : value.median <= target;
  return { label, unit, wants, target, value, reached };
}

export function rowsPerSecond(run: Run): number {
  return run.records / (run.wallMs / 1000);
}
