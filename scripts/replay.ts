// Replays a run by hand: finds what it disposed of and has come back, and with --enforce disposes of it again.
//   npm run replay -- RUN [--enforce] [--format json]
import { parseArgs } from 'node:util';
import { EXIT, RetentionError } from '../src/errors.ts';
import { errorReport } from '../src/report/error-report.ts';
import { replayRun } from '../src/run-job.ts';
import { stopSignal } from '../src/stop-signal.ts';
import { type Wired, withEnforcing, withWired } from '../src/wire.ts';

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { enforce: { type: 'boolean', default: false }, format: { type: 'string', default: 'text' } },
  });
  const [run] = positionals;
  const { format } = values;
  if (run === undefined || (format !== 'text' && format !== 'json' && format !== 'csv')) {
    throw new RetentionError(
      'usage-invalid',
      'name the run to replay',
      'npm run replay -- RUN [--enforce] [--format text|json|csv]',
    );
  }
  const signal = stopSignal();
  const replay = (wired: Wired) => replayRun(wired, run, signal, { enforce: values.enforce, format });
  process.exitCode = await (values.enforce ? withEnforcing({}, replay) : withWired({}, 'refuse', replay));
} catch (error) {
  process.stderr.write(errorReport(error));
  process.exitCode = error instanceof RetentionError ? error.exitCode : EXIT.failed;
}
