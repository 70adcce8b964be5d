// A folder of configuration for the product, as an owner and an operator would write it: policies, a job, a data map, and
// a ledger that has been there before (under a brand-new one nothing is enforced).
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { WrongRun } from './check-rows.ts';
import type { Calendar } from './period.ts';
import { type Timed, timedProcess } from './timed-process.ts';

export const JOB = 'bench';

/** Keys in a batch at full speed: with random keys it takes 9 % less time than batches of 5,000. */
const FULL_SPEED_BATCH = 10_000;

/** Full speed for the runs that look for the ceiling: what the job file says under `pace`. */
const FULL_SPEED = {
  niceRatio: 0,
  writeMs: 200,
  connections: 3,
  reason: 'The benchmark measures the ceiling',
};

export interface RetentionFolder {
  readonly path: string;
  /** Runs the built command line to its end, as a process of its own. */
  readonly cli: (...args: readonly string[]) => Promise<Timed>;
}

export interface FolderInput {
  readonly path: string;
  readonly calendar: Calendar;
  /** The period of the class that is purged, `P2Y`. */
  readonly period: string;
  /** `default`: what production gets; else full speed, on so many connections or the usual. */
  readonly pace: 'default' | { readonly connections?: number };
  readonly store: Readonly<Record<string, unknown>>;
  /** What the store's map refers to. */
  readonly env: Readonly<Record<string, string>>;
}

/** Writes the folder and makes the ledger by placing a hold on a class that has no records here. */
export async function retentionFolder(input: FolderInput): Promise<RetentionFolder> {
  const write = (file: string, content: unknown): void => {
    mkdirSync(dirname(join(input.path, file)), { recursive: true });
    writeFileSync(join(input.path, file), stringify(content));
  };
  write('policies/call-detail-record.yaml', policy('call-detail-record', input.period));
  write('policies/call-recording.yaml', policy('call-recording', input.period));
  write('policies/invoice.yaml', policy('invoice', 'P7Y'));
  write('jobs/bench.yaml', {
    job: JOB,
    title: 'The benchmark',
    policies: 'all',
    stores: ['bench'],
    schedule: input.calendar.schedule,
    zone: 'UTC',
    mode: 'enforce',
    limits: { records: 1_000_000_000, percent: 100, reason: 'The first purge of a backlog' },
    ...(input.pace === 'default' ? {} : { batch: FULL_SPEED_BATCH, pace: { ...FULL_SPEED, ...input.pace } }),
  });
  write('jobs/stores/bench.yaml', input.store);
  const env = {
    RETENTION_POLICIES: join(input.path, 'policies'),
    RETENTION_JOBS: join(input.path, 'jobs'),
    RETENTION_LEDGER: join(input.path, 'ledger.db'),
    RETENTION_ACTOR: 'benchmark',
    NO_COLOR: '1',
    CI: '1',
    ...input.env,
  };
  const cli: RetentionFolder['cli'] = (...args) =>
    timedProcess([process.execPath, 'dist/main.js', '--quiet', ...args], { env });
  const hold = ['--matter', 'Case 1', '--reason', 'Preservation order', '--class', 'invoice'];
  done(await cli('ledger', 'new', '--reason', 'The benchmark'));
  done(await cli('hold', 'place', ...hold));
  return { path: input.path, cli };
}

/** The same result if the program ended well; throws `WrongRun` with what it said if not. */
export function done(timed: Timed): Timed {
  if (timed.code === 0) return timed;
  throw new WrongRun(`exit code ${timed.code}: ${timed.stderr.slice(-2000)}${timed.stdout.slice(-2000)}`);
}

function policy(name: string, period: string): unknown {
  return {
    policy: name,
    class: name,
    title: name,
    period,
    start: 'recorded',
    bound: 'at-most',
    zone: 'UTC',
    disposition: 'purge',
    owner: 'Benchmark',
    authority: { document: 'The benchmark', passage: 'All of it' },
  };
}
