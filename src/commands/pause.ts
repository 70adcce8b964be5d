import { isoInstant, systemClock } from '../clock.ts';
import { EXIT } from '../errors.ts';
import { print } from '../show.ts';
import { withLedger } from '../wire.ts';
import { type AddCommand, examples, flagsOf } from './command.ts';

export const addPause: AddCommand = (program, exit) => {
  program
    .command('pause')
    .description(
      'have the run that is going on wait before its next batch, and later ones before their first',
    )
    .option('--reason <text>', 'why, for the audit log and for whoever finds it paused')
    .addHelpText('after', examples("retention pause --reason 'Black Friday'", 'retention resume'))
    .action(async (options: { reason?: string }, command) => {
      await withLedger(flagsOf(command), async (ledger, settings) => {
        const pause = {
          by: settings.actor,
          atMs: systemClock.nowMs(),
          reason: options.reason ?? null,
        };
        const begun = await ledger.pauses.pause(pause);
        const { by, atMs } = (await ledger.pauses.current()) ?? pause;
        print(
          begun
            ? 'Paused: nothing more is disposed of within a second or two, until: retention resume'
            : `It was paused before, by ${by} at ${isoInstant(atMs)}.`,
        );
        exit(EXIT.done);
      });
    });
};
