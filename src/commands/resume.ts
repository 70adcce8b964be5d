import { isoInstant } from '../clock.ts';
import { EXIT } from '../errors.ts';
import { print } from '../show.ts';
import { withLedger } from '../wire.ts';
import { type AddCommand, examples, flagsOf } from './command.ts';

export const addResume: AddCommand = (program, exit) => {
  program
    .command('resume')
    .description('end the pause: a run that waits for it goes on')
    .option('--reason <text>', 'why, for the audit log')
    .addHelpText(
      'after',
      examples('retention resume', "retention resume --reason 'Traffic is back to normal'"),
    )
    .action(async (options: { reason?: string }, command) => {
      await withLedger(flagsOf(command), async ledger => {
        const ended = await ledger.pauses.resume(options.reason ?? null);
        print(
          ended === null
            ? 'Nothing was paused.'
            : `The pause of ${ended.by} at ${isoInstant(ended.atMs)} is over: a run that waits goes on.`,
        );
        exit(EXIT.done);
      });
    });
};
