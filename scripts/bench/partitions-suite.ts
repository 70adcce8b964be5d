// Twelve monthly partitions are due as a whole: ours dropping them against ours deleting the same rows, both with the
// evidence of every record.
import { ours } from './ours.ts';
import type { Run } from './result.ts';
import { figureOf, goal, ratioOf } from './spread.ts';
import { arenaOf, inTurn, measure, type Suite } from './suite.ts';

const [DROPPED, DELETED] = ['ours, partitions dropped', 'ours, rows deleted'];

export const partitions: Suite = {
  name: 'partitions',
  measures: ['partitions'],
  act: async setup => {
    const arena = arenaOf(setup, 'partitioned');
    const key = ['id', 'recorded_at'];
    const runs = await inTurn('partitions', setup.rounds, [
      { arena, contestant: ours({ name: DROPPED, key, dataset: { partitions: 'drop' } }) },
      { arena, contestant: ours({ name: DELETED, key }) },
    ]);
    const speed = (run: Run): number => run.records / run.wallMs;
    const seconds = (run: Run): number => run.wallMs / 1000;
    return {
      runs,
      measures: [
        measure(
          'partitions',
          [goal('dropped / deleted', 'x', ratioOf(runs, [DROPPED, DELETED], speed), '>=', 8)],
          [DROPPED, DELETED].map(name => ({ label: name, unit: 's', value: figureOf(runs, name, seconds) })),
        ),
      ],
    };
  },
};
