// The shape of a job file (`jobs/*.yaml`) and how it becomes a `Job`.
import { z } from 'zod';
import { DEFAULT_BATCH_KEYS, DEFAULT_LIMITS, type Job } from '../plan/job.ts';
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
  };
}
