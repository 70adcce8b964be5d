import { RetentionError } from '../errors.ts';
import { exitCodeOfPlan } from '../exit-codes.ts';
import { planJob } from '../run-job.ts';
import { showPlan } from '../show.ts';
import { withWired } from '../wire.ts';
import { type AddCommand, examples, type FormatFlag, flagsOf, formatOption } from './command.ts';

export const addPlan: AddCommand = (program, exit) => {
  program
    .command('plan')
    .argument('<job>', 'the job to plan for')
    .description('dry run: read the stores, save a plan, and show what enforcing it would do')
    .option(
      '--as-of <instant>',
      'plan as if it were this instant (ISO 8601); a plan for a later day is for looking at only',
    )
    .addOption(formatOption())
    .addHelpText(
      'after',
      examples(
        'retention plan nightly',
        'retention plan nightly --format csv > due.csv',
        'retention plan nightly --as-of 2027-01-01T00:00:00Z',
      ),
    )
    .action(async (name: string, options: FormatFlag & { asOf?: string }, command) => {
      const asOfMs = options.asOf === undefined ? null : readInstant(options.asOf);
      await withWired(flagsOf(command), 'make', async wired => {
        const plan = await planJob(wired, wired.job(name), asOfMs === null ? {} : { asOfMs });
        showPlan(plan, options.format, 'dry-run', wired.config.policySet.subProcessors);
        exit(exitCodeOfPlan(plan));
      });
    });
};

function readInstant(text: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new RetentionError(
    'usage-invalid',
    `"${text}" is not an instant`,
    'Write 2027-01-01 or 2027-01-01T02:15:00Z',
  );
}
