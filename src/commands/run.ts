import { EXIT } from '../errors.ts';
import { verifyAudit } from '../ledger/verify-audit.ts';
import type { Format } from '../report/plan-report.ts';
import { verifyReport } from '../report/verify-report.ts';
import { runJob } from '../run-job.ts';
import { print } from '../show.ts';
import { stopSignal } from '../stop-signal.ts';
import { type Wired, withEnforcing } from '../wire.ts';
import { type AddCommand, examples, type FormatFlag, flagsOf, formatOption } from './command.ts';

export const addRun: AddCommand = (program, exit) => {
  program
    .command('run')
    .argument('<job>', 'the job to run')
    .description('plan a job and, if its mode is enforce, enforce the plan: what cron and Kubernetes call')
    .option('--verify', 'then re-derive the whole audit log, and exit with 5 if it does not hold')
    .addOption(formatOption())
    .addHelpText(
      'after',
      examples(
        'retention run nightly',
        'retention run nightly --verify',
        'retention run weekly-report --format json',
      ),
    )
    .action(async (name: string, options: FormatFlag & { verify?: boolean }, command) => {
      const signal = stopSignal();
      await withEnforcing(flagsOf(command), async wired => {
        const code = await runJob(wired, name, signal, options.format);
        exit(options.verify === true && !(await verifies(wired, options.format)) ? EXIT.unverified : code);
      });
    });
};

/** Programs get one document, the report of the run: to them the exit code says whether the log holds. */
async function verifies({ ledger, log }: Wired, format: Format): Promise<boolean> {
  const verification = await verifyAudit(ledger);
  if (format === 'text') print(verifyReport(verification, format));
  const { broken, entries } = verification;
  if (broken === null) return true;
  log.error('the audit log does not verify', { entries, entry: broken.seq, why: broken.why });
  return false;
}
