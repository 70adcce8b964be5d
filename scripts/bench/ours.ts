// The product as a contestant: `retention run --verify` through the command line, from its start to its verified end, with the evidence of every record in a ledger on disk.
import type { BenchServer } from './bench-server.ts';
import type { Acted, Contestant, Target } from './contestant.ts';
import { TABLE } from './layout.ts';
import { done, type FolderInput, JOB, type RetentionFolder, retentionFolder } from './retention-folder.ts';

export interface OursOptions {
  readonly name?: string;
  /** Full speed unless given. */
  readonly pace?: FolderInput['pace'];
  readonly table?: string;
  /** Further keys of the dataset in the data map. */
  readonly dataset?: Readonly<Record<string, unknown>>;
  readonly key?: readonly string[];
}

export function ours(options: OursOptions = {}): Contestant {
  return {
    name: options.name ?? 'ours',
    prepare: async target => {
      const folder = await oursFolder(target, options);
      return () => runAndVerify(folder);
    },
  };
}

/** The product's folder for a target, for commands other than `run`. */
export function oursFolder(target: Target, options: OursOptions): Promise<RetentionFolder> {
  const { server, cutoff, calendar, scratch } = target;
  return retentionFolder({
    path: scratch,
    calendar,
    period: cutoff.period,
    pace: options.pace ?? {},
    store: storeMap(options),
    env: urls(server),
  });
}

/** The whole of it: from the start of the run to the end of the check of its evidence. */
export async function runAndVerify(folder: RetentionFolder): Promise<Acted> {
  const run = done(await folder.cli('run', JOB, '--verify'));
  const says = / entries, ([\d,]+) records disposed of/.exec(run.stdout)?.[1];
  if (says === undefined) throw new Error(`the log was not verified: ${run.stdout}`);
  return { processes: [run], says: Number(says.replaceAll(',', '')) };
}

function urls(server: BenchServer): Readonly<Record<string, string>> {
  return { BENCH_URL: server.urls.enforce, BENCH_READ_URL: server.urls.plan };
}

function storeMap(options: OursOptions): Readonly<Record<string, unknown>> {
  return {
    store: 'bench',
    kind: 'mysql',
    url: { env: 'BENCH_URL' },
    readUrl: { env: 'BENCH_READ_URL' },
    datasets: [
      {
        dataset: 'calls',
        table: options.table ?? TABLE,
        key: options.key ?? ['id'],
        class: 'call-detail-record',
        customer: 'account_id',
        numbers: ['src', 'dst'],
        start: { event: 'recorded', column: 'recorded_at', unit: 'datetime', zone: 'UTC' },
        ...options.dataset,
      },
    ],
  };
}
