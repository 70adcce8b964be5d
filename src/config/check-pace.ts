// Whether each job's pace makes sense: what is less gentle than the defaults has a reason, what is to be watched can be,
// and the job is not scheduled for hours in which it may not write.
import type { Problem } from '../errors.ts';
import { DEFAULT_PACE } from '../plan/job.ts';
import { formatWindow, mayWriteAt, readWindow } from '../plan/window.ts';
import { isZone } from '../policy/wall-time.ts';
import { badSchedule, nextRun } from '../schedule.ts';
import type { PaceFile } from './job-schema.ts';
import type { Loaded } from './loaded.ts';

type LoadedJob = Loaded['jobs'][number];
type Path = readonly string[];

/** With `complete`, every file had its right shape, so that what is not found among the stores is not there. */
export function checkPace(loaded: Loaded, complete: boolean): Problem[] {
  return loaded.jobs.flatMap(job => {
    const { pace } = job.value;
    if (pace === undefined) return [];
    return [
      ...checkReason(job, pace),
      ...checkOrder(job, pace),
      ...checkSchedule(job, pace),
      ...(complete ? checkWatched(job, pace, loaded) : []),
    ];
  });
}

/** A longer write, or more of them at a time, is felt by others: that is a decision, and a decision has a reason. */
function checkReason({ file }: LoadedJob, pace: PaceFile): Problem[] {
  if (pace.reason !== undefined) return [];
  const { writeMs, niceRatio, connections, pauseAbove } = DEFAULT_PACE;
  const loosened: readonly (readonly [path: Path, loose: boolean, usual: number | null])[] = [
    [['writeMs'], (pace.writeMs ?? 0) > writeMs, writeMs],
    [['niceRatio'], (pace.niceRatio ?? niceRatio) < niceRatio, niceRatio],
    [['connections'], (pace.connections ?? 1) > connections, connections],
    ...(['threadsRunning', 'replicaLagSeconds'] as const).map(
      key =>
        [
          ['pauseAbove', key],
          (pace.pauseAbove?.[key] ?? 0) > (pauseAbove[key] ?? Number.POSITIVE_INFINITY),
          pauseAbove[key],
        ] as const,
    ),
  ];
  return loosened.flatMap(([path, loose, usual]) =>
    loose
      ? [
          file.problem(
            ['pace', ...path],
            `this is less gentle than the default of ${usual}, and no reason is given`,
            'Add pace.reason: who decided it, and why',
          ),
        ]
      : [],
  );
}

/** A run that stops before it would have paused never pauses. */
function checkOrder({ file }: LoadedJob, { pauseAbove, stopAbove }: PaceFile): Problem[] {
  const problems: Problem[] = [];
  const check = (path: Path, stop: number | undefined, pause: number | null | undefined): void => {
    if (stop === undefined || pause == null || stop > pause) return;
    problems.push(
      file.problem(
        ['pace', 'stopAbove', ...path],
        `the run would stop above ${stop} before it pauses above ${pause}`,
        'Stop above a higher value than the one to pause above',
      ),
    );
  };
  for (const key of ['threadsRunning', 'replicaLagSeconds'] as const)
    check([key], stopAbove?.[key], pauseAbove?.[key] ?? DEFAULT_PACE.pauseAbove[key]);
  if (stopAbove?.query?.sql === pauseAbove?.query?.sql)
    check(['query', 'above'], stopAbove?.query?.above, pauseAbove?.query?.above);
  return problems;
}

/** Runs of this many times of the schedule must begin in a window: a day of a job that runs every hour. */
const RUNS_CHECKED = 24;
/** Any day will do. */
const SAMPLE_MS = Date.UTC(2025, 0, 1);

function checkSchedule({ value, file }: LoadedJob, pace: PaceFile): Problem[] {
  if (value.mode === 'report' || pace.windows === undefined) return [];
  if (badSchedule(value.schedule) !== null || !isZone(value.zone)) return [];
  const windows = pace.windows.flatMap(written => {
    const read = readWindow(written);
    return 'window' in read ? [read.window] : [];
  });
  let at = nextRun(value.schedule, value.zone, SAMPLE_MS);
  for (let runs = 0; runs < RUNS_CHECKED && at !== null; runs += 1) {
    if (!mayWriteAt(windows, value.zone, at)) {
      return [
        file.problem(
          ['pace', 'windows'],
          `the schedule begins runs outside ${windows.map(formatWindow).join(' and ')}, and they would be refused`,
          'Schedule the job within its windows, or move them',
        ),
      ];
    }
    at = nextRun(value.schedule, value.zone, at);
  }
  return [];
}

/** A threshold on what no store of the job can tell would be a belt that holds nothing. */
function checkWatched({ value, file }: LoadedJob, pace: PaceFile, loaded: Loaded): Problem[] {
  const servers = loaded.stores
    .map(store => store.value)
    .flatMap(store => (value.stores.includes(store.store) && store.kind === 'mysql' ? [store] : []));
  const problems: Problem[] = [];
  for (const key of ['pauseAbove', 'stopAbove'] as const) {
    const thresholds = pace[key];
    const report = (path: Path, message: string, hint: string): void => {
      problems.push(file.problem(['pace', key, ...path], message, hint));
    };
    if (thresholds !== undefined && servers.length === 0)
      report(
        [],
        'no store of this job has a server to ask',
        'Take it out: it holds for MySQL and MariaDB alone',
      );
    else if (
      thresholds?.replicaLagSeconds !== undefined &&
      servers.every(store => store.replicas === undefined)
    )
      report(
        ['replicaLagSeconds'],
        'no store of this job names a replica',
        'Name them in the data map: replicas: [{ env: RETENTION_TELECOM_REPLICA_1_URL }]',
      );
  }
  return problems;
}
