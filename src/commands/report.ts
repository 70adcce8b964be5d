import { EXIT, RetentionError } from '../errors.ts';
import { sumRun } from '../ledger/sum-run.ts';
import { planReport } from '../report/plan-report.ts';
import { type RunReportInput, runReport } from '../report/run-report.ts';
import { findPlan } from '../run-job.ts';
import { type Wired, withWired } from '../wire.ts';
import { type AddCommand, examples, type FormatFlag, flagsOf, formatOption, print } from './command.ts';

export const addReport: AddCommand = (program, exit) => {
  program
    .command('report')
    .argument('<run>', 'the id of a run, or of a plan')
    .description('show again what a run did, or what a plan would do, from the ledger alone')
    .addOption(formatOption())
    .addHelpText(
      'after',
      examples(
        'retention report run-20261122T021500Z-4d5e6f',
        'retention report run-20261122T021500Z-4d5e6f --format json',
      ),
    )
    .action(async (id: string, options: FormatFlag, command) => {
      await withWired(flagsOf(command), async wired => {
        const isPlan = id.startsWith('plan-');
        print(
          isPlan
            ? planReport(
                {
                  plan: (await findPlan(wired, id)).plan,
                  subProcessors: wired.config.policySet.subProcessors,
                },
                options.format,
              )
            : runReport(await loadRun(wired, id), options.format),
        );
        exit(EXIT.done);
      });
    });
};

/** Everything that the report of a run is drawn from. */
export async function loadRun(wired: Wired, id: string): Promise<RunReportInput> {
  const { ledger } = wired;
  const run = await ledger.runs.find(id);
  if (run === null) {
    const newest = (await ledger.runs.list(5)).map(one => one.id).join(', ');
    throw new RetentionError(
      'not-found',
      `there is no run "${id}" in this ledger`,
      newest === '' ? 'Nothing was enforced under it yet' : `The newest are ${newest}`,
    );
  }
  const { plan } = await findPlan(wired, run.plan);
  return { run, plan, sum: await sumRun(ledger.audit, id), head: await ledger.audit.head() };
}
