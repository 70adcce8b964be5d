import { Option } from 'commander';
import { EXIT } from '../errors.ts';
import { findOrphans } from '../plan/orphans.ts';
import { startProgress } from '../progress.ts';
import { orphansReport } from '../report/orphans-report.ts';
import { print } from '../show.ts';
import { withWired } from '../wire.ts';
import { type AddCommand, examples, flagsOf } from './command.ts';

export const addOrphans: AddCommand = (program, exit) => {
  program
    .command('orphans')
    .argument('<job>', 'the job whose rows and files to look at')
    .description('find rows whose file is gone and files that no row names; nothing is changed')
    .addOption(new Option('--format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .addHelpText('after', examples('retention orphans nightly', 'retention orphans nightly --format json'))
    .action(async (name: string, options: { readonly format: 'text' | 'json' }, command) => {
      await withWired(flagsOf(command), 'look', async wired => {
        const { clock, config, settings } = wired;
        const job = wired.job(name);
        const progress = startProgress(settings.interactive && !settings.quiet, 'looked at', null);
        try {
          const found = await findOrphans({
            job,
            maps: config.stores,
            open: map => {
              const reader = wired.readers([map]).get(map.name);
              if (reader === undefined) throw new Error(`store ${map.name} was not opened`);
              return reader;
            },
            hashKey: settings.hashKey,
            nowMs: clock.nowMs(),
            onProgress: progress.add,
          });
          progress.stop();
          print(orphansReport(job.name, found, options.format));
          exit(found.failures.length > 0 ? EXIT.failed : EXIT.done);
        } finally {
          progress.stop();
        }
      });
    });
};
