// The benchmark: the product against what people use today, on data and a server of its own, every run checked.
//   npm run bench -- --rows 5000000 --against pt-archiver --json bench.json
// A missed target is a figure like any other; the exit code is 1 only when a run was wrong or could not be made.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { productionOptions } from './bench/bench-server.ts';
import { ensurePtArchiver } from './bench/ensure-pt-archiver.ts';
import { thisMachine, versions } from './bench/machine.ts';
import { type Options, readOptions } from './bench/options.ts';
import { calendarAt } from './bench/period.ts';
import { type BenchFile, SHAPE } from './bench/result.ts';
import { say } from './bench/say.ts';
import { type Setup, type Suite, type SuiteResult, unmeasured } from './bench/suite.ts';
import { suites } from './bench/suites.ts';
import { textTable } from './bench/text-table.ts';
import { AGAINST_ARCHIVER, MEASURES } from './bench/titles.ts';

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const wanted = options.only ?? MEASURES;
  if (wanted.some(name => AGAINST_ARCHIVER.includes(name))) ensurePtArchiver();
  const begun = new Date();
  const machine = thisMachine();
  const fileOf = (results: readonly SuiteResult[]): BenchFile => ({
    shape: SHAPE,
    madeAt: begun.toISOString(),
    finishedAt: new Date().toISOString(),
    command: `npm run bench -- ${args.join(' ')}`.trim(),
    rows: options.rows,
    rounds: options.rounds,
    seed: options.seed,
    machine,
    versions: versions(),
    serverOptions: productionOptions(options.rows),
    runs: results.flatMap(result => result.runs),
    measures: results.flatMap(result => result.measures),
  });
  const results = await inWorkFolder(options, work =>
    actAll(
      {
        work,
        calendar: calendarAt(begun.getTime()),
        rows: options.rows,
        rounds: options.rounds,
        seed: options.seed,
        seconds: options.seconds,
        wanted,
      },
      // After each suite: one that is cut off after an hour has lost no more than the last.
      soFar => {
        if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(fileOf(soFar), null, 2)}\n`);
      },
    ),
  );
  const file = fileOf(results);
  process.stdout.write(textTable(file));
  if (file.measures.some(measure => measure.status === 'wrong')) process.exitCode = 1;
}

async function actAll(
  setup: Setup,
  onResults: (soFar: readonly SuiteResult[]) => void,
): Promise<readonly SuiteResult[]> {
  const results: SuiteResult[] = [];
  for (const suite of suites) {
    const wanted = suite.measures.filter(name => setup.wanted.includes(name));
    if (wanted.length === 0) continue;
    results.push(await act(suite, { ...setup, wanted }));
    onResults(results);
  }
  return results;
}

/** A suite that went wrong takes its own measures with it, and no others. */
async function act(suite: Suite, setup: Setup): Promise<SuiteResult> {
  say(`${suite.name}: ${setup.wanted.join(', ')}`);
  try {
    return await suite.act(setup);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    say(`  wrong: ${why}`);
    return { runs: [], measures: setup.wanted.map(name => unmeasured(name, 'wrong', why)) };
  }
}

async function inWorkFolder<Result>(
  { work }: Options,
  use: (work: string) => Promise<Result>,
): Promise<Result> {
  if (work !== null) {
    mkdirSync(work, { recursive: true });
    return use(resolve(work));
  }
  const folder = mkdtempSync(join(tmpdir(), 'retention-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  try {
    return await use(folder);
  } finally {
    remove();
  }
}

// An interrupted benchmark goes through `exit`, where servers are ended and folders removed.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

await main(process.argv.slice(2));
