import { runJob } from '../run-job.ts';
import { stopSignal } from '../stop-signal.ts';
import { withWired } from '../wire.ts';
import { type AddCommand, examples, type FormatFlag, flagsOf, formatOption } from './command.ts';

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
