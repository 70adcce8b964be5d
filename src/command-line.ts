// The command line: names the commands, and turns errors into messages and exit codes.
import { Command, CommanderError } from 'commander';
import { addAudit } from './commands/audit.ts';
import { addCoverage } from './commands/coverage.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEnforce } from './commands/enforce.ts';
import { addExplain } from './commands/explain.ts';
import { addHold } from './commands/hold.ts';
import { addLedger } from './commands/ledger.ts';
import { addOrphans } from './commands/orphans.ts';
import { addPause } from './commands/pause.ts';
import { addPlan } from './commands/plan.ts';
import { addRehearse } from './commands/rehearse.ts';
import { addReplay } from './commands/replay.ts';
import { addReport } from './commands/report.ts';
import { addResume } from './commands/resume.ts';
import { addRun } from './commands/run.ts';
import { addUpgrade } from './commands/upgrade.ts';
import { addValidate } from './commands/validate.ts';
import { addWorker } from './commands/worker.ts';
import { EXIT, type ExitCode, RetentionError } from './errors.ts';
import { errorReport } from './report/error-report.ts';

const program = new Command('retention')
  .description("Enforces retention policies on the stores that hold a telecom's records, and proves it.")
  .option('--policies <folder>', "the owner's folder (RETENTION_POLICIES)")
  .option('--jobs <folder>', "the operator's folder (RETENTION_JOBS)")
  .option('--ledger <file or url>', 'where plans, holds and the audit log are (RETENTION_LEDGER)')
  .option('--quiet', 'only errors and what was asked for')
  .addHelpText(
    'after',
    `
Exit codes:
  0  done
  1  failed
  2  wrong usage or configuration
  3  refused by a limit or guard, with nothing touched
  4  done, but some records could not be disposed of
  5  the audit log does not verify, or a rehearsal found what no plan named
`,
  )
  .configureHelp({ showGlobalOptions: true })
  .exitOverride()
  .showHelpAfterError('(see --help)');

// Whoever reads the report may stop reading (`retention report ID | head`): what the run has begun goes on all the same.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

let exitCode: ExitCode = EXIT.done;
const exit = (code: ExitCode): void => {
  exitCode = code;
};

for (const add of [
  addValidate,
  addDoctor,
  addCoverage,
  addOrphans,
  addPlan,
  addEnforce,
  addRun,
  addReplay,
  addRehearse,
  addPause,
  addResume,
  addExplain,
  addReport,
  addHold,
  addAudit,
  addLedger,
  addUpgrade,
  addWorker,
])
  add(program, exit);
inheritExit(program);

try {
  await program.parseAsync();
} catch (error) {
  exitCode = report(error);
}
process.exitCode = exitCode;

/** Subcommands do not inherit `exitOverride` once they are made. */
function inheritExit(command: Command): void {
  for (const one of command.commands) {
    one.exitOverride().configureHelp({ showGlobalOptions: true });
    inheritExit(one);
  }
}

function report(error: unknown): ExitCode {
  // Commander has printed its own message: what is left is the code. Help that was asked for is no mistake.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  process.stderr.write(errorReport(error));
  return error instanceof RetentionError ? error.exitCode : EXIT.failed;
}
