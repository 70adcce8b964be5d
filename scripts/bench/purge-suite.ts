// The main matter: a third of a table is due. Ours with the evidence of every record, against one single DELETE and
// against pt-archiver without evidence and with whole rows in a file; on ascending keys and on random ones.
import type { Contestant } from './contestant.ts';
import { ours } from './ours.ts';
import { archiver, archiverWithFile, singleDelete } from './peers.ts';
import type { Figure, Measure, Run } from './result.ts';
import { figureOf, goal, ratioOf, rowsPerSecond } from './spread.ts';
import { arenaOf, inTurn, measure, type Suite } from './suite.ts';

const OURS = 'ours';
/**
 * While one connection deletes, the server's purge keeps up, and all is done soonest. Three delete faster, and the purge is
 * still at it long after: which of the two an operator wants is in the job, and both are measured.
 */
const steady = ours({ name: 'ours, 1 connection', pace: { connections: 1 } });
const cpuPerThousand = (run: Run): number => run.clientCpuMs / (run.records / 1000);
const settledMs = (run: Run): number => run.settledMs ?? run.wallMs;

const INT_MEASURES = ['int-rate', 'int-rate-file', 'int-settled', 'client-cpu'] as const;

/** Measures on ascending keys: whom each needs beside ours, and how it is drawn. */
const intMeasures: Readonly<
  Record<
    (typeof INT_MEASURES)[number],
    { needs: readonly Contestant[]; draw: (runs: readonly Run[]) => Measure }
  >
> = {
  'int-rate': {
    needs: [archiver],
    draw: runs =>
      measure(
        'int-rate',
        [goal('ours / pt-archiver', 'x', ratioOf(runs, [OURS, archiver.name], rowsPerSecond), '>=', 1.2)],
        rates(runs, [archiver]),
      ),
  },
  'int-rate-file': {
    needs: [archiverWithFile],
    draw: runs =>
      measure(
        'int-rate-file',
        [
          goal(
            'ours / pt-archiver --file',
            'x',
            ratioOf(runs, [OURS, archiverWithFile.name], rowsPerSecond),
            '>=',
            2,
          ),
        ],
        rates(runs, [archiverWithFile]),
      ),
  },
  'int-settled': {
    needs: [steady, singleDelete],
    draw: runs =>
      measure(
        'int-settled',
        [
          goal(
            `${steady.name} / one DELETE`,
            'x',
            ratioOf(runs, [steady.name, singleDelete.name], settledMs),
            '<=',
            0.65,
          ),
        ],
        [
          ...each(runs, [steady, singleDelete], 'settled', 's', run => settledMs(run) / 1000),
          ...rates(runs, [steady, singleDelete]),
        ],
      ),
  },
  'client-cpu': {
    needs: [archiver],
    draw: runs =>
      measure(
        'client-cpu',
        [goal('ours / pt-archiver', 'x', ratioOf(runs, [OURS, archiver.name], cpuPerThousand), '<=', 0.8)],
        each(runs, [archiver], 'CPU for 1,000', 'ms', cpuPerThousand),
      ),
  },
};

export const purgeInt: Suite = {
  name: 'purge-int',
  measures: INT_MEASURES,
  act: async setup => {
    const asked = INT_MEASURES.filter(name => setup.wanted.includes(name)).map(name => intMeasures[name]);
    const needed = new Set(asked.flatMap(({ needs }) => needs));
    const peers = [steady, singleDelete, archiver, archiverWithFile].filter(peer => needed.has(peer));
    const arena = arenaOf(setup, 'int');
    const entries = [ours(), ...peers].map(contestant => ({ arena, contestant }));
    const runs = await inTurn('purge-int', setup.rounds, entries);
    return { runs, measures: asked.map(({ draw }) => draw(runs)) };
  },
};

export const purgeUuid: Suite = {
  name: 'purge-uuid',
  measures: ['uuid-rate'],
  act: async setup => {
    const arena = arenaOf(setup, 'uuid');
    const entries = [ours(), archiver, archiverWithFile].map(contestant => ({ arena, contestant }));
    const runs = await inTurn('purge-uuid', setup.rounds, entries);
    const against = (peer: string) => ratioOf(runs, [OURS, peer], rowsPerSecond);
    return {
      runs,
      measures: [
        measure(
          'uuid-rate',
          [
            goal('ours / pt-archiver', 'x', against(archiver.name), '>=', 1),
            goal('ours / pt-archiver --file', 'x', against(archiverWithFile.name), '>=', 1.7),
          ],
          rates(runs, [archiver, archiverWithFile]),
        ),
      ],
    };
  },
};

function rates(runs: readonly Run[], peers: readonly Contestant[]): Figure[] {
  return each(runs, peers, 'rows/s', '', rowsPerSecond);
}

/** A figure of ours and of the peers that it is compared with, beside the ratio. */
function each(
  runs: readonly Run[],
  peers: readonly Contestant[],
  what: string,
  unit: string,
  pick: (run: Run) => number,
): Figure[] {
  return [OURS, ...peers.map(peer => peer.name)].map(name => ({
    label: `${name}: ${what}`,
    unit,
    value: figureOf(runs, name, pick),
  }));
}
