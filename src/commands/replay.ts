import { type ExitCode, RetentionError } from '../errors.ts';
import { planReport } from '../report/plan-report.ts';
import { runReport } from '../report/run-report.ts';
import { enforceSaved, exitCodeOf, exitCodeOfPlan, findPlan, planJob, stopSignal } from '../run-job.ts';
import type { Flags } from '../settings.ts';
import { withWired } from '../wire.ts';
import { type AddCommand, examples, type FormatFlag, flagsOf, formatOption, print } from './command.ts';
import { loadRun } from './report.ts';

export const addReplay: AddCommand = (program, exit) => {
  program
    .command('replay')
    .argument('<run>', 'the run to replay')
    .description(
      'find what that run disposed of and has come back, after a restore say; dry run unless --enforce',
    )
    .option('--enforce', 'dispose of it again; holds placed since then win')
    .addOption(formatOption())
    .addHelpText(
      'after',
      examples(
        'retention replay run-20261122T021500Z-4d5e6f',
        'retention replay run-20261122T021500Z-4d5e6f --enforce',
      ),
    )
    .action(async (run: string, options: FormatFlag & { enforce?: boolean }, command) => {
      exit(
        await replay(run, { ...flagsOf(command), enforce: options.enforce ?? false, format: options.format }),
      );
    });
};

/** Replays a run; `scripts/replay.ts` calls this too. */
export async function replay(
  run: string,
  options: Flags & FormatFlag & { readonly enforce: boolean },
): Promise<ExitCode> {
  const signal = stopSignal();
  return withWired(options, async wired => {
    const { run: earlier } = await loadRun(wired, run);
    const job = wired.job(earlier.job);
    if (options.enforce && job.mode === 'report') {
      throw new RetentionError(
        'plan-not-enforceable',
        `job ${job.name} only reports today`,
        'Replay without --enforce to see what came back',
      );
    }
    const plan = await planJob(wired, job, { replay: run });
    if (!options.enforce || options.format === 'text') {
      print(planReport({ plan, subProcessors: wired.config.policySet.subProcessors }, options.format));
    }
    if (!options.enforce) return exitCodeOfPlan(plan);
    const result = await enforceSaved(wired, await findPlan(wired, plan.id), signal);
    print(runReport(await loadRun(wired, result.run), options.format));
    return exitCodeOf(result.state);
  });
}
