import { Option } from 'commander';
import { systemClock } from '../clock.ts';
import { type Config, loadConfig } from '../config/load-config.ts';
import { ConfigurationError, EXIT, RetentionError } from '../errors.ts';
import { ledgerPlace } from '../ledger/place.ts';
import { upgradeReport } from '../report/upgrade-report.ts';
import { readSettings } from '../settings.ts';
import { print } from '../show.ts';
import { UPGRADE_CHECKS } from '../upgrade/checks.ts';
import { lookAtLedger } from '../upgrade/look-at-ledger.ts';
import { stateFolder } from '../wire.ts';
import { type AddCommand, examples, flagsOf } from './command.ts';

export const addUpgrade: AddCommand = (program, exit) => {
  program
    .command('upgrade')
    .description(
      'what has to be written or confirmed before this version goes on from what an earlier one left',
    )
    .option('--check', 'look and touch nothing: there is no other way')
    .addOption(new Option('--format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .addHelpText('after', examples('retention upgrade --check'))
    .action(async (options: { check?: boolean; format: 'text' | 'json' }, command) => {
      if (options.check !== true)
        throw new RetentionError(
          'usage-invalid',
          'an upgrade needs no act of its own: ledgers are brought up to date when they are opened',
          'See what it asks of you: retention upgrade --check',
        );
      const settings = readSettings(flagsOf(command));
      const { config, mistakes } = readConfig(settings.policiesFolder, settings.jobsFolder);
      const ledger = await lookAtLedger(ledgerPlace(settings.ledger), stateFolder(settings), systemClock);
      const notes = UPGRADE_CHECKS.flatMap(check => check({ config, mistakes, ledger }));
      print(upgradeReport(notes, options.format));
      exit(notes.some(note => note.must !== 'know') ? EXIT.refused : EXIT.done);
    });
};

function readConfig(policies: string, jobs: string): { config: Config | null; mistakes: readonly string[] } {
  try {
    return { config: loadConfig(policies, jobs), mistakes: [] };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const mistakes = error.problems.map(
      ({ file, line, column, message, hint }) => `${file}:${line}:${column} ${message}. ${hint}`,
    );
    return { config: null, mistakes };
  }
}
