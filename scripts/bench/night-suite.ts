// An ordinary night: of the whole table, one in a thousand rows has come due since yesterday. What matters is how much
// the server has to read for it.
import { dayByDue } from './layout.ts';
import { ours } from './ours.ts';
import { upTo } from './period.ts';
import type { Run } from './result.ts';
import { goal, spreadOf } from './spread.ts';
import { arenaOf, inTurn, measure, type Suite } from './suite.ts';

export const night: Suite = {
  name: 'night',
  measures: ['night'],
  act: async setup => {
    const arena = arenaOf(setup, 'int');
    const cutoff = upTo(dayByDue(arena.layout, setup.rows / 1000), setup.calendar);
    const runs = await inTurn('night', setup.rounds, [{ arena: { ...arena, cutoff }, contestant: ours() }]);
    const read = (run: Run): number => run.server?.rowsRead ?? Number.POSITIVE_INFINITY;
    const spread = (pick: (run: Run) => number) => spreadOf(runs.map(pick));
    return {
      runs,
      measures: [
        measure(
          'night',
          [
            goal(
              'rows read / due',
              'x',
              spread(run => read(run) / run.records),
              '<=',
              3,
            ),
          ],
          [
            { label: 'rows due', unit: '', value: spread(run => run.records) },
            { label: 'rows read', unit: '', value: spread(read) },
            { label: 'statements', unit: '', value: spread(run => run.server?.statements ?? 0) },
            { label: 'plan to verified log', unit: 's', value: spread(run => run.wallMs / 1000) },
          ],
        ),
      ],
    };
  },
};
