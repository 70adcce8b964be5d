// The shape of a job file (`jobs/*.yaml`) and how it becomes a `Job`.
import { z } from 'zod';
import {
  DEFAULT_BATCH_KEYS,
  DEFAULT_LIMITS,
  DEFAULT_PACE,
  type Job,
  type PaceRules,
  type Thresholds,
} from '../plan/job.ts';
import { readWindow } from '../plan/window.ts';
import { parsePeriod } from '../policy/period.ts';
import { checked, name, text, zone } from './fields.ts';

const hours = checked(
  z.string(),
  value => {
    const read = parsePeriod(value);
    return 'period' in read && read.period.kind === 'exact' ? null : `"${value}" is not a number of hours`;
  },
  'Write PT24H',
).describe('Exact hours, as PT24H');

const window = checked(
  z.string(),
  value => {
    const read = readWindow(value);
    return 'mistake' in read ? read.mistake : null;
  },
  "Write '22:00-05:00', in quotes: local times of the job's zone",
).describe("From when to when, as 22:00-05:00, in the job's zone");

const thresholds = z.strictObject({
  threadsRunning: z.int().positive().optional().describe("Threads_running of the store's server"),
  replicaLagSeconds: z
    .number()
    .nonnegative()
    .optional()
    .describe('Lag of any replica that the data map names; one that is stopped lags infinitely'),
  query: z
    .strictObject({ sql: text, above: z.number() })
    .optional()
    .describe('A query of your own that gives one row with one number'),
});

const pace = z.strictObject({
  writeMs: z
    .number()
    .positive()
    .max(1000)
    .optional()
    .describe(
      `Time that the store should be at the records of one write, in ms; ${DEFAULT_PACE.writeMs} unless said otherwise`,
    ),
  niceRatio: z
    .number()
    .nonnegative()
    .max(1000)
    .optional()
    .describe(
      `Rest after each write, as a multiple of that time; ${DEFAULT_PACE.niceRatio} unless said otherwise`,
    ),
  connections: z.int().positive().max(4).optional().describe('Connections that write at the same time'),
  windows: z
    .array(window)
    .min(1)
    .optional()
    .describe('When a run may write; at any time unless said otherwise'),
  pauseAbove: thresholds
    .optional()
    .describe(
      `Above these a run waits; ${DEFAULT_PACE.pauseAbove.threadsRunning} threads and ${DEFAULT_PACE.pauseAbove.replicaLagSeconds} seconds unless said otherwise`,
    ),
  stopAbove: thresholds.optional().describe('Above these a run ends, and can be gone on with later'),
  reason: text.optional().describe('Why it is less gentle than the defaults'),
});

export type PaceFile = z.output<typeof pace>;

export const jobFile = z.strictObject({
  job: name,
  title: text,
  policies: z.union([z.literal('all'), z.array(name).min(1)]),
  stores: z.array(name).min(1),
  schedule: text.describe('Cron expression with five fields'),
  zone,
  mode: z.enum(['report', 'enforce']),
  limits: z
    .strictObject({
      records: z.int().positive().optional(),
      percent: z.number().positive().max(100).optional(),
      reason: text.optional(),
    })
    .optional()
    .describe('Most that one run may dispose of, for each class in each dataset'),
  batch: z.int().positive().max(20_000).optional().describe('Keys in a batch'),
  planValidFor: hours
    .optional()
    .describe('How long a plan may wait to be enforced; PT24H unless said otherwise'),
  pace: pace.optional().describe('How gently a run writes, so that production does not feel it'),
});

export function toJob(file: z.output<typeof jobFile>): Job {
  const valid = parsePeriod(file.planValidFor ?? 'PT24H');
  return {
    name: file.job,
    title: file.title,
    classes: file.policies === 'all' ? null : file.policies,
    stores: file.stores,
    schedule: file.schedule,
    zone: file.zone,
    mode: file.mode,
    limits: {
      records: file.limits?.records ?? DEFAULT_LIMITS.records,
      percent: file.limits?.percent ?? DEFAULT_LIMITS.percent,
      reason: file.limits?.reason ?? null,
    },
    batchKeys: file.batch ?? DEFAULT_BATCH_KEYS,
    planValidMs: 'period' in valid && valid.period.kind === 'exact' ? valid.period.ms : 0,
    pace: toPace(file.pace ?? {}),
  };
}

function toPace(file: PaceFile): PaceRules {
  return {
    writeMs: file.writeMs ?? DEFAULT_PACE.writeMs,
    niceRatio: file.niceRatio ?? DEFAULT_PACE.niceRatio,
    connections: file.connections ?? DEFAULT_PACE.connections,
    windows: (file.windows ?? []).flatMap(written => {
      const read = readWindow(written);
      return 'window' in read ? [read.window] : [];
    }),
    pauseAbove: toThresholds(file.pauseAbove, DEFAULT_PACE.pauseAbove),
    stopAbove: toThresholds(file.stopAbove, DEFAULT_PACE.stopAbove),
    reason: file.reason ?? null,
  };
}

function toThresholds(file: PaceFile['pauseAbove'], usual: Thresholds): Thresholds {
  return {
    threadsRunning: file?.threadsRunning ?? usual.threadsRunning,
    replicaLagSeconds: file?.replicaLagSeconds ?? usual.replicaLagSeconds,
    query: file?.query ?? usual.query,
  };
}
