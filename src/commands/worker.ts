import { isoInstant } from '../clock.ts';
import { EXIT, reasonOf } from '../errors.ts';
import { runJob } from '../run-job.ts';
import { nextRun, startSchedule } from '../schedule.ts';
import type { Flags } from '../settings.ts';
import { stopSignal } from '../stop-signal.ts';
import { type Wired, withEnforcing } from '../wire.ts';
import { type AddCommand, examples, flagsOf } from './command.ts';

export const addWorker: AddCommand = (program, exit) => {
  program
    .command('worker')
    .description('run every job on its schedule, one at a time, until it is asked to stop')
    .addHelpText(
      'after',
      examples(
        'retention worker',
        '# where there is no cron: under systemd or as a Deployment with one replica',
      ),
    )
    .action(async (_options, command) => {
      await work(flagsOf(command));
      exit(EXIT.done);
    });
};

/** Each run opens its own configuration, so that a policy changed since the start is the policy that counts. */
async function work(flags: Flags): Promise<void> {
  const signal = stopSignal();
  await withEnforcing(flags, async wired => {
    const { config, log, clock } = wired;
    let queue: Promise<void> = Promise.resolve();
    const stops = config.jobs.map(job => {
      const at = nextRun(job.schedule, job.zone, clock.nowMs());
      log.info('scheduled', { job: job.name, mode: job.mode, next: at === null ? 'never' : isoInstant(at) });
      return startSchedule(job.schedule, job.zone, () => {
        queue = queue.then(() => runOne(flags, job.name, signal, wired));
        return queue;
      });
    });
    if (!signal.aborted)
      await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
    log.info('stopping', { reason: String(signal.reason) });
    await Promise.all(stops.map(stop => stop()));
    await queue;
  });
}

async function runOne(flags: Flags, job: string, signal: AbortSignal, { log }: Wired): Promise<void> {
  if (signal.aborted) return;
  try {
    const code = await withEnforcing(flags, wired => runJob(wired, job, signal, 'text'));
    if (code !== EXIT.done) log.error('job ended badly', { job, exitCode: code });
  } catch (error) {
    // One job's failure is that job's: the others keep their schedule.
    log.error('job failed', { job, reason: reasonOf(error) });
  }
}
