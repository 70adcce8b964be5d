// Does work grow with what is due, or with what is stored? Ours alone, on tables of a fifth, one and four times the
// main size: memory with a third of each due, time with the same number due in each.
import { dayByDue } from './layout.ts';
import { ours } from './ours.ts';
import { upTo } from './period.ts';
import type { Figure, Run } from './result.ts';
import { figureOf, flatnessOf, goal, mostOf, spreadOf } from './spread.ts';
import { arenaOf, type Entry, inTurn, measure, type Setup, type Suite } from './suite.ts';

const MOST_MB = 200;

export const memory: Suite = {
  name: 'memory',
  measures: ['memory'],
  act: async setup => {
    const entries = sizesOf(setup).map(rows => ({
      arena: arenaOf(setup, 'int', rows),
      contestant: ours(),
      as: stored(rows),
    }));
    const runs = await inTurn('memory', setup.rounds, entries);
    const peak = (run: Run): number => run.clientPeakMb ?? Number.POSITIVE_INFINITY;
    return {
      runs,
      measures: [
        measure(
          'memory',
          [
            goal('most / least of the sizes', 'x', flatnessOf(runs, peak), '<=', 1.1),
            goal('most of the sizes', 'MB', mostOf(runs, peak), '<=', MOST_MB),
          ],
          eachSize(runs, 'MB', peak),
        ),
      ],
    };
  },
};

export const timePerRecord: Suite = {
  name: 'time-per-record',
  measures: ['time-per-record'],
  act: async setup => {
    const runs = await inTurn('time-per-record', setup.rounds, sameNumberDue(setup));
    const microseconds = (run: Run): number => (run.wallMs * 1000) / run.records;
    return {
      runs,
      measures: [
        measure(
          'time-per-record',
          [goal('most / least of the sizes', 'x', flatnessOf(runs, microseconds), '<=', 1.15)],
          [
            ...eachSize(runs, 'us', microseconds),
            { label: 'records due', unit: '', value: spreadOf(runs.map(run => run.records)) },
          ],
        ),
      ],
    };
  },
};

/** A third of the smallest size in each; by whole days, so that it is not the same to the record. */
function sameNumberDue(setup: Setup): Entry[] {
  const sizes = sizesOf(setup);
  const due = Math.round((sizes[0] ?? 0) / 3);
  return sizes.map(rows => {
    const arena = arenaOf(setup, 'int', rows);
    const cutoff = upTo(dayByDue(arena.layout, due), setup.calendar);
    return { arena: { ...arena, cutoff }, contestant: ours(), as: stored(rows) };
  });
}

function sizesOf({ rows }: Setup): readonly number[] {
  return [Math.round(rows / 5), rows, rows * 4];
}

function stored(rows: number): string {
  return `ours, ${rows.toLocaleString('en')} stored`;
}

function eachSize(runs: readonly Run[], unit: string, pick: (run: Run) => number): Figure[] {
  const names = [...new Set(runs.map(run => run.contestant))];
  return names.map(name => ({ label: name, unit, value: figureOf(runs, name, pick) }));
}
