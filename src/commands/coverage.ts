import { Option } from 'commander';
import { EXIT } from '../errors.ts';
import { coverageOf } from '../plan/coverage.ts';
import { coverageReport } from '../report/coverage-report.ts';
import { print } from '../show.ts';
import type { StoreMap, StoreReader } from '../stores/store.ts';
import { type Wired, withWired } from '../wire.ts';
import { type AddCommand, examples, flagsOf } from './command.ts';

function openOne(wired: Wired, store: StoreMap): StoreReader {
  const reader = wired.readers([store]).get(store.name);
  if (reader === undefined) throw new Error(`store ${store.name} was not opened`);
  return reader;
}

export const addCoverage: AddCommand = (program, exit) => {
  program
    .command('coverage')
    .argument('[job]', 'only the stores of this job')
    .description(
      'list what no dataset maps: copies of tables, personal columns, folders, classes, idle datasets',
    )
    .addOption(new Option('--format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .addHelpText('after', examples('retention coverage', 'retention coverage nightly --format json'))
    .action(async (name: string | undefined, options: { readonly format: 'text' | 'json' }, command) => {
      await withWired(flagsOf(command), 'look', async wired => {
        const { config, ledger } = wired;
        const stores = name === undefined ? config.stores : wired.maps(wired.job(name));
        const coverage = await coverageOf({
          stores,
          open: store => openOne(wired, store),
          all: config,
          policySet: config.policySet,
          histories: await ledger.plans.histories(),
        });
        print(coverageReport(coverage, options.format));
        exit(coverage.stores.some(one => one.found === null) ? EXIT.failed : EXIT.done);
      });
    });
};
