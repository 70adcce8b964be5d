import { enforceAndShow } from '../run-job.ts';
import { stopSignal } from '../stop-signal.ts';
import { withEnforcing } from '../wire.ts';
import { type AddCommand, examples, type FormatFlag, flagsOf, formatOption } from './command.ts';

export const addEnforce: AddCommand = (program, exit) => {
  program
    .command('enforce')
    .argument('<plan>', 'the id of a saved plan')
    .description('dispose of what a plan lists and is still due; goes on with a plan that was cut off')
    .addOption(formatOption())
    .addHelpText('after', examples('retention enforce plan-20261122T021500Z-1a2b3c'))
    .action(async (id: string, options: FormatFlag, command) => {
      const signal = stopSignal();
      await withEnforcing(flagsOf(command), async wired => {
        exit(await enforceAndShow(wired, id, signal, options.format));
      });
    });
};
