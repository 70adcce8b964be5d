import { EXIT, type ExitCode } from '../errors.ts';
import { planReport } from '../report/plan-report.ts';
import { runReport } from '../report/run-report.ts';
import { enforceSaved, exitCodeOf, exitCodeOfPlan, findPlan, planJob, stopSignal } from '../run-job.ts';
import { type Wired, withWired } from '../wire.ts';
import { type AddCommand, examples, type FormatFlag, flagsOf, formatOption, print } from './command.ts';
import { loadRun } from './report.ts';

export const addRun: AddCommand = (program, exit) => {
  program
    .command('run')
    .argument('<job>', 'the job to run')
    .description('plan a job and, if its mode is enforce, enforce the plan: what cron and Kubernetes call')
    .addOption(formatOption())
    .addHelpText('after', examples('retention run nightly', 'retention run weekly-report --format json'))
    .action(async (name: string, options: FormatFlag, command) => {
      const signal = stopSignal();
      await withWired(flagsOf(command), async wired => {
        exit(await runJob(wired, name, signal, options.format));
      });
    });
};

/** Plans a job, shows the plan, and enforces it where the job says so. */
export async function runJob(
  wired: Wired,
  name: string,
  signal: AbortSignal,
  format: FormatFlag['format'],
): Promise<ExitCode> {
  const job = wired.job(name);
  const plan = await planJob(wired, job);
  if (job.mode === 'report') {
    print(planReport({ plan, subProcessors: wired.config.policySet.subProcessors }, format));
    return exitCodeOfPlan(plan);
  }
  if (format === 'text')
    print(planReport({ plan, subProcessors: wired.config.policySet.subProcessors }, format));
  if (signal.aborted) return EXIT.partial;
  const result = await enforceSaved(wired, await findPlan(wired, plan.id), signal);
  print(runReport(await loadRun(wired, result.run), format));
  return exitCodeOf(result.state);
}
