import { runReport } from '../report/run-report.ts';
import { enforceSaved, exitCodeOf, findPlan, stopSignal } from '../run-job.ts';
import { withWired } from '../wire.ts';
import { type AddCommand, examples, type FormatFlag, flagsOf, formatOption, print } from './command.ts';
import { loadRun } from './report.ts';

export const addEnforce: AddCommand = (program, exit) => {
  program
    .command('enforce')
    .argument('<plan>', 'the id of a saved plan')
    .description('dispose of what a plan lists and is still due; goes on with a plan that was cut off')
    .addOption(formatOption())
    .addHelpText('after', examples('retention enforce plan-20261122T021500Z-1a2b3c'))
    .action(async (id: string, options: FormatFlag, command) => {
      const signal = stopSignal();
      await withWired(flagsOf(command), async wired => {
        const result = await enforceSaved(wired, await findPlan(wired, id), signal);
        print(runReport(await loadRun(wired, result.run), options.format));
        exit(exitCodeOf(result.state));
      });
    });
};
