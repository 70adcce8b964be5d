import { EXIT } from '../errors.ts';
import { findPlan } from '../find-saved.ts';
import { keysReport } from '../report/keys-report.ts';
import { print, showPlan, showRun } from '../show.ts';
import { withLedger } from '../wire.ts';
import { type AddCommand, examples, type FormatFlag, flagsOf, formatOption } from './command.ts';

export const addReport: AddCommand = (program, exit) => {
  program
    .command('report')
    .argument('<run>', 'the id of a run, or of a plan')
    .description('show again what a run did, or what a plan would do, from the ledger alone')
    .option('--keys', 'of a plan: the key of every record that it lists, as CSV')
    .addOption(formatOption())
    .addHelpText(
      'after',
      examples(
        'retention report run-20261122T021500Z-4d5e6f',
        'retention report run-20261122T021500Z-4d5e6f --format json',
        'retention report plan-20261122T021500Z-1a2b3c --keys > due.csv',
      ),
    )
    .action(async (id: string, options: FormatFlag & { keys?: boolean }, command) => {
      await withLedger(flagsOf(command), async ledger => {
        if (!id.startsWith('plan-')) await showRun(ledger, id, options.format);
        else {
          const { plan } = await findPlan(ledger, id);
          if (options.keys === true) for await (const lines of keysReport(plan, ledger)) print(lines);
          else showPlan(plan, options.format, 'dry-run', []);
        }
        exit(EXIT.done);
      });
    });
};
