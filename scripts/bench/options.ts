// The benchmark's command line: what is measured, how big, against whom, and where its files go.
import { parseArgs } from 'node:util';
import { isMeasure, MEASURES, type MeasureName } from './titles.ts';

export interface Options {
  readonly rows: number;
  readonly rounds: number;
  readonly seed: number;
  readonly seconds: number;
  /** Names of measures; null for all. */
  readonly only: readonly MeasureName[] | null;
  /** Where the figures go; null for nowhere but the table. */
  readonly json: string | null;
  /** A folder for data that is kept for the next time; null for one that is removed at the end. */
  readonly work: string | null;
}

export const USAGE = `npm run bench -- [--rows 5000000] [--rounds 3] [--against pt-archiver] [--json FILE]
                 [--only MEASURE,...] [--work FOLDER] [--seconds 30] [--seed 1]`;

/** Throws an error that ends in the usage when something is not as it says. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: '5000000' },
      rounds: { type: 'string', default: '3' },
      against: { type: 'string', default: 'pt-archiver' },
      seed: { type: 'string', default: '1' },
      seconds: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'string' },
      work: { type: 'string' },
    },
  });
  const rows = whole('rows', values.rows, 1000);
  if (values.against !== 'pt-archiver')
    throw new Error(`--against ${values.against} is not known: only pt-archiver is.\n${USAGE}`);
  const asked = values.only?.split(',') ?? null;
  const unknown = asked?.filter(name => !isMeasure(name)) ?? [];
  if (unknown.length > 0)
    throw new Error(`no measure ${unknown.join(', ')}; there are ${MEASURES.join(', ')}.\n${USAGE}`);
  return {
    rows,
    rounds: whole('rounds', values.rounds, 1),
    seed: whole('seed', values.seed, 0),
    // A short look is enough to see that it works; a 99th percentile wants more.
    seconds: whole('seconds', values.seconds ?? (rows < 1_000_000 ? '5' : '30'), 1),
    only: asked?.filter(isMeasure) ?? null,
    json: values.json ?? null,
    work: values.work ?? null,
  };
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text.replaceAll('_', ''));
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new Error(`--${name} ${text} is not a whole number of at least ${least}.\n${USAGE}`);
}
