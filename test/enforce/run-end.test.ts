// A run whose planned records were mostly not there is not done: somebody has to look where it was planned.
import { expect, test } from 'vitest';
import { endOf } from '../../src/enforce/run-end.ts';
import { NO_OUTCOMES } from '../../src/ledger/audit-entry.ts';
import type { RunSum } from '../../src/ledger/sum-run.ts';
import type { Plan } from '../../src/plan/plan.ts';

const PLAN = { parts: [] } as unknown as Plan;

function sum(purged: number, reasons: Readonly<Record<string, number>>): RunSum {
  const spared = Object.values(reasons).reduce((all, one) => all + one, 0);
  const counts = { ...NO_OUTCOMES, purged, spared };
  const part = { store: 'telecom', dataset: 'calls', class: 'call', disposition: 'purge', counts, reasons };
  return {
    counts,
    reasons,
    parts: [{ ...part, batches: 1, settled: 0, children: {}, missing: 0 }],
  };
}

test.each([
  ['all there', 100, {}, 'done'],
  ['half of them gone', 50, { gone: 50 }, 'done'],
  ['more than half gone', 49, { gone: 51 }, 'partial'],
  ['more than half changed', 40, { 'changed: policy x': 30, 'gone: with its table': 30 }, 'partial'],
  ['more than half held', 10, { 'held: case-1': 90 }, 'done'],
  ['too few to say', 2, { gone: 27 }, 'done'],
] as const)('%s', (_, purged, reasons, state) => {
  const end = endOf(PLAN, sum(purged, reasons));
  expect(end.state).toBe(state);
  expect(end.reason === null).toBe(state === 'done');
  if (end.reason !== null)
    expect(end.reason).toMatch(/^\d+ of 100 planned records of telecom\/calls were gone/);
});
