// Whether each job's limits and schedule make sense beside the policies that it enforces.
import type { Problem } from '../errors.ts';
import { DEFAULT_LIMITS } from '../plan/job.ts';
import { cutoff } from '../policy/expiry.ts';
import { parsePeriod } from '../policy/period.ts';
import { isZone } from '../policy/wall-time.ts';
import { badSchedule, nextRun } from '../schedule.ts';
import type { Loaded } from './loaded.ts';

type LoadedJob = Loaded['jobs'][number];

export function checkJobs(loaded: Loaded): Problem[] {
  return loaded.jobs.flatMap(job => {
    const bad = badSchedule(job.value.schedule);
    if (bad === null) return [...checkLimits(job), ...checkInterval(job, loaded)];
    const hint = 'Write five fields: minute hour day month weekday';
    return [...checkLimits(job), job.file.problem(['schedule'], bad, hint)];
  });
}

/** A limit above the default is a decision, and a decision has a reason. */
function checkLimits({ value, file }: LoadedJob): Problem[] {
  const raised = (['records', 'percent'] as const).find(
    key => (value.limits?.[key] ?? 0) > DEFAULT_LIMITS[key],
  );
  if (raised === undefined || value.limits?.reason !== undefined) return [];
  return [
    file.problem(
      ['limits', raised],
      `this limit is above ${DEFAULT_LIMITS[raised]}, and no reason is given`,
      'Add limits.reason: who decided it, and why',
    ),
  ];
}

/** Most of a ceiling's period that may be lost to disposing in time for the next run. */
const LOST_SHARE = 0.25;
const DAY_MS = 86_400_000;

/**
 * A ceiling is kept by disposing, in each run, of what would pass it before the next one. A job that runs once a year
 * would so take recordings of thirty days on the day that they are made.
 */
function checkInterval({ value, file }: LoadedJob, loaded: Loaded): Problem[] {
  if (value.mode === 'report' || !isZone(value.zone)) return [];
  const gapMs = longestGapMs(value.schedule, value.zone);
  if (gapMs === null) return [];
  return loaded.policies.flatMap(({ value: policy }) => {
    if (policy.bound !== 'at-most' || policy.disposition === 'flag') return [];
    if (value.policies !== 'all' && !value.policies.includes(policy.class)) return [];
    const read = parsePeriod(policy.period);
    if (!('period' in read) || read.period.kind === 'unstated' || read.period.kind === 'forever') return [];
    const lengthMs = SAMPLE_MS - cutoff(SAMPLE_MS, read.period, 'UTC');
    if (gapMs <= lengthMs * LOST_SHARE) return [];
    return [
      file.problem(
        ['schedule'],
        `this job runs every ${Math.round(gapMs / DAY_MS)} days, and would take records of class ${policy.class} (${policy.period}) that much too early`,
        'Run it more often, or leave the class out of `policies`: a ceiling is kept by disposing in time for the next run',
      ),
    ];
  });
}

/** Any day will do: what counts is how far apart the runs are. */
const SAMPLE_MS = Date.UTC(2025, 0, 1);

/** The longest time between two of the next few runs, in ms; null when there are none. */
function longestGapMs(schedule: string, zone: string): number | null {
  let last = nextRun(schedule, zone, SAMPLE_MS);
  let longest: number | null = null;
  for (let runs = 0; runs < 8 && last !== null; runs += 1) {
    const next = nextRun(schedule, zone, last);
    if (next === null) return longest;
    longest = Math.max(longest ?? 0, next - last);
    last = next;
  }
  return longest;
}
