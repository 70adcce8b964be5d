import { replayRun } from '../run-job.ts';
import { stopSignal } from '../stop-signal.ts';
import { type Wired, withEnforcing, withWired } from '../wire.ts';
import { type AddCommand, examples, type FormatFlag, flagsOf, formatOption } from './command.ts';

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
      const signal = stopSignal();
      const enforce = options.enforce ?? false;
      const replay = async (wired: Wired): Promise<void> => {
        exit(await replayRun(wired, run, signal, { enforce, format: options.format }));
      };
      await (enforce
        ? withEnforcing(flagsOf(command), replay)
        : withWired(flagsOf(command), 'refuse', replay));
    });
};
